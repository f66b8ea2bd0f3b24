/* What the two halves of a convolution share: conv2d.c has y and dx,
   conv2d_gradient.c dw and db. */
#ifndef LAYERS_CONV2D_H
#define LAYERS_CONV2D_H

#include "kernels/pictures.h"
#include "layers/layer.h"

/* The sizes by their names in conv2d.c, and the arrays of one pass. */
typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    size_t blocks, H, W, C, OH, OW, KH, KW, E, F;
    size_t x_row, y_row;     /* floats of a row of pixels */
    size_t x_block, y_block; /* floats of a block */
    const float *x, *dy;
    float *y, *dx;
} mnist_conv2d_job;

/* A job on x; y, dy and dx are still to be set. */
mnist_conv2d_job mnist_conv2d_describe(const mnist_layer *layer,
                                       const mnist_pass *pass, const float *x);

/* Values in a window, KH KW C. */
static inline size_t mnist_conv2d_elements(const mnist_layer *layer)
{
    return layer->height * layer->width * layer->in.c;
}

/* In mnist_layer_kind: the memory that learn takes, and learn. */
size_t mnist_conv2d_scratch(const mnist_layer *layer, size_t N);
size_t mnist_conv2d_shared(const mnist_layer *layer, size_t N);
void mnist_conv2d_learn(const mnist_layer *layer, const mnist_pass *pass,
                        const float *x, const float *dy,
                        const mnist_sink *sink);

#endif
