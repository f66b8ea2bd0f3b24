/* How people write the ten digits: each way as a list of points that the pen
   passes through, in the order of writing. */
#ifndef DATA_STROKES_H
#define DATA_STROKES_H

#include <stddef.h>
#include <stdint.h>

/* What the line does at a point. */
typedef enum mnist_stroke_turn {
    MNIST_STROKE_SMOOTH, /* passes through in a curve */
    MNIST_STROKE_CORNER, /* changes direction at once */
    MNIST_STROKE_LIFT    /* the pen was lifted: begins here anew */
} mnist_stroke_turn;

typedef struct mnist_stroke_point {
    uint8_t x, y; /* per cent of the box, x to the right, y downward */
    uint8_t turn; /* mnist_stroke_turn */
} mnist_stroke_point;

/* One way to write a digit. Its first point begins a stroke, whatever `turn`
   says. */
typedef struct mnist_shape {
    const mnist_stroke_point *points;
    uint8_t count;  /* points, 2 to MNIST_SHAPE_POINTS */
    uint8_t weight; /* how often it is chosen, beside the digit's others */
} mnist_shape;

#define MNIST_SHAPE_POINTS 16

/* The ways to write a digit, 0..9; *count tells how many. */
const mnist_shape *mnist_shapes(unsigned digit, size_t *count);

#endif
