/*
 * Max pooling: each window of PH x PW, side by side, becomes its largest value.
 *
 *     y[n][oy][ox][c] = max over py, px of x[n][oy PH + py][ox PW + px][c]
 *     dx = dy of the window at its largest value, else 0
 *
 * Sizes are rounded down, as Keras' "valid". Of equal values the first, by py
 * and then px, gets the gradient; NaN counts as the largest.
 * Source: Scherer, Mueller, Behnke, "Evaluation of pooling operations in
 * convolutional architectures for object recognition", ICANN 2010.
 */
#include "layers/kinds.h"
#include "layers/pooling.h"

static void forward_line(const mnist_picture_kernels *kernels,
                         const mnist_windows *windows, const float *x, float *y)
{
    kernels->largest(windows, x, y);
}

static void backward_line(const mnist_picture_kernels *kernels,
                          const mnist_windows *windows, const float *x,
                          const float *dy, float *dx)
{
    kernels->largest_backward(windows, x, dy, dx);
}

static void maxpool_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    mnist_pooling_forward(layer, pass, forward_line, x, y);
}

static void maxpool_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, float *y, const float *dy,
                             float *dx)
{
    (void)y;
    mnist_pooling_backward(layer, pass, backward_line, x, dy, dx);
}

const mnist_layer_kind mnist_layer_maxpool = {
    .keyword = "maxpool",
    .name = "max_pooling2d",
    .title = "MaxPooling2D",
    .grammar = "maxpool:PHxPW",
    .blocks = true,
    .parse = mnist_pooling_parse,
    .shape = mnist_pooling_shape,
    .forward = maxpool_forward,
    .backward_blocks = maxpool_backward,
};
