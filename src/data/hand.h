/* A hand that never writes a digit the same way twice. */
#ifndef DATA_HAND_H
#define DATA_HAND_H

#include "data/pen.h"
#include "data/strokes.h"

#include <mnist/random.h>
#include <stddef.h>

/* Straight pieces from one point of a shape to the next. */
#define MNIST_HAND_PIECES 8
#define MNIST_HAND_POINTS (MNIST_SHAPE_POINTS * MNIST_HAND_PIECES)

/* low + (high - low) * a random number in [0, 1). */
static inline float mnist_hand_uniform(mnist_random *r, float low, float high)
{
    return low + (high - low) * mnist_random_float(r);
}

/*
 * Writes the shape once, for a picture of rows x cols pixels, and returns the
 * number of points. As in MNIST, the digit's longer side takes about 20 of 28
 * pixels and the mass of its ink is near the middle.
 */
size_t mnist_hand_write(mnist_pen_point points[MNIST_HAND_POINTS],
                        const mnist_shape *shape, size_t rows, size_t cols,
                        mnist_random *r);

#endif
