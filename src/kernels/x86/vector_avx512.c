/* The elementwise kernels for processors with AVX-512, and their set. */
#define FMA(a, b, c) fmaf(a, b, c)
#include "kernels/sets.h"
#include "kernels/vector_body.h"

const mnist_kernels mnist_kernels_avx512 = {
    .name = "avx512",
    .wide = {MNIST_WIDE_AVX512},
    .narrow = {MNIST_NARROW_AVX512},
    .packed = {MNIST_PACKED_AVX512},
    .used = mnist_used_avx512,
    .pack_rows = mnist_pack_rows_avx512,
    .pack_columns = mnist_pack_columns_avx512,
    .pictures = &mnist_pictures_avx512,
    VECTOR_KERNELS,
};
