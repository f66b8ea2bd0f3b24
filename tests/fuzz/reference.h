/*
 * Networks computed in double, image by image, straight from the formulas: what
 * the library's float, vectors, blocks and hand-written gradients are held
 * against. Shares nothing with it but the random numbers of dropout.
 */
#ifndef FUZZ_REFERENCE_H
#define FUZZ_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

enum {
    REFERENCE_LAYERS = 8,
    REFERENCE_VALUES = 1024, /* of one image between two layers, at most */
    REFERENCE_IMAGES = 4
};

typedef enum reference_kind {
    REFERENCE_DENSE,
    REFERENCE_CONV2D,
    REFERENCE_AVGPOOL,
    REFERENCE_MAXPOOL,
    REFERENCE_DROPOUT
} reference_kind;

typedef enum reference_activation {
    REFERENCE_LINEAR,
    REFERENCE_RELU,
    REFERENCE_TANH,
    REFERENCE_SIGMOID,
    REFERENCE_SOFTMAX
} reference_activation;

typedef struct reference_layer {
    reference_kind kind;
    reference_activation activation; /* of dense and conv2d */
    size_t units, height, width;     /* filters; window or kernel */
    double rate, l1, l2;
    const double *kernel, *bias; /* laid out as the library's tensors */
} reference_layer;

/* The last layer is dense; its softmax belongs to the loss and is not here. */
typedef struct reference {
    size_t rows, cols, layers;
    double scale;
    reference_layer layer[REFERENCE_LAYERS];
    uint64_t seed, epoch; /* of dropout */
} reference;

typedef struct reference_result {
    double logits[REFERENCE_IMAGES][REFERENCE_VALUES];
    double loss; /* mean cross-entropy and the penalties */
    /* Which way every corner (relu at 0, the largest of a window) was taken,
       and how near the nearest was: the loss has a gradient only away from
       them. */
    uint64_t ways;
    double margin;
    double largest; /* of all values that a layer gave */
} reference_result;

/* pixels: count images; labels: count classes; training: with dropout. */
void reference_run(const reference *net, const uint8_t *pixels,
                   const uint8_t *labels, size_t count, reference_result *out);

#endif
