/* What network.c and workspace.c share: the chain of stages. */
#ifndef MODEL_CHAIN_H
#define MODEL_CHAIN_H

#include "layers/layer.h"

#include <mnist/spec.h>

/*
 * A stage is a layer or, behind it, its activation, which works in place. The
 * softmax of the last layer is no stage: the loss has it.
 */
struct mnist_network {
    char line[MNIST_LINE_MAX];
    size_t rows, cols;
    float scale;
    size_t stages;
    mnist_layer *stage;
    size_t parameters; /* as users count them */

    /* All tensors in one block, each beginning at a multiple of 16 floats, so
       that the optimizer is one loop. What is between them is 0. */
    size_t size;
    float *block;
};

/* What the optimizer works on: the gradient block of a workspace, laid out as
   the network's own block. */
float *mnist_workspace_gradients(mnist_workspace *ws);

/* The engine that a workspace runs on. */
const mnist_engine *mnist_workspace_engine(const mnist_workspace *ws);

#endif
