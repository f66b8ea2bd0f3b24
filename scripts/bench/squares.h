/* The square of sums on matrix tiles (kernels/tiled.h), by itself. */
#ifndef BENCH_SQUARES_H
#define BENCH_SQUARES_H

#include "measure.h"

/* Adds one that works from the first level, of so many bytes; returns how many
   were added: none where the processor has no such tiles. */
size_t bench_add_square(bench_item *item, size_t first_level, unsigned threads);

/* Its line of JSON. */
void bench_print_square(const bench_item *item, unsigned threads);

#endif
