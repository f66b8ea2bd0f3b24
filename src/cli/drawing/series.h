/*
 * Numbers that come one by one, kept in a fixed room: when it is full,
 * neighbours become their mean, and from then on a value stands for twice as
 * many numbers.
 */
#ifndef CLI_SERIES_H
#define CLI_SERIES_H

#include <stddef.h>

enum { CLI_SERIES_ROOM = 512 };

/* {0} is an empty one. */
typedef struct cli_series {
    double value[CLI_SERIES_ROOM]; /* means of `stride` numbers each */
    size_t count;
    size_t stride;        /* 1, 2, 4, ... once there are values */
    double first, latest; /* numbers, as they came */
    double sum;           /* of the numbers that make no value yet, */
    size_t begun;         /* and how many those are */
} cli_series;

void cli_series_add(cli_series *series, double number);

#endif
