#include "layers/dense_fast.h"

#include "kernels/tiled.h"
#include "layers/affine.h"

#include <string.h>

typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    mnist_tiled *tiled;
    size_t N, J;
    mnist_matrix w;
    const mnist_sink *sink;
    const float *out; /* y, in the backward */
    float *y, *dy;
} fast_job;

static fast_job describe(const mnist_layer *layer, const mnist_pass *pass)
{
    return (fast_job){
        .layer = layer,
        .pass = pass,
        .kernels = pass->engine->kernels,
        .tiled = pass->tiled,
        .N = pass->N,
        .J = layer->units,
        .w = mnist_affine_kernel(layer, layer->in.c, layer->units),
    };
}

/* A worker owns units, so that no sum depends on their number. */
static mnist_range own_columns(const fast_job *job, unsigned worker,
                               unsigned workers)
{
    return mnist_share(job->J, 16, worker, workers);
}

static void touch_part(void *context, unsigned worker, unsigned workers)
{
    const fast_job *job = context;
    mnist_tiled_touch(job->tiled, job->kernels->tiles, job->pass->images,
                      job->N, worker, workers);
}

static void pack_part(void *context, unsigned worker, unsigned workers)
{
    const fast_job *job = context;
    mnist_tiled_pack(job->tiled, job->kernels->tiles, job->pass->images, job->N,
                     worker, workers);
}

/* The columns from j on that one product takes. */
static mnist_columns columns_at(const fast_job *job, size_t j, size_t end)
{
    mnist_columns w = mnist_matrix_columns(&job->w, j, end);
    w.cols = w.cols < MNIST_SQUARE ? w.cols : MNIST_SQUARE;
    return w;
}

static mnist_tiled_product product_of(const fast_job *job, unsigned worker,
                                      const float *b, size_t b_row, size_t cols)
{
    return (mnist_tiled_product){
        job->tiled, job->kernels->tiles, job->N, worker, b, b_row, cols};
}

/* Finished while they are in the first-level cache. */
static void forward_columns(const fast_job *job, size_t j,
                            const mnist_columns *w, unsigned worker)
{
    const mnist_range cols = {j, j + w->cols};
    const mnist_tiled_product product =
        product_of(job, worker, w->at, w->row, w->cols);
    float *y = mnist_tiled_forward(&product);
    mnist_affine_finish(job->layer, job->kernels, job->N, cols, y,
                        MNIST_SQUARE);
    for (size_t n = 0; n < job->N; n++)
        memcpy(job->y + n * job->J + j, y + n * MNIST_SQUARE,
               w->cols * sizeof *y);
}

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const fast_job *job = context;
    mnist_range cols = own_columns(job, worker, workers);
    job->kernels->tiles->begin();
    for (size_t j = cols.first; j < cols.end;) {
        mnist_columns w = columns_at(job, j, cols.end);
        forward_columns(job, j, &w, worker);
        j += w.cols;
    }
    job->kernels->tiles->end();
}

void mnist_dense_forward_fast(const mnist_layer *layer, const mnist_pass *pass,
                              float *y)
{
    fast_job job = describe(layer, pass);
    mnist_pool *pool = pass->engine->pool;
    job.y = y;
    mnist_pool_run(pool, touch_part, &job);
    mnist_pool_run(pool, pack_part, &job);
    mnist_pool_run(pool, forward_part, &job);
}

/* dw and db of some columns, from those of dy: side by side they stay in the
   first-level cache. */
static void gradient_columns(const fast_job *job, size_t j,
                             const mnist_columns *w, unsigned worker)
{
    const mnist_pass *pass = job->pass;
    const size_t row = w->cols;
    float *dy = pass->scratch + worker * pass->scratch_size, db[MNIST_SQUARE];
    mnist_affine_gradient gradient = {job->layer, job->kernels, job->sink,
                                      w->at, w->row};
    const mnist_tiled_product product = product_of(job, worker, dy, row, row);
    for (size_t n = 0; n < job->N; n++) {
        size_t at = n * job->J + j;
        mnist_affine_before_activation(job->layer, job->kernels, row,
                                       job->out + at, job->dy + at,
                                       dy + n * row);
    }
    job->kernels->sum_rows(job->N, row, dy, row, db);
    job->kernels->tiles->divide(job->N * row, job->tiled->scale, dy);
    mnist_tiled_gradient(&product, mnist_affine_take_gradient, &gradient);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, j, row, db);
}

static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const fast_job *job = context;
    mnist_range cols = own_columns(job, worker, workers);
    /* From the last columns that the forward used to the first: what is still
       in the cache of those too many for it. */
    job->kernels->tiles->begin();
    for (size_t end = cols.end; end > cols.first;) {
        size_t square = (end - 1) / MNIST_SQUARE * MNIST_SQUARE;
        size_t j = square > cols.first ? square : cols.first;
        mnist_columns w = columns_at(job, j, end);
        gradient_columns(job, j, &w, worker);
        end = j;
    }
    job->kernels->tiles->end();
}

void mnist_dense_backward_fast(const mnist_layer *layer, const mnist_pass *pass,
                               const float *y, float *dy,
                               const mnist_sink *sink)
{
    fast_job job = describe(layer, pass);
    job.out = y;
    job.dy = dy;
    job.sink = sink;
    mnist_pool_run(pass->engine->pool, backward_part, &job);
}
