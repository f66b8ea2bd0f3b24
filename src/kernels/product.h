/*
 * Matrix products: the loops around the inner tile, once for all processors.
 *
 *     c[i][j] = sum over t of a[i][term t] b[term t][j]
 *
 * Each element is one chain of fma over the terms in order (or some chains, see
 * `chains`), whatever the tile, so the result does not depend on the kernels or
 * the number of threads. It goes to where c lies, or tile by tile to a function
 * that takes it while it is in the cache.
 */
#ifndef KERNELS_PRODUCT_H
#define KERNELS_PRODUCT_H

#include "base/threads.h"
#include "kernels/kernels.h"

/*
 * Windows of height x width on pictures of H x W x C, stride 1, all of them
 * inside. Patch number p of a row of pictures is the window at (oy, ox) of
 * picture n, p = (n * OH + oy) * OW + ox with OH = H - height + 1 and
 * OW = W - width + 1; element number e of it is the value at (ky, kx, c),
 * e = (ky * width + kx) * C + c.
 */
typedef struct mnist_window {
    size_t H, W, C, height, width;
} mnist_window;

/* Where item number i of something lies, in floats from its beginning. */
typedef struct mnist_axis {
    enum { MNIST_AXIS_STRIDE, MNIST_AXIS_PATCHES, MNIST_AXIS_ELEMENTS } kind;
    size_t stride;              /* STRIDE: i * stride */
    const mnist_window *window; /* else: patch, or element, number i */
} mnist_axis;

mnist_axis mnist_axis_stride(size_t floats);
mnist_axis mnist_axis_patches(const mnist_window *window);
mnist_axis mnist_axis_elements(const mnist_window *window);

/* term[t] = where items t of the axes of a and b lie, for t = 0 .. K-1. */
void mnist_terms(size_t K, mnist_axis a, mnist_axis b, mnist_term *term);

/* Rows i .. i+rows-1 and columns j .. j+cols-1 of c, at c[r * c_row + q]; may
   be changed by who takes them. */
typedef struct mnist_product_block {
    size_t i, rows, j, cols;
    float *c;
    size_t c_row;
    bool zero; /* there were no terms: all of it is 0 */
} mnist_product_block;

typedef struct mnist_product {
    const float *a; /* row i begins at a + its place on `rows` */
    mnist_axis rows;
    const float *b; /* columns are neighbours */

    /* The terms, the same for all rows; or, where `count` is given, for rows
       4g .. 4g+3 the count[g] terms at term + g * term_row. */
    const mnist_term *term;
    size_t K;
    const uint32_t *count;
    size_t term_row;

    /* Where chains > 1, the sum is made of that many chains of K terms, added
       up in order; a and b go on by a_step and b_step from one to the next, and
       the last chain has K_last terms. */
    size_t chains, K_last, a_step, b_step;

    float *c; /* rows are c_row floats apart; NULL: to take */
    size_t c_row;
    void (*take)(void *context, const mnist_product_block *part);
    void *context;
} mnist_product;

/* The tile that suits a c of N columns. */
const mnist_tile *mnist_product_tile(const mnist_kernels *kernels, size_t N);

/* Rows that share a list of terms, where there are lists: the wide tile's. */
enum { MNIST_LIST_ROWS = 4 };

/*
 * Computes some rows and columns of c, on the calling thread, with this tile.
 * With lists the tile must be the wide one, and rows begin at a multiple of 4.
 */
void mnist_product_run(const mnist_product *product, const mnist_tile *tile,
                       mnist_range rows, mnist_range cols);

#endif
