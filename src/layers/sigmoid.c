/*
 * Sigmoid.
 *
 *     y  = 1 / (1 + exp(-x))
 *     dx = dy y (1 - y)
 *
 * Source: Bishop, Pattern Recognition and Machine Learning, eq. 4.59, 4.88.
 */
#include "layers/kinds.h"

static void sigmoid_forward(const mnist_kernels *kernels, size_t n, float *y)
{
    kernels->sigmoid(n, y, y);
}

static void sigmoid_backward(const mnist_kernels *kernels, size_t n,
                             const float *y, const float *dy, float *dx)
{
    (void)kernels;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (y[i] * (1.0f - y[i]));
}

static const mnist_values values = {sigmoid_forward, sigmoid_backward};

const mnist_layer_kind mnist_layer_sigmoid = {
    .keyword = "sigmoid",
    .name = "sigmoid",
    .title = "Sigmoid",
    .grammar = "sigmoid",
    .activation = true,
    .in_place = true,
    .values = &values,
};
