/* What layers that pool have in common: windows side by side, each image by
   itself. */
#ifndef LAYERS_POOLING_H
#define LAYERS_POOLING_H

#include "layers/layer.h"

/* One field, the window; sizes are rounded down. */
mnist_status mnist_pooling_parse(mnist_layer *layer, const mnist_fields *fields,
                                 mnist_error *err);
mnist_status mnist_pooling_shape(mnist_layer *layer, mnist_error *err);

/* Runs `image` on each image of the batch: x to y. */
typedef void (*mnist_pool_image)(const mnist_layer *layer, const float *x,
                                 float *y);
void mnist_pooling_forward(const mnist_layer *layer, const mnist_pass *pass,
                           mnist_pool_image image, const float *x, float *y);

/* The same backward: dx, of which every value is written, from dy, which may be
   used up. */
typedef void (*mnist_unpool_image)(const mnist_layer *layer, const float *x,
                                   float *dy, float *dx);
void mnist_pooling_backward(const mnist_layer *layer, const mnist_pass *pass,
                            mnist_unpool_image image, const float *x, float *dy,
                            float *dx);

#endif
