#include "layers/sink.h"

#include <string.h>

static void store(float *to, const mnist_gradients *from)
{
    for (size_t i = 0; i < from->rows; i++)
        memcpy(to + i * from->row, from->g + i * from->g_row,
               from->n * sizeof *to);
}

/* Rows that follow each other are one: short ones fill no vectors. `flat` is
   where g is made so, if it is not. */
static void join_rows(mnist_rmsprop_rows *rows, float *flat)
{
    size_t n = rows->rows * rows->n;
    if (rows->row != rows->n || n > MNIST_TILE_ROWS * MNIST_TILE_COLS)
        return;
    if (rows->g_row != rows->n) {
        for (size_t i = 0; i < rows->rows; i++)
            memcpy(flat + i * rows->n, rows->g + i * rows->g_row,
                   rows->n * sizeof *flat);
        rows->g = flat;
    }
    rows->rows = 1;
    rows->n = rows->row = rows->g_row = n;
}

void mnist_sink_take(const mnist_sink *sink, const mnist_kernels *kernels,
                     const mnist_gradients *gradients)
{
    float flat[MNIST_TILE_ROWS * MNIST_TILE_COLS];
    const mnist_gradients *g = gradients;
    size_t at = (size_t)(g->w - sink->w);
    if (sink->gradient) {
        store(sink->gradient + at, g);
        return;
    }
    mnist_rmsprop_rows rows = {
        .rows = g->rows,
        .n = g->n,
        .row = g->row,
        .w = g->w,
        .v = sink->v + at,
        .s = sink->s ? sink->s + at : NULL,
        .a = sink->a ? sink->a + at : NULL,
        .g = g->g,
        .g_row = g->g_row,
    };
    join_rows(&rows, flat);
    /* With momentum a parameter moves without a gradient, too. */
    if (g->zero && !rows.s && !rows.a)
        kernels->rmsprop_decay(&sink->factors, &rows);
    else
        kernels->rmsprop(&sink->factors, &rows);
}
