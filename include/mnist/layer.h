/**
 * What a layer shows of itself: the shape it gives, the arrays it learns, and
 * its row in the table of a network.
 */
#ifndef MNIST_LAYER_H
#define MNIST_LAYER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bounds that hold for every network, so that no line asks for too much. */
#define MNIST_MAX_LAYERS     64
#define MNIST_MAX_UNITS      65536
#define MNIST_MAX_PARAMETERS ((size_t)1 << 28)

/** Of one image or one layer's output: height, width, channels. */
typedef struct mnist_shape {
    size_t h, w, c;
    int flat; /* a plain row of c values; h and w are 1 */
} mnist_shape;

/** One array of parameters, lent by its network. */
typedef struct mnist_tensor {
    char name[40];  /* Keras' naming: "dense.kernel", "dense_1.bias" */
    unsigned dims;  /* 1 for a bias, 2 for a dense kernel (in, out), 4 for a
                       convolution's (height, width, in, out) */
    size_t size[4]; /* size[0..dims-1] */
    size_t count;   /* product of the sizes */
    float *data;    /* row-major; 64-byte aligned */
} mnist_tensor;

/** One row of the table that Keras' summary() prints. The names are lent, as
 * long as the network lives. */
typedef struct mnist_layer_info {
    const char *name; /* "dense_1" */
    const char *kind; /* "Dense" */
    mnist_shape out;
    size_t parameters;
} mnist_layer_info;

#ifdef __cplusplus
}
#endif
#endif
