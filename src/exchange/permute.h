/*
 * Arrays of up to four dimensions in another order.
 *
 * Our pictures are channels last: a kernel of conv2d is KH x KW x C x F, and a
 * picture that is made a row is H x W x C. Those of PyTorch and ONNX are
 * channels first: F x C x KH x KW, and C x H x W.
 */
#ifndef EXCHANGE_PERMUTE_H
#define EXCHANGE_PERMUTE_H

#include <mnist/layer.h>

#include <stddef.h>

/* For each dimension of an array its size, and how far apart neighbours along
   it lie in another one, that it is made from. */
typedef struct mnist_view {
    size_t size[4], stride[4];
} mnist_view;

/* to = from as the view says: to is row by row, size[0] x ... x size[3]. */
void mnist_permute(float *to, const float *from, const mnist_view *view);

/* Of a conv2d kernel that we have, channels first. size: KH, KW, C, F. */
static inline mnist_view mnist_view_conv2d_first(const size_t size[4])
{
    size_t w = size[1], c = size[2], f = size[3];
    return (mnist_view){{f, c, size[0], w}, {1, f, w * c * f, c * f}};
}

/* Of a conv2d kernel that is channels first, ours. size: ours. */
static inline mnist_view mnist_view_conv2d_last(const size_t size[4])
{
    size_t h = size[0], w = size[1], c = size[2];
    return (mnist_view){{h, w, c, size[3]}, {w, 1, h * w, c * h * w}};
}

/* Of our dense kernel, whose rows were a picture, one of rows channels first.
 */
static inline mnist_view mnist_view_rows_first(mnist_shape picture,
                                               size_t units)
{
    size_t w = picture.w, c = picture.c;
    return (mnist_view){{c, picture.h, w, units},
                        {units, w * c * units, c * units, 1}};
}

/* Of a dense kernel units x (rows channels first), as PyTorch has it, ours. */
static inline mnist_view mnist_view_units_last(mnist_shape picture,
                                               size_t units)
{
    size_t h = picture.h, w = picture.w, c = picture.c;
    return (mnist_view){{h, w, c, units}, {w, 1, h * w, h * w * c}};
}

#endif
