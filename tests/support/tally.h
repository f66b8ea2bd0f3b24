/*
 * What a check of reliability counts: its cases, and those that went wrong.
 * At its end each check prints the line that scripts/check-reliability.sh
 * reads:
 *
 *     reliability: bad-inputs: 1234 cases, 0 failures
 */
#ifndef SUPPORT_TALLY_H
#define SUPPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct tally {
    const char *name; /* lower-case words with hyphens */
    size_t cases, failures;
} tally;

/* Counts a case. Of the first failures, the text is printed to stderr. */
void tally_case(tally *t, bool right, const char *format, ...)
    __attribute__((__format__(__printf__, 3, 4)));

/* Prints the line; fails the running test if a case went wrong, or none was
   there. */
void tally_report(const tally *t);

/* 1, or how many cases stand for one that is run, where each takes so much
   longer (sanitizers, valgrind) that not all can be: $MNIST_CASE_STRIDE, else
   `otherwise` in a build with sanitizers. Says so on stdout if not 1. */
size_t tally_stride(const char *name, size_t otherwise);

/* The same, but no more than `most`: for cases of which each is of its kind. */
size_t tally_stride_most(const char *name, size_t most);

#endif
