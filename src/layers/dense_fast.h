/* The first dense layer of a network where its images come in tiles
   (kernels/tiled.h): faster, as accurate, but not the strict kernels' bits. */
#ifndef LAYERS_DENSE_FAST_H
#define LAYERS_DENSE_FAST_H

#include "layers/layer.h"

/* As a kind's forward and backward (layers/layer.h), where pass->tiled is
   not NULL: what the forward writes there, the backward reads. */
void mnist_dense_forward_fast(const mnist_layer *layer, const mnist_pass *pass,
                              float *y);
void mnist_dense_backward_fast(const mnist_layer *layer, const mnist_pass *pass,
                               const float *y, float *dy,
                               const mnist_sink *sink);

#endif
