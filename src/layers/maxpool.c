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

#include <string.h>

/* Where the largest value of a window lies, from its corner; C channels apart
   along a row of W. */
static size_t find_largest(const mnist_layer *layer, const float *corner)
{
    size_t W = layer->in.w, C = layer->in.c, best = 0;
    for (size_t py = 0; py < layer->height; py++)
        for (size_t px = 0; px < layer->width; px++) {
            size_t at = (py * W + px) * C;
            if (corner[at] > corner[best] ||
                (corner[at] != corner[at] && corner[best] == corner[best]))
                best = at;
        }
    return best;
}

static size_t corner_of(const mnist_layer *layer, size_t oy, size_t ox)
{
    return (oy * layer->height * layer->in.w + ox * layer->width) * layer->in.c;
}

static void forward_image(const mnist_layer *layer, const float *x, float *y)
{
    for (size_t oy = 0; oy < layer->out.h; oy++)
        for (size_t ox = 0; ox < layer->out.w; ox++)
            for (size_t c = 0; c < layer->in.c; c++) {
                const float *corner = x + corner_of(layer, oy, ox) + c;
                *y++ = corner[find_largest(layer, corner)];
            }
}

static void backward_image(const mnist_layer *layer, const float *x, float *dy,
                           float *dx)
{
    memset(dx, 0, mnist_shape_size(layer->in) * sizeof *dx);
    for (size_t oy = 0; oy < layer->out.h; oy++)
        for (size_t ox = 0; ox < layer->out.w; ox++)
            for (size_t c = 0; c < layer->in.c; c++) {
                size_t corner = corner_of(layer, oy, ox) + c;
                dx[corner + find_largest(layer, x + corner)] = *dy++;
            }
}

static void maxpool_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    mnist_pooling_forward(layer, pass, forward_image, x, y);
}

static void maxpool_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, const float *y, float *dy,
                             float *dx, const mnist_sink *sink)
{
    (void)y;
    (void)sink;
    mnist_pooling_backward(layer, pass, backward_image, x, dy, dx);
}

const mnist_layer_kind mnist_layer_maxpool = {
    .keyword = "maxpool",
    .name = "max_pooling2d",
    .title = "MaxPooling2D",
    .grammar = "maxpool:PHxPW",
    .parse = mnist_pooling_parse,
    .shape = mnist_pooling_shape,
    .forward = maxpool_forward,
    .backward = maxpool_backward,
};
