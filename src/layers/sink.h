/*
 * Where the gradients of a layer's tensors go: into an array, or straight into
 * the step of RMSprop, while they and the parameters are in the cache.
 */
#ifndef LAYERS_SINK_H
#define LAYERS_SINK_H

#include "kernels/kernels.h"

#include <mnist/layer.h>

typedef struct mnist_sink {
    /* The block of all parameters: what belongs to the parameter at w[i] is at
       the same i of the arrays below. */
    float *w;

    float *gradient; /* NULL: take steps */
    mnist_rmsprop_factors factors;
    float *v, *s, *a; /* as in mnist_rmsprop_rows */
} mnist_sink;

/* Rows of gradients of parameters that lie `row` apart, beginning at `w`. */
typedef struct mnist_gradients {
    float *w;
    size_t rows, n, row;
    const float *g;
    size_t g_row;
    bool zero; /* all of g is 0 */
} mnist_gradients;

void mnist_sink_take(const mnist_sink *sink, const mnist_kernels *kernels,
                     const mnist_gradients *gradients);

#endif
