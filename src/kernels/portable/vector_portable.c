/* The elementwise kernels for any processor, and the portable set. */
#include "kernels/portable/fma_portable.h"
#define FMA(a, b, c) fma_portable(a, b, c)
#include "kernels/pack_body.h"
#include "kernels/sets.h"
#include "kernels/vector_body.h"

float mnist_exp_portable(float x)
{
    return exp_nonpositive(x);
}

float mnist_log_portable(float x)
{
    return log_positive(x);
}

float mnist_fma_portable(float a, float b, float c)
{
    return fma_portable(a, b, c);
}

const mnist_kernels mnist_kernels_portable = {
    .name = "portable",
    .wide = {MNIST_WIDE_PORTABLE},
    .narrow = {MNIST_NARROW_PORTABLE},
    .packed = {MNIST_PACKED_PORTABLE},
    PACK_KERNELS,
    .pictures = &mnist_pictures_portable,
    VECTOR_KERNELS,
};
