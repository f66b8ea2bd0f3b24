#include "layers/affine.h"

#include "layers/penalty.h"

#include <string.h>

static const mnist_values *values_of(const mnist_layer *layer)
{
    return layer->activation ? layer->activation->values : NULL;
}

/* Rows of n values that are taken side by side, so that together they fill some
   vectors. */
enum { WIDE = 96 };

static size_t side_by_side(size_t n)
{
    return n < WIDE ? WIDE / n : 1;
}

/* y = y + b for rows that follow each other. */
static void add_bias(const mnist_kernels *kernels, size_t rows, size_t n,
                     const float *b, float *y)
{
    float repeated[WIDE];
    size_t together = side_by_side(n), wide = together * n;
    if (together == 1) {
        kernels->add_rows(rows, n, b, 0, y, n);
        return;
    }
    for (size_t i = 0; i < wide; i++)
        repeated[i] = b[i % n];
    kernels->add_rows(rows / together, wide, repeated, 0, y, wide);
    y += rows / together * wide;
    kernels->add_rows(rows % together, n, b, 0, y, n);
}

void mnist_affine_finish(const mnist_layer *layer, const mnist_kernels *kernels,
                         size_t rows, mnist_range cols, float *y, size_t y_row)
{
    const mnist_values *values = values_of(layer);
    const float *b = layer->tensor[MNIST_BIAS].data + cols.first;
    size_t n = cols.end - cols.first;
    if (y_row == n) {
        add_bias(kernels, rows, n, b, y);
        if (values)
            values->forward(kernels, rows * n, y);
        return;
    }
    for (size_t r = 0; r < rows; r++, y += y_row) {
        kernels->add_rows(1, n, b, 0, y, 0);
        if (values)
            values->forward(kernels, n, y);
    }
}

bool mnist_affine_has_values(const mnist_layer *layer)
{
    return values_of(layer) != NULL;
}

void mnist_affine_activate(const mnist_layer *layer,
                           const mnist_kernels *kernels, size_t n, float *y)
{
    const mnist_values *values = values_of(layer);
    if (values)
        values->forward(kernels, n, y);
}

mnist_matrix mnist_affine_kernel(const mnist_layer *layer, size_t rows,
                                 size_t columns)
{
    return (mnist_matrix){layer->tensor[MNIST_KERNEL].data, rows, columns,
                          layer->panels};
}

void mnist_affine_take_gradient(void *gradient, const mnist_product_block *part)
{
    const mnist_affine_gradient *o = gradient;
    float *w = o->w + part->i * o->row + part->j;
    bool penalty = mnist_has_penalty(o->layer);
    for (size_t r = 0; penalty && r < part->rows; r++)
        o->kernels->penalty_backward(part->cols, w + r * o->row, o->layer->l1,
                                     o->layer->l2, part->c + r * part->c_row);
    const mnist_gradients g = {
        .w = w,
        .rows = part->rows,
        .n = part->cols,
        .row = o->row,
        .g = part->c,
        .g_row = part->c_row,
        .zero = part->zero && !penalty,
    };
    mnist_sink_take(o->sink, o->kernels, &g);
}

void mnist_affine_sink_bias(const mnist_layer *layer,
                            const mnist_kernels *kernels,
                            const mnist_sink *sink, size_t first, size_t n,
                            const float *db)
{
    const mnist_gradients g = {
        .w = layer->tensor[MNIST_BIAS].data + first,
        .rows = 1,
        .n = n,
        .row = n,
        .g = db,
        .g_row = n,
    };
    if (n > 0)
        mnist_sink_take(sink, kernels, &g);
}

void mnist_affine_before_activation(const mnist_layer *layer,
                                    const mnist_kernels *kernels, size_t n,
                                    const float *y, const float *dy, float *dx)
{
    const mnist_values *values = values_of(layer);
    if (values)
        values->backward(kernels, n, y, dy, dx);
    else if (dx != dy)
        memcpy(dx, dy, n * sizeof *dx);
}

/* Row by row of w, in blocks, so that the lines of both stay in the cache
   meanwhile. */
static void transpose_columns(const mnist_columns *w, mnist_range rows,
                              size_t to_row, float *to)
{
    enum { BLOCK = 16 };
    for (size_t first = rows.first; first < rows.end; first += BLOCK) {
        size_t end = rows.end - first < BLOCK ? rows.end : first + BLOCK;
        for (size_t j = 0; j < w->cols; j++)
            for (size_t i = first; i < end; i++)
                to[j * to_row + i] = w->at[i * w->row + j];
    }
}

void mnist_affine_transpose(const mnist_matrix *w, mnist_range rows,
                            mnist_range columns, float *to)
{
    for (size_t j = columns.first; j < columns.end;) {
        mnist_columns part = mnist_matrix_columns(w, j, columns.end);
        transpose_columns(&part, rows, w->rows, to + j * w->rows);
        j += part.cols;
    }
}
