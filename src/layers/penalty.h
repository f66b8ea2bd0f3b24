/*
 * L1 and L2 on kernels, as Keras has them.
 *
 *     loss += l1 * sum |w| + l2 * sum w^2
 *     dw   += l1 * sign(w) + 2 * l2 * w,   sign(0) = 0
 */
#ifndef LAYERS_PENALTY_H
#define LAYERS_PENALTY_H

#include "layers/layer.h"

/* Whether the layer has l1 or l2. */
bool mnist_has_penalty(const mnist_layer *layer);

/* What the layer's kernel adds to the loss; 0 without l1 and l2. */
double mnist_penalty(const mnist_kernels *kernels, const mnist_layer *layer);

#endif
