/* The elementwise kernels for processors with AVX-512, and their set. */
#define FMA(a, b, c) fmaf(a, b, c)
#include "kernels/sets.h"
#include "kernels/vector_body.h"

const mnist_kernels mnist_kernels_avx512 = {
    .name = "avx512",
    .tile_rows = MNIST_TILE_AVX512_ROWS,
    .tile_cols = MNIST_TILE_AVX512_COLS,
    .tile = mnist_tile_avx512,
    VECTOR_KERNELS,
};
