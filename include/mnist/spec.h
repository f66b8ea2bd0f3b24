/**
 * The network line, and the networks with names.
 *
 * A line is layers joined by commas, a layer is fields joined by colons:
 *
 *     dense:UNITS[:ACTIVATION][:l1=R][:l2=R]
 *     conv2d:FILTERS:KHxKW[:ACTIVATION][:l1=R][:l2=R]   valid, stride 1
 *     avgpool:PHxPW    maxpool:PHxPW                    valid, stride = window
 *     dropout:RATE                                      0 <= RATE < 1
 *     flatten                                           implied before dense
 *
 * ACTIVATION is relu, tanh, sigmoid, softmax or linear (none); l1 and l2 are
 * penalties on the kernel. For instance "dense:512:relu,dense:10:softmax". The
 * same line stands on the command line, in the weights file and in the library.
 * The last layer is dense with softmax.
 */
#ifndef MNIST_SPEC_H
#define MNIST_SPEC_H

#include <mnist/api.h>
#include <mnist/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest network line, with its NUL. */
#define MNIST_LINE_MAX 1024

/** A network of the tutorials. */
typedef struct mnist_named_network {
    const char *name;    /* "mlp512" */
    const char *line;    /* its line for 10 classes */
    const char *summary; /* what it is, in a few words */
} mnist_named_network;

/** Network number i of the list, the default first; NULL past the last. */
MNIST_API const mnist_named_network *mnist_spec_named(size_t i);

/**
 * The line that `text` stands for: the line of a named network, with `classes`
 * units in its last layer, or `text` itself if it is no name.
 *
 * line: MNIST_LINE_MAX bytes, written on success.
 * Whether a line is right is told by mnist_network_new, which knows the shapes.
 * Fails with MNIST_ERROR_ARGUMENT when `text` has neither a ':' nor a ',' and
 * is no name (the message offers the nearest), or is too long.
 */
MNIST_API mnist_status mnist_spec_resolve(char *line, const char *text,
                                          size_t classes, mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
