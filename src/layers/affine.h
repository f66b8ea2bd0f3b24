/*
 * What layers with a kernel and a bias have in common: dense and conv2d both
 * are y = activation(a w + b), on different a.
 */
#ifndef LAYERS_AFFINE_H
#define LAYERS_AFFINE_H

#include "kernels/panels.h"
#include "kernels/product.h"
#include "layers/layer.h"

/*
 * y = activation(y + b), for `rows` rows of y and the columns cols.first .. of
 * b; y begins at the first of them, and its rows are y_row floats apart.
 */
void mnist_affine_finish(const mnist_layer *layer, const mnist_kernels *kernels,
                         size_t rows, mnist_range cols, float *y, size_t y_row);

/* The kernel as a matrix. */
mnist_matrix mnist_affine_kernel(const mnist_layer *layer, size_t rows,
                                 size_t columns);

/* Whether it has an activation that is applied to each value by itself. */
bool mnist_affine_has_values(const mnist_layer *layer);

/* y = activation(y), for n values. */
void mnist_affine_activate(const mnist_layer *layer,
                           const mnist_kernels *kernels, size_t n, float *y);

/* Takes parts of the kernel's gradient: adds the penalty's and hands them to
   the sink. Element (0, 0) of the product is the gradient of w[0], and rows of
   w are `row` floats apart. */
typedef struct mnist_affine_gradient {
    const mnist_layer *layer;
    const mnist_kernels *kernels;
    const mnist_sink *sink;
    float *w;
    size_t row;
} mnist_affine_gradient;
void mnist_affine_take_gradient(void *gradient,
                                const mnist_product_block *part);

/* Hands the bias' gradient, values first .. first+n-1, to the sink. */
void mnist_affine_sink_bias(const mnist_layer *layer,
                            const mnist_kernels *kernels,
                            const mnist_sink *sink, size_t first, size_t n,
                            const float *db);

/* dx = the gradient before the layer's activation, for n values of y; dx may be
   dy. */
void mnist_affine_before_activation(const mnist_layer *layer,
                                    const mnist_kernels *kernels, size_t n,
                                    const float *y, const float *dy, float *dx);

/* The transpose of some rows and columns of w: to[j * w->rows + i] = w(i, j).
 */
void mnist_affine_transpose(const mnist_matrix *w, mnist_range rows,
                            mnist_range columns, float *to);

#endif
