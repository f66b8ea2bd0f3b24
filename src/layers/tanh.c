/*
 * Hyperbolic tangent.
 *
 *     y  = tanh(x)
 *     dx = dy (1 - y^2)
 *
 * Source: Bishop, Pattern Recognition and Machine Learning, eq. 5.59.
 */
#include "layers/kinds.h"

static void tanh_forward(const mnist_kernels *kernels, size_t n, float *y)
{
    kernels->tanh(n, y, y);
}

static void tanh_backward(const mnist_kernels *kernels, size_t n,
                          const float *y, const float *dy, float *dx)
{
    (void)kernels;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}

static const mnist_values values = {tanh_forward, tanh_backward};

const mnist_layer_kind mnist_layer_tanh = {
    .keyword = "tanh",
    .name = "tanh",
    .title = "Tanh",
    .grammar = "tanh",
    .activation = true,
    .in_place = true,
    .values = &values,
};
