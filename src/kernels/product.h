/*
 * Matrix products: the loops around the inner tile, once for all processors.
 *
 *     c[i][j] = sum over k of a[i][k] b[k][j]
 *
 * Each element is one chain of fma over k in order, whatever the tile, so the
 * result does not depend on the kernels or the number of threads. It goes to
 * where c lies, or tile by tile to a function that takes it while it is in the
 * cache.
 */
#ifndef KERNELS_PRODUCT_H
#define KERNELS_PRODUCT_H

#include "base/threads.h"
#include "kernels/kernels.h"

/* Rows i .. i+rows-1 and columns j .. j+cols-1 of c, at c[r * c_row + q]; may
   be changed by who takes them. */
typedef struct mnist_product_block {
    size_t i, rows, j, cols;
    float *c;
    size_t c_row;
    bool zero; /* there was nothing to sum up: all of it is 0 */
} mnist_product_block;

typedef struct mnist_product {
    const float *a; /* (i, k) is a[i * a_row + k * a_step] */
    size_t a_row, a_step;
    const float *b; /* (k, j) is b[k * b_row + j] */
    size_t b_row;
    size_t K;

    float *c; /* rows are c_row floats apart; NULL: to take */
    size_t c_row;
    void (*take)(void *context, const mnist_product_block *part);
    void *context;
} mnist_product;

/* The tile that suits a c of N columns. */
const mnist_tile *mnist_product_tile(const mnist_kernels *kernels, size_t N);

/* Computes some rows and columns of c, on the calling thread, with this tile.
 */
void mnist_product_run(const mnist_product *product, const mnist_tile *tile,
                       mnist_range rows, mnist_range cols);

#endif
