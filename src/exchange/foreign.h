/*
 * The tensors of another program's file as layers: a kernel and a bias that
 * have a name in common.
 *
 *     PyTorch   0.weight, fc1.bias
 *     Keras     dense/kernel, dense_1.bias, dense/kernel:0; the Keras 3 way,
 *               layers/dense/vars/0 (the kernel) and /1 (the bias)
 */
#ifndef EXCHANGE_FOREIGN_H
#define EXCHANGE_FOREIGN_H

#include "model/safetensors.h"

#include <mnist/exchange.h>

/* A layer of the file. */
typedef struct mnist_foreign {
    const char *name; /* length bytes: what the tensors have in common */
    size_t length;
    const mnist_tensor_info *kernel, *bias; /* bias: NULL if there is none */
    mnist_import_layout says; /* by the kernel's name: MNIST_IMPORT_PYTORCH or
                                 _KERAS */
    bool used;
} mnist_foreign;

typedef struct mnist_foreigns {
    const mnist_safetensors *file;
    mnist_foreign layer[MNIST_MAX_TENSORS];
    size_t count;
} mnist_foreigns;

/*
 * The layers of the file, in the order of their names: 2.weight before
 * 10.weight, dense before dense_1.
 * Fails with MNIST_ERROR_WEIGHTS: a name that is neither of a kernel nor of a
 * bias, a bias without kernel, a type or a number of dimensions that is of no
 * layer, a file of our own.
 */
mnist_status mnist_foreign_find(mnist_foreigns *out,
                                const mnist_safetensors *file,
                                mnist_error *err);

/* Inputs and outputs of a dense kernel in that layout. */
static inline size_t mnist_foreign_inputs(const mnist_foreign *layer,
                                          mnist_import_layout layout)
{
    return layer->kernel->size[layout == MNIST_IMPORT_PYTORCH];
}

static inline size_t mnist_foreign_outputs(const mnist_foreign *layer,
                                           mnist_import_layout layout)
{
    return layer->kernel->size[layout != MNIST_IMPORT_PYTORCH];
}

/* The layout that the names say; of several the one said first. */
mnist_import_layout mnist_foreign_layout(const mnist_foreigns *layers);

/*
 * The line of a chain of dense layers, with ReLU between them and softmax at
 * the end; line: MNIST_LINE_MAX bytes. *inputs is what the first layer takes.
 * layout: AUTO tries that of the names first.
 * Fails with MNIST_ERROR_ARGUMENT: there are other layers, or the sizes make no
 * chain; the message asks for the line.
 */
mnist_status mnist_foreign_line(char *line, size_t *inputs,
                                const mnist_foreigns *layers,
                                mnist_import_layout layout, mnist_error *err);

#endif
