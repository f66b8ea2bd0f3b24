/*
 * ReLU, in place.
 *
 *     y  = max(x, 0)
 *     dx = dy where y > 0, else 0
 *
 * At x = 0 the derivative is taken as 0, as Keras and PyTorch do; NaN passes.
 * Source: Nair, Hinton, "Rectified linear units improve restricted Boltzmann
 * machines", ICML 2010.
 */
#include "layers/elementwise.h"
#include "layers/kinds.h"

static void relu_forward(const mnist_layer *layer, const mnist_pass *pass,
                         const float *x, float *y)
{
    mnist_elementwise_forward(layer, pass, pass->engine->kernels->relu, x, y);
}

static void relu_backward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, const float *y, float *dy, float *dx,
                          float *const *gradient)
{
    (void)x;
    (void)gradient;
    mnist_elementwise_backward(layer, pass,
                               pass->engine->kernels->relu_backward, y, dy, dx);
}

const mnist_layer_kind mnist_layer_relu = {
    .keyword = "relu",
    .name = "relu",
    .title = "ReLU",
    .grammar = "relu",
    .activation = true,
    .in_place = true,
    .forward = relu_forward,
    .backward = relu_backward,
};
