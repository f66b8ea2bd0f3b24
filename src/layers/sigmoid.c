/*
 * Sigmoid, in place.
 *
 *     y  = 1 / (1 + exp(-x))
 *     dx = dy y (1 - y)
 *
 * Source: Bishop, Pattern Recognition and Machine Learning, eq. 4.59, 4.88.
 */
#include "layers/elementwise.h"
#include "layers/kinds.h"

static void sigmoid_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    mnist_elementwise_forward(layer, pass, pass->engine->kernels->sigmoid, x,
                              y);
}

static void sigmoid_gradient(size_t n, const float *y, const float *dy,
                             float *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (y[i] * (1.0f - y[i]));
}

static void sigmoid_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, const float *y, float *dy,
                             float *dx, float *const *gradient)
{
    (void)x;
    (void)gradient;
    mnist_elementwise_backward(layer, pass, sigmoid_gradient, y, dy, dx);
}

const mnist_layer_kind mnist_layer_sigmoid = {
    .keyword = "sigmoid",
    .name = "sigmoid",
    .title = "Sigmoid",
    .grammar = "sigmoid",
    .activation = true,
    .in_place = true,
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
};
