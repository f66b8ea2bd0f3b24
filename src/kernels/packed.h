/*
 * Products whose left side is images, which are mostly zeros.
 *
 * Adding 0 * b by fma changes no sum as long as b is finite, so where all rows
 * of a tile have a 0 the term need not be computed: of the pixels of MNIST four
 * in five are 0. Packed, a matrix is a list for each group of MNIST_PACKED_ROWS
 * rows: the terms at which one of them is not 0, and their values there side by
 * side, in the order in which the tile reads them.
 *
 * Where a weight is infinite or NaN, 0 times it is not seen then; which terms
 * are left out is the same for all kernels and threads even so, and such
 * weights are never saved.
 */
#ifndef KERNELS_PACKED_H
#define KERNELS_PACKED_H

#include "base/threads.h"
#include "kernels/product.h"

/*
 * Group first + g has count[g] terms, at most `most`. Term t of it is number
 * at[g * most + t] of the sum, and its values are the MNIST_PACKED_ROWS floats
 * from value + (g * most + t) * MNIST_PACKED_ROWS. Where rows were put into
 * another order, packed row r is row[r] of the matrix.
 */
typedef struct mnist_packed {
    float *value;
    uint32_t *at, *count, *row;
    size_t most;
    size_t first; /* 0 but where there is not room for all groups at once */
} mnist_packed;

/* The groups that so many rows make. */
size_t mnist_packed_groups(size_t rows);

/* Bytes that a matrix of `rows` rows and sums of K terms takes. */
size_t mnist_packed_bytes(size_t rows, size_t K);

/* Cuts it out of a block of memory of that size, 64-byte aligned. */
mnist_packed mnist_packed_place(void *memory, size_t rows, size_t K);

/* Has pixels on their way before they are wanted: shuffled images lie where no
   processor expects them. */
static inline void mnist_ask_for(const uint8_t *pixels, size_t count)
{
    enum { LINE = 64 };
    for (size_t i = 0; i < count; i += LINE)
        __builtin_prefetch(pixels + i);
}

/*
 * Packs groups of the rows of N images of K pixels: sums over k. Images that
 * have much in common go into one group, for then there is less that one of
 * them has; row[] tells where. Rows that a last group lacks are its last row
 * again.
 */
void mnist_pack_image_rows(const mnist_packed *packed, mnist_range groups,
                           const mnist_images *images,
                           const mnist_kernels *kernels, size_t N, size_t K);

/* Packs groups of their columns, from `first` on: sums over n. Columns that a
   last group lacks are 0. They keep their order, and row[] is left as it was.
 */
void mnist_pack_image_columns(const mnist_packed *packed, mnist_range groups,
                              const mnist_images *images,
                              const mnist_kernels *kernels, size_t N, size_t K);

/*
 *     c[i][j] = sum over the terms t of row i of value[i][t] b[at[t]][j]
 *
 * in the order of the terms, for c of `rows` x `cols`: some packed rows at a
 * time, to a function that takes them while they are in the cache.
 */
typedef struct mnist_packed_product {
    const mnist_packed *a;
    size_t rows;
    const float *b;     /* rows are b_row floats apart */
    size_t b_row, cols; /* no more than MNIST_TILE_COLS */
    void (*take)(void *context, const mnist_product_block *part);
    void *context;
} mnist_packed_product;

/* Computes the rows of some groups, on the calling thread. */
void mnist_packed_run(const mnist_packed_product *product,
                      const mnist_kernels *kernels, mnist_range groups);

#endif
