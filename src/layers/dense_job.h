/*
 * What the forward and the backward of a dense layer share: N images, I inputs,
 * J units, and who of the workers has which of them.
 *
 * Where there are enough units, a worker owns columns of w, and with them those
 * of y and dy; else all work on all columns, of their own rows.
 */
#ifndef LAYERS_DENSE_JOB_H
#define LAYERS_DENSE_JOB_H

#include "kernels/packed.h"
#include "kernels/panels.h"
#include "layers/layer.h"

typedef struct mnist_dense_job {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    size_t N, I, J;
    bool packed; /* x is the images */
    mnist_matrix w;
    const float *x;

    /* Memory of all workers: the images packed by rows, forward, and the
       transpose of w, backward. */
    mnist_packed images;
    float *transpose;

    float *y; /* forward */

    const float *activated; /* backward: y */
    const mnist_sink *sink;
    float *dy, *dx;
} mnist_dense_job;

mnist_dense_job mnist_dense_describe(const mnist_layer *layer,
                                     const mnist_pass *pass, const float *x);

/* Bytes of the memory of all workers, for up to N images. */
size_t mnist_dense_shared(const mnist_layer *layer, size_t N);

/* Floats of a worker's own memory that the backward takes. */
size_t mnist_dense_scratch(const mnist_layer *layer, size_t N);

/* As a kind's backward (layers/layer.h). */
void mnist_dense_backward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, const float *y, float *dy, float *dx,
                          const mnist_sink *sink);

/* Columns are owned panel by panel. */
enum { MNIST_OWN_COLUMNS = MNIST_PANEL };

static inline bool mnist_dense_owns_columns(const mnist_dense_job *job,
                                            unsigned workers)
{
    return job->J >= (size_t)workers * MNIST_OWN_COLUMNS;
}

static inline mnist_range mnist_dense_columns(const mnist_dense_job *job,
                                              unsigned worker, unsigned workers)
{
    if (mnist_dense_owns_columns(job, workers))
        return mnist_share(job->J, MNIST_OWN_COLUMNS, worker, workers);
    return (mnist_range){0, job->J};
}

/* A worker's part of so many rows, in multiples of any tile's. */
static inline mnist_range mnist_dense_rows(const mnist_dense_job *job,
                                           size_t rows, unsigned worker,
                                           unsigned workers)
{
    if (mnist_dense_owns_columns(job, workers))
        return (mnist_range){0, rows};
    return mnist_share(rows, MNIST_TILE_ROWS, worker, workers);
}

/* The groups of packed rows that such rows are. */
static inline mnist_range mnist_dense_groups(mnist_range rows)
{
    if (rows.first == rows.end)
        return (mnist_range){0, 0};
    return (mnist_range){rows.first / MNIST_PACKED_ROWS,
                         mnist_packed_groups(rows.end)};
}

#endif
