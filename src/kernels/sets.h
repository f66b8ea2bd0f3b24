/* The sets of this build, for cpu.c; a set's vector file makes it whole. */
#ifndef KERNELS_SETS_H
#define KERNELS_SETS_H

#include "kernels/kernels.h"

extern const mnist_kernels mnist_kernels_portable;

#if defined(__x86_64__)
extern const mnist_kernels mnist_kernels_avx2;
extern const mnist_kernels mnist_kernels_avx512;

void mnist_tile_avx2(size_t K, const float *a, const float *b, float *c,
                     size_t c_row, bool accumulate);
void mnist_tile_avx512(size_t K, const float *a, const float *b, float *c,
                       size_t c_row, bool accumulate);
enum {
    MNIST_TILE_AVX2_ROWS = 6,
    MNIST_TILE_AVX2_COLS = 16,
    MNIST_TILE_AVX512_ROWS = 8,
    MNIST_TILE_AVX512_COLS = 32
};
#endif

void mnist_tile_portable(size_t K, const float *a, const float *b, float *c,
                         size_t c_row, bool accumulate);
enum { MNIST_TILE_PORTABLE_ROWS = 4, MNIST_TILE_PORTABLE_COLS = 8 };

#endif
