/*
 * Hyperbolic tangent, in place.
 *
 *     y  = tanh(x)
 *     dx = dy (1 - y^2)
 *
 * Source: Bishop, Pattern Recognition and Machine Learning, eq. 5.59.
 */
#include "layers/elementwise.h"
#include "layers/kinds.h"

static void tanh_forward(const mnist_layer *layer, const mnist_pass *pass,
                         const float *x, float *y)
{
    mnist_elementwise_forward(layer, pass, pass->engine->kernels->tanh, x, y);
}

static void tanh_gradient(size_t n, const float *y, const float *dy, float *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}

static void tanh_backward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, const float *y, float *dy, float *dx,
                          float *const *gradient)
{
    (void)x;
    (void)gradient;
    mnist_elementwise_backward(layer, pass, tanh_gradient, y, dy, dx);
}

const mnist_layer_kind mnist_layer_tanh = {
    .keyword = "tanh",
    .name = "tanh",
    .title = "Tanh",
    .grammar = "tanh",
    .activation = true,
    .in_place = true,
    .forward = tanh_forward,
    .backward = tanh_backward,
};
