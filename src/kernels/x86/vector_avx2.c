/* The elementwise kernels for processors with AVX2 and FMA, and their set. */
#define FMA(a, b, c) fmaf(a, b, c)
#include "kernels/pack_body.h"
#include "kernels/sets.h"
#include "kernels/vector_body.h"

const mnist_kernels mnist_kernels_avx2 = {
    .name = "avx2",
    .wide = {MNIST_WIDE_AVX2},
    .narrow = {MNIST_NARROW_AVX2},
    .packed = {MNIST_PACKED_AVX2},
    PACK_KERNELS,
    .pictures = &mnist_pictures_avx2,
    VECTOR_KERNELS,
};
