/*
 * ReLU.
 *
 *     y  = max(x, 0)
 *     dx = dy where y > 0, else 0
 *
 * At x = 0 the derivative is taken as 0, as Keras and PyTorch do; NaN passes.
 * Source: Nair, Hinton, "Rectified linear units improve restricted Boltzmann
 * machines", ICML 2010.
 */
#include "layers/kinds.h"

static void relu_forward(const mnist_kernels *kernels, size_t n, float *y)
{
    kernels->relu(n, y, y);
}

static void relu_backward(const mnist_kernels *kernels, size_t n,
                          const float *y, const float *dy, float *dx)
{
    kernels->relu_backward(n, y, dy, dx);
}

static const mnist_values values = {relu_forward, relu_backward};

const mnist_layer_kind mnist_layer_relu = {
    .keyword = "relu",
    .name = "relu",
    .title = "ReLU",
    .grammar = "relu",
    .activation = true,
    .in_place = true,
    .values = &values,
};
