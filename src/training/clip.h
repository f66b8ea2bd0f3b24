/*
 * Clipping gradients by their norm, tensor by tensor, as Keras' `clipnorm`:
 *
 *     norm = sqrt(sum over the tensor of g * g)
 *     g    = g * clip_norm / norm     where norm > clip_norm; else as it is
 *
 * Penalties are in the gradient. The sum is in double and in an order that
 * depends on the tensor alone, so that the bits are the same everywhere.
 *
 * Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent
 * neural networks", ICML 2013, algorithm 1; Keras 3, _clip_by_norm in
 * keras/src/optimizers/base_optimizer.py (which also multiplies and divides
 * where nothing is to be clipped).
 */
#ifndef TRAINING_CLIP_H
#define TRAINING_CLIP_H

#include "kernels/engine.h"

#include <mnist/network.h>

/* That norm, of `count` values. */
double mnist_clip_norm(const mnist_engine *engine, const float *g,
                       size_t count);

/* gradient: laid out as the network's block of parameters; the order within a
   tensor may be any. */
void mnist_clip(const mnist_engine *engine, const mnist_network *net,
                double clip_norm, float *gradient);

#endif
