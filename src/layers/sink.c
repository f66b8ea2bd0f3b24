#include "layers/sink.h"

#include <string.h>

static void store(float *to, const mnist_gradients *from)
{
    for (size_t i = 0; i < from->rows; i++)
        memcpy(to + i * from->row, from->g + i * from->g_row,
               from->n * sizeof *to);
}

void mnist_sink_take(const mnist_sink *sink, const mnist_kernels *kernels,
                     const mnist_gradients *gradients)
{
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
    /* With momentum a parameter moves without a gradient, too. */
    if (g->zero && !rows.s && !rows.a)
        kernels->rmsprop_decay(&sink->factors, &rows);
    else
        kernels->rmsprop(&sink->factors, &rows);
}
