/* Layers that work on each value by itself, shared out among the threads. */
#ifndef LAYERS_ELEMENTWISE_H
#define LAYERS_ELEMENTWISE_H

#include "layers/layer.h"

/* y[i] from x[i]; y may be x. */
typedef void (*mnist_forward_values)(size_t n, const float *x, float *y);
void mnist_elementwise_forward(const mnist_layer *layer, const mnist_pass *pass,
                               mnist_forward_values function, const float *x,
                               float *y);

/* dx[i] from y[i] and dy[i]; dx may be dy. */
typedef void (*mnist_backward_values)(size_t n, const float *y, const float *dy,
                                      float *dx);
void mnist_elementwise_backward(const mnist_layer *layer,
                                const mnist_pass *pass,
                                mnist_backward_values function, const float *y,
                                const float *dy, float *dx);

#endif
