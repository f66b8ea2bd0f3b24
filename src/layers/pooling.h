/* What layers that pool have in common: windows side by side, each block of
   pictures and each line of windows by itself. */
#ifndef LAYERS_POOLING_H
#define LAYERS_POOLING_H

#include "kernels/pictures.h"
#include "layers/layer.h"

/* One field, the window; sizes are rounded down. */
mnist_status mnist_pooling_parse(mnist_layer *layer, const mnist_fields *fields,
                                 mnist_error *err);
mnist_status mnist_pooling_shape(mnist_layer *layer, mnist_error *err);

/* Pools one line of windows of a block, x to y. */
typedef void (*mnist_pool_line)(const mnist_picture_kernels *kernels,
                                const mnist_windows *windows, const float *x,
                                float *y);
void mnist_pooling_forward(const mnist_layer *layer, const mnist_pass *pass,
                           mnist_pool_line line, const float *x, float *y);

/* The same backward, from dy to all pixels of these windows in dx; those that
   are in none become 0. */
typedef void (*mnist_unpool_line)(const mnist_picture_kernels *kernels,
                                  const mnist_windows *windows, const float *x,
                                  const float *dy, float *dx);
void mnist_pooling_backward(const mnist_layer *layer, const mnist_pass *pass,
                            mnist_unpool_line line, const float *x,
                            const float *dy, float *dx);

#endif
