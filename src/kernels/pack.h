/* Operands of a product, and how they are packed for the inner tile. */
#ifndef KERNELS_PACK_H
#define KERNELS_PACK_H

#include "kernels/kernels.h"

#include <stddef.h>

/* Items of the widest panel: the longer side of the largest tile. */
#define MNIST_PANEL_MAX 64

/*
 * Windows of height x width on pictures of H x W x C, stride 1, all of them
 * inside. Patch number p of a row of pictures is the window at (oy, ox) of
 * picture n, p = (n * OH + oy) * OW + ox with OH = H - height + 1 and
 * OW = W - width + 1; element number e of it is the value at (ky, kx, c),
 * e = (ky * width + kx) * C + c.
 */
typedef struct mnist_window {
    size_t H, W, C, height, width;
} mnist_window;

/* One side of an operand: where, from its beginning, item number i lies. */
typedef struct mnist_axis {
    enum { MNIST_AXIS_STRIDE, MNIST_AXIS_PATCHES, MNIST_AXIS_ELEMENTS } kind;
    size_t stride;              /* STRIDE: i * stride */
    const mnist_window *window; /* else: patch, or element, number i */
} mnist_axis;

/* Element (i, k) lies at data + i's place + k's place, so the matrix of all
   patches of pictures is multiplied without being made. */
typedef struct mnist_operand {
    const float *data;
    mnist_axis i, k; /* across outputs; along the sum */
} mnist_operand;

/*
 * Packs items first.. of an operand, and of each the terms k_first.., K of them
 * and at most MNIST_CHAIN, into panels of `width` items: panel after panel, in
 * each the terms of its items for the first k, then for the next, and so on.
 * The last panel is filled up with zeros.
 */
void mnist_pack(const mnist_operand *operand, size_t first, size_t count,
                size_t k_first, size_t K, size_t width, float *to);

#endif
