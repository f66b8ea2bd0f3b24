/* A curve in a line of text: a block of one of eight heights for each value. */
#ifndef CLI_SPARKLINE_H
#define CLI_SPARKLINE_H

#include <stddef.h>
#include <stdio.h>

/* From the lowest value to the highest. More than `cells` of them are averaged,
   so that at most so many cells are printed. The values are finite. */
void cli_sparkline(FILE *out, const double *values, size_t count, size_t cells);

#endif
