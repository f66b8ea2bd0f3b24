/*
 * Golden networks: pictures, parameters, and what an independent implementation
 * makes of them in float64. golden/<concept>.h holds tables of them.
 */
#ifndef SUPPORT_GOLDEN_H
#define SUPPORT_GOLDEN_H

#include <mnist/network.h>

#include <stddef.h>
#include <stdint.h>

typedef struct golden_tensor {
    const char *name;
    unsigned dims;
    size_t size[4];
    const float *value;     /* as in the network */
    const double *gradient; /* of the mean cross-entropy plus the penalty */
} golden_tensor;

typedef struct golden_network {
    const char *name, *line;
    size_t rows, cols;
    float scale;
    size_t count, classes; /* at most 3 pictures, 5 classes */
    const uint8_t *pixels, *labels;
    const double *logits, *probabilities;
    const double *losses; /* cross-entropy of each image */
    double penalty;
    const golden_tensor *tensors; /* up to the one without a name */
} golden_network;

/* The network with its golden parameters; fails the running test unless its
   tensors have the golden names and sizes. */
mnist_network *golden_make(const golden_network *g);

/*
 * Fails the running test unless forward and backward give the golden values,
 * with every set of kernels, 1, 2, 3 and 8 threads, and room for more images
 * than there are. tolerance: relative to the largest value of an array.
 */
void golden_check(const golden_network *g, double tolerance);

/* Fails the running test unless all gradients equal central differences. */
void golden_check_differences(const golden_network *g);

#endif
