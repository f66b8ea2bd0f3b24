/*
 * Which images have much in common. Packed together, four images cost a term
 * for every pixel that one of them has; in MNIST's order that is 39 % of all
 * pixels, with those together that are alike it is 34 %.
 */
#ifndef KERNELS_ALIKE_H
#define KERNELS_ALIKE_H

#include "kernels/kernels.h"

/* The most images that are put into order at once, because many are held
   against each other. A multiple of MNIST_PACKED_ROWS. */
enum { MNIST_ALIKE_MOST = 64 };

/* Numbers first .. first+count-1 of images of K pixels, group by group of
   MNIST_PACKED_ROWS; the last group is what is left. The same for all sets of
   kernels. */
void mnist_order_alike(const mnist_images *images, const mnist_kernels *kernels,
                       size_t K, size_t first, size_t count, uint32_t *order);

#endif
