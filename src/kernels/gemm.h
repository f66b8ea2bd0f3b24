/*
 * Matrix products: blocking, packing and edges once for all processors; only
 * the inner tile is written for each.
 *
 *     c[i][j] = chain over k = 0 .. K-1, ascending, from 0, of
 *               s = fma(a[i][k], b[k][j], s)
 *
 * Blocks of k pass their partial sums on through c in float32, which is the
 * same number as in a register, so the result does not depend on the blocking,
 * on the tile, or on the number of threads.
 */
#ifndef KERNELS_GEMM_H
#define KERNELS_GEMM_H

#include "kernels/engine.h"
#include "kernels/pack.h"

/* An operand: element (i, j) is data[i * row + j * col], so a transposed matrix
   is the same memory with row and col changed over. */
typedef struct mnist_matrix {
    const float *data;
    size_t row, col;
} mnist_matrix;

typedef struct mnist_gemm {
    size_t M, N, K;
    mnist_matrix a; /* M x K */
    mnist_matrix b; /* K x N */
    float *c;       /* M x N, written */
    size_t c_row;   /* floats from one row of c to the next */
} mnist_gemm;

/* Floats of packing memory that one thread needs. */
size_t mnist_gemm_packing(const mnist_kernels *kernels);

/* The part of c that a worker computes: rows and columns. The parts of all
   workers cover c without overlap. */
typedef struct mnist_block {
    mnist_range rows, cols;
} mnist_block;

/*
 * Computes a worker's part, inside a job of the engine's pool, and returns
 * which part that was, so that the job can go on with it while it is in the
 * cache. Neither a nor b may change, and nothing else of c may be touched, by
 * any worker, until the job is over.
 */
mnist_block mnist_gemm_part(const mnist_engine *engine, const mnist_gemm *gemm,
                            unsigned worker, unsigned workers);

/* The whole product, on all threads. */
void mnist_gemm_run(const mnist_engine *engine, const mnist_gemm *gemm);

/* ---- Products of patches ---- */

/*
 * c = a b with operands on any axes.
 *
 * in_blocks: the sum over k is made of chains of MNIST_CHAIN terms each, added
 * up in order: for the long sums of a convolution's gradient, where one chain
 * would lose digits.
 */
typedef struct mnist_product {
    mnist_operand a, b; /* rows and columns of c */
    float *c;           /* element (i, j) at c[i * c_row + j * c_col] */
    size_t c_row, c_col;
    size_t K;
    bool in_blocks;
} mnist_product;

/*
 * Computes a block of c, on the calling thread, in its packing memory. A block
 * with fewer columns than a vector is computed with its vectors across the
 * rows.
 */
void mnist_product_block(const mnist_engine *engine, const mnist_product *p,
                         mnist_block block, unsigned worker);

/* The same for a worker's part of a c of M x N; see mnist_gemm_part. */
mnist_block mnist_product_part(const mnist_engine *engine,
                               const mnist_product *p, size_t M, size_t N,
                               unsigned worker, unsigned workers);

#endif
