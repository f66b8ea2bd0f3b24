/*
 * A matrix in panels: its columns 0..63, then columns 64..127, and so on, each
 * panel row by row, the last one narrower if they do not come out even. Whoever
 * works on some columns then finds them in one stretch of memory: in rows of
 * 2 KB, the columns of half of them would fall on half of a cache's sets.
 */
#ifndef KERNELS_PANELS_H
#define KERNELS_PANELS_H

#include "kernels/kernels.h"

enum { MNIST_PANEL = MNIST_TILE_COLS };

typedef struct mnist_matrix {
    float *data;
    size_t rows, cols;
    bool panels; /* else row by row, as one panel of all columns */
} mnist_matrix;

/* Columns j .. j+cols-1 of a matrix: (i, j + q) is at[i * row + q]. */
typedef struct mnist_columns {
    float *at;
    size_t cols, row;
} mnist_columns;

/* The columns from j on to the end of their panel, or before `end`; no more
   than a panel's also where there are none. */
static inline mnist_columns mnist_matrix_columns(const mnist_matrix *m,
                                                 size_t j, size_t end)
{
    size_t panel = j / MNIST_PANEL * MNIST_PANEL;
    size_t width =
        m->cols - panel < MNIST_PANEL ? m->cols - panel : MNIST_PANEL;
    size_t cols = panel + width - j;
    cols = end - j < cols ? end - j : cols;
    if (!m->panels)
        return (mnist_columns){m->data + j, cols, m->cols};
    return (mnist_columns){m->data + panel * m->rows + (j - panel), cols,
                           width};
}

#endif
