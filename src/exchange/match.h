/*
 * Which layer of another program's file is which of ours, and in which layout.
 *
 * A file tells neither. A layer is taken for one of ours if the shapes are the
 * same; of several the first in the order of names. A layout is taken if all
 * layers find their shapes in it; if they do in both, squares that they are,
 * the names of the kernels decide.
 */
#ifndef EXCHANGE_MATCH_H
#define EXCHANGE_MATCH_H

#include "exchange/foreign.h"
#include "model/chain.h"

typedef struct mnist_match {
    const mnist_network *net; /* may be a plan */
    mnist_foreigns *layers;
    mnist_import_layout layout;
    bool layout_by_names, order_by_names;
    /* For each stage with tensors its layer of the file. */
    const mnist_foreign *from[2 * MNIST_MAX_LAYERS];
} mnist_match;

/*
 * Fills in all but the first two. layout: AUTO, or the one that it must be.
 * Fails with MNIST_ERROR_WEIGHTS: one of our layers finds none, or one of the
 * file is left.
 */
mnist_status mnist_match_layers(mnist_match *m, mnist_import_layout layout,
                                mnist_error *err);

/* The other one of the two. */
static inline mnist_import_layout mnist_layout_other(mnist_import_layout layout)
{
    return layout == MNIST_IMPORT_PYTORCH ? MNIST_IMPORT_KERAS
                                          : MNIST_IMPORT_PYTORCH;
}

/* Whose layout it is, for a message. */
static inline const char *mnist_layout_title(mnist_import_layout layout)
{
    return layout == MNIST_IMPORT_PYTORCH ? "PyTorch's" : "Keras'";
}

#endif
