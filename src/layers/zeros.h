/*
 * Leaving out zeros. Adding 0 * b by fma changes no sum as long as b is finite,
 * so where all rows of a tile have a 0 the term need not be computed: of the
 * pixels of MNIST four in five are 0. Where a weight is infinite or NaN, 0
 * times it is not seen then; which terms are left out is the same for all
 * kernels and threads even so, and such weights are never saved.
 */
#ifndef LAYERS_ZEROS_H
#define LAYERS_ZEROS_H

#include "base/threads.h"
#include "kernels/product.h"

/* Lists of terms, one for each group of MNIST_LIST_ROWS rows: the terms of
   group g are term[g * row ...], count[g] of them. */
typedef struct mnist_lists {
    mnist_term *term;
    uint32_t *count;
    size_t row;
} mnist_lists;

/* Bytes that the lists for `rows` rows of up to K terms take. */
size_t mnist_lists_bytes(size_t rows, size_t K);

/* Cuts them out of a block of memory of that size, 8-byte aligned. */
mnist_lists mnist_lists_place(void *memory, size_t rows, size_t K);

/*
 * x is N x K. For each of the groups of rows of x: the k at which one of its
 * rows is not 0, as terms (k, k * b_row).
 */
void mnist_lists_of_rows(const mnist_lists *lists, mnist_range groups,
                         const float *x, size_t N, size_t K, size_t b_row);

/*
 * x is N x K. For each of the groups of columns of x: the n at which one of its
 * columns is not 0, as terms (n * K, n * b_row).
 */
void mnist_lists_of_columns(const mnist_lists *lists, mnist_range groups,
                            const float *x, size_t N, size_t K, size_t b_row);

#endif
