/* The border of a picture: its first and last row and column. */
#ifndef DATA_BORDER_H
#define DATA_BORDER_H

#include <stddef.h>

/* The place of the next pixel of the border, row by row; the first is at 0, and
   behind the last comes rows * cols. */
static inline size_t mnist_border_next(size_t at, size_t rows, size_t cols)
{
    size_t y = at / cols, x = at % cols;
    int inner = y > 0 && y < rows - 1 && x == 0 && cols > 1;
    return at + (inner ? cols - 1 : 1);
}

#endif
