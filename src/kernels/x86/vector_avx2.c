/* The elementwise kernels for processors with AVX2 and FMA, and their set. */
#define FMA(a, b, c) fmaf(a, b, c)
#include "kernels/sets.h"
#include "kernels/vector_body.h"

const mnist_kernels mnist_kernels_avx2 = {
    .name = "avx2",
    .tile_rows = MNIST_TILE_AVX2_ROWS,
    .tile_cols = MNIST_TILE_AVX2_COLS,
    .tile = mnist_tile_avx2,
    VECTOR_KERNELS,
};
