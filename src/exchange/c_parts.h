/*
 * The C functions of a header that mnist_export_c writes. Their text has a '@'
 * where the header's own name goes in front, and a '$' for the same in capital
 * letters.
 */
#ifndef EXCHANGE_C_PARTS_H
#define EXCHANGE_C_PARTS_H

#include "layers/layer.h"

/* What a header says of itself at the end of its first comment. */
extern const char mnist_c_usage[];

/* Functions, each for a kind of layer or for what such functions need. */
typedef enum mnist_c_part {
    MNIST_C_EXP, /* before those that call it */
    MNIST_C_DENSE,
    MNIST_C_CONV2D,
    MNIST_C_AVGPOOL,
    MNIST_C_MAXPOOL,
    MNIST_C_RELU,
    MNIST_C_TANH,
    MNIST_C_SIGMOID,
    MNIST_C_SOFTMAX,
    MNIST_C_PARTS
} mnist_c_part;

extern const char *const mnist_c_text[MNIST_C_PARTS];

/* The part that a kind of layer needs; MNIST_C_PARTS: none. */
mnist_c_part mnist_c_part_of(const mnist_layer_kind *kind);

/* Whether a part calls MNIST_C_EXP. */
bool mnist_c_part_needs_exp(mnist_c_part part);

#endif
