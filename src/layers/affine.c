#include "layers/affine.h"

#include "layers/penalty.h"

static const mnist_values *values_of(const mnist_layer *layer)
{
    return layer->activation ? layer->activation->values : NULL;
}

void mnist_affine_take_output(void *output, const mnist_part *part)
{
    const mnist_affine_output *o = output;
    const mnist_values *values = values_of(o->layer);
    const float *b = o->layer->tensor[MNIST_BIAS].data + part->j;
    float *y = o->y + part->i * o->columns + part->j;
    o->kernels->bias(part->rows, part->cols, part->c, part->c_row, b, y,
                     o->columns);
    for (size_t r = 0; values && r < part->rows; r++)
        values->forward(o->kernels, part->cols, y + r * o->columns);
}

void mnist_affine_take_gradient(void *gradient, const mnist_part *part)
{
    const mnist_affine_gradient *o = gradient;
    float *w =
        o->layer->tensor[MNIST_KERNEL].data + part->i * o->columns + part->j;
    bool penalty = mnist_has_penalty(o->layer);
    for (size_t r = 0; penalty && r < part->rows; r++)
        o->kernels->penalty_backward(part->cols, w + r * o->columns,
                                     o->layer->l1, o->layer->l2,
                                     part->c + r * part->c_row);
    const mnist_gradients g = {
        .w = w,
        .rows = part->rows,
        .n = part->cols,
        .row = o->columns,
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
                                    const float *y, float *dy)
{
    const mnist_values *values = values_of(layer);
    if (values)
        values->backward(kernels, n, y, dy, dy);
}

void mnist_affine_transpose(const float *w, size_t rows, size_t columns,
                            mnist_range range, float *to)
{
    /* In blocks, so that the lines of both stay in the cache meanwhile. */
    enum { BLOCK = 16 };
    for (size_t first = 0; first < rows; first += BLOCK) {
        size_t end = rows - first < BLOCK ? rows : first + BLOCK;
        for (size_t j = range.first; j < range.end; j++)
            for (size_t i = first; i < end; i++)
                to[j * rows + i] = w[i * columns + j];
    }
}
