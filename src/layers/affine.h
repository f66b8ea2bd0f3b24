/*
 * What layers of products with a kernel and a bias have in common: dense and
 * conv2d both are y = activation(a w + b), on different a.
 */
#ifndef LAYERS_AFFINE_H
#define LAYERS_AFFINE_H

#include "kernels/product.h"
#include "layers/layer.h"

/* Takes parts of a w: adds the bias, applies the activation, and puts them into
   y, whose rows have `columns` values. */
typedef struct mnist_affine_output {
    const mnist_layer *layer;
    const mnist_kernels *kernels;
    float *y;
    size_t columns;
} mnist_affine_output;
void mnist_affine_take_output(void *output, const mnist_part *part);

/* Takes parts of the kernel's gradient, whose rows have `columns` values: adds
   the penalty's and hands them to the sink. */
typedef struct mnist_affine_gradient {
    const mnist_layer *layer;
    const mnist_kernels *kernels;
    const mnist_sink *sink;
    size_t columns;
} mnist_affine_gradient;
void mnist_affine_take_gradient(void *gradient, const mnist_part *part);

/* Hands the bias' gradient, values first .. first+n-1, to the sink. */
void mnist_affine_sink_bias(const mnist_layer *layer,
                            const mnist_kernels *kernels,
                            const mnist_sink *sink, size_t first, size_t n,
                            const float *db);

/* dy = the gradient before the layer's activation, for n values of y. */
void mnist_affine_before_activation(const mnist_layer *layer,
                                    const mnist_kernels *kernels, size_t n,
                                    const float *y, float *dy);

/* Rows range of the transpose of the kernel seen as rows x columns:
   to[j * rows + i] = w[i * columns + j] for j in range. */
void mnist_affine_transpose(const float *w, size_t rows, size_t columns,
                            mnist_range range, float *to);

#endif
