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

#include <string.h>

static void add_pixel(size_t C, const float *x, float *y)
{
    for (size_t c = 0; c < C; c++)
        y[c] += x[c];
}

static void forward_image(const mnist_layer *layer, const float *x, float *y)
{
    size_t PH = layer->height, PW = layer->width, W = layer->in.w;
    size_t C = layer->in.c, count = mnist_shape_size(layer->out);
    float area = (float)(PH * PW);
    float *to = y;
    memset(y, 0, count * sizeof *y);
    for (size_t oy = 0; oy < layer->out.h; oy++)
        for (size_t ox = 0; ox < layer->out.w; ox++, to += C)
            for (size_t py = 0; py < PH; py++)
                for (size_t px = 0; px < PW; px++)
                    add_pixel(C, x + ((oy * PH + py) * W + ox * PW + px) * C,
                              to);
    for (size_t i = 0; i < count; i++)
        y[i] /= area;
}

static void backward_image(const mnist_layer *layer, const float *x, float *dy,
                           float *dx)
{
    (void)x;
    size_t PH = layer->height, PW = layer->width, W = layer->in.w;
    size_t C = layer->in.c, count = mnist_shape_size(layer->out);
    float area = (float)(PH * PW);
    for (size_t i = 0; i < count; i++)
        dy[i] /= area;
    memset(dx, 0, mnist_shape_size(layer->in) * sizeof *dx);
    for (size_t oy = 0; oy < layer->out.h; oy++)
        for (size_t ox = 0; ox < layer->out.w; ox++, dy += C)
            for (size_t py = 0; py < PH; py++)
                for (size_t px = 0; px < PW; px++)
                    memcpy(dx + ((oy * PH + py) * W + ox * PW + px) * C, dy,
                           C * sizeof *dx);
}

static void avgpool_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    mnist_pooling_forward(layer, pass, forward_image, x, y);
}

static void avgpool_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, const float *y, float *dy,
                             float *dx, const mnist_sink *sink)
{
    (void)y;
    (void)sink;
    mnist_pooling_backward(layer, pass, backward_image, x, dy, dx);
}

const mnist_layer_kind mnist_layer_avgpool = {
    .keyword = "avgpool",
    .name = "average_pooling2d",
    .title = "AveragePooling2D",
    .grammar = "avgpool:PHxPW",
    .parse = mnist_pooling_parse,
    .shape = mnist_pooling_shape,
    .forward = avgpool_forward,
    .backward = avgpool_backward,
};
