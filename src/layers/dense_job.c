#include "layers/dense_job.h"

#include "layers/affine.h"

/* Multiples of a cache line, so that what follows begins with one. */
static size_t lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

size_t mnist_dense_shared(const mnist_layer *layer, size_t N)
{
    size_t I = layer->in.c, J = layer->units;
    return lines(mnist_packed_bytes(N, I)) + I * J * sizeof(float);
}

mnist_dense_job mnist_dense_describe(const mnist_layer *layer,
                                     const mnist_pass *pass, const float *x)
{
    size_t N = pass->N, I = layer->in.c, J = layer->units;
    char *transpose = (char *)pass->shared + lines(mnist_packed_bytes(N, I));
    return (mnist_dense_job){
        .layer = layer,
        .pass = pass,
        .kernels = pass->engine->kernels,
        .N = N,
        .I = I,
        .J = J,
        .packed = x == NULL,
        .w = mnist_affine_kernel(layer, I, J),
        .x = x,
        .images = mnist_packed_place(pass->shared, N, I),
        .transpose = (void *)transpose,
    };
}
