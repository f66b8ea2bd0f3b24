/* The packing of images for a dense layer (kernels/packed.h), by itself. */
#ifndef BENCH_PACKING_H
#define BENCH_PACKING_H

#include "kernels/packed.h"

/* N images of K pixels, J units; memory of bench_packing_bytes. */
typedef struct bench_packing {
    const mnist_images *images;
    size_t N, K, J;
    void *memory;
} bench_packing;

size_t bench_packing_bytes(size_t N, size_t K);

/* Packs on all threads: rows, as the forward product takes them, or columns,
   for the gradient. */
void bench_pack_rows(mnist_pool *pool, bench_packing *packing);
void bench_pack_columns(mnist_pool *pool, bench_packing *packing);

/* Operations that are left of the product, once rows or columns are packed. */
double bench_flop_of_rows(const bench_packing *packing);
double bench_flop_of_columns(const bench_packing *packing);

#endif
