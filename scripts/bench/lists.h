/* The lists of zeros of a dense layer (layers/zeros.h), by themselves. */
#ifndef BENCH_LISTS_H
#define BENCH_LISTS_H

#include "base/threads.h"

#include <stddef.h>

/* x is N x K, the layer has J units; memory of bench_lists_bytes. */
typedef struct bench_lists {
    const float *x;
    size_t N, K, J;
    void *memory;
} bench_lists;

size_t bench_lists_bytes(size_t N, size_t K);

/* Makes the lists on all threads: of rows, which the forward product leaves
   zeros out by, or of columns, for the gradient. */
void bench_lists_of_rows(mnist_pool *pool, bench_lists *lists);
void bench_lists_of_columns(mnist_pool *pool, bench_lists *lists);

/* Operations that these lists leave of the product. */
double bench_lists_flop_of_rows(const bench_lists *lists);
double bench_lists_flop_of_columns(const bench_lists *lists);

#endif
