/* How kernels start. */
#ifndef LAYERS_INIT_H
#define LAYERS_INIT_H

#include <mnist/layer.h>
#include <mnist/random.h>

/* Glorot-uniform: see mnist_network_init. Values are drawn in the order of the
   tensor. */
void mnist_init_glorot(mnist_tensor *kernel, size_t fan_in, size_t fan_out,
                       mnist_random *random);

#endif
