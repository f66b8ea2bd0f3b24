/*
 * Pictures that are black on white. MNIST is white ink on black, and a network
 * trained on it misreads the opposite, which is what people draw.
 */
#ifndef CLI_INVERT_H
#define CLI_INVERT_H

#include <mnist.h>

#include <stdbool.h>

/* Points the dataset at a copy of its pixels with black and white swapped, to
   be released with free(); NULL, and no change, when there is no memory. */
uint8_t *cli_invert(mnist_dataset *data);

/* Whether the border of image i is, in the mean, above half scale. */
bool cli_looks_inverted(const mnist_dataset *data, size_t i);

#endif
