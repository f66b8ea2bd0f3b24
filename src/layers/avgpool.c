/*
 * Average pooling: each window of PH x PW, side by side, becomes its mean.
 *
 *     y[n][oy][ox][c] = sum over py, px of x[n][oy PH + py][ox PW + px][c],
 *                       / (PH PW)
 *     dx[...]         = dy of its window / (PH PW); 0 in no window
 *
 * Sizes are rounded down: what does not fill a window is left out, as Keras'
 * "valid". The sum runs over py, then px, ascending.
 * Source: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section II.B.
 */
#include "layers/kinds.h"
#include "layers/pooling.h"

static void forward_line(const mnist_picture_kernels *kernels,
                         const mnist_windows *windows, const float *x, float *y)
{
    kernels->average(windows, x, y);
}

static void backward_line(const mnist_picture_kernels *kernels,
                          const mnist_windows *windows, const float *x,
                          const float *dy, float *dx)
{
    (void)x;
    kernels->average_backward(windows, dy, dx);
}

static void avgpool_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    mnist_pooling_forward(layer, pass, forward_line, x, y);
}

static void avgpool_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, float *y, const float *dy,
                             float *dx)
{
    (void)y;
    mnist_pooling_backward(layer, pass, backward_line, x, dy, dx);
}

const mnist_layer_kind mnist_layer_avgpool = {
    .keyword = "avgpool",
    .name = "average_pooling2d",
    .title = "AveragePooling2D",
    .grammar = "avgpool:PHxPW",
    .blocks = true,
    .parse = mnist_pooling_parse,
    .shape = mnist_pooling_shape,
    .forward = avgpool_forward,
    .backward_blocks = avgpool_backward,
};
