/* A pen with a round, soft tip that draws lines into a picture of bytes. */
#ifndef DATA_PEN_H
#define DATA_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A point of the line, in pixels: (0, 0) is the outer corner of the first
   pixel, whose centre is (0.5, 0.5). */
typedef struct mnist_pen_point {
    float x, y;
    float radius; /* half the width of the line here, above 0 */
    bool lift;    /* no line from the point before this to this one */
} mnist_pen_point;

/* The picture, written only where the ink is darker than what is there. */
typedef struct mnist_pen_paper {
    uint8_t *pixels; /* rows x cols */
    size_t rows, cols;
    float soft; /* pixels over which an edge goes from ink to none, above 0 */
    float ink;  /* value of full ink; what is above 255 is cut */
} mnist_pen_paper;

/* Draws straight pieces from each point to the next. What leaves the paper is
   lost. Only correctly rounded operations: the same bytes everywhere. */
void mnist_pen_draw(const mnist_pen_paper *paper, const mnist_pen_point *points,
                    size_t count);

#endif
