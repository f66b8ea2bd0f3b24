/*
 * Dense layer: every output looks at every input.
 *
 *     y[n][j]  = sum over i of x[n][i] w[i][j], + b[j]
 *     dw[i][j] = sum over n of x[n][i] dy[n][j]
 *     db[j]    = sum over n of dy[n][j]
 *     dx[n][i] = sum over j of dy[n][j] w[i][j]
 *
 * N images, I inputs, J units. x: N x I, w: I x J, b: J, y: N x J, row-major.
 * Source: Bishop, Pattern Recognition and Machine Learning, section 5.3.
 */
#include "kernels/gemm.h"
#include "layers/init.h"
#include "layers/kinds.h"
#include "layers/penalty.h"

static mnist_status dense_parse(mnist_layer *layer, const mnist_fields *fields,
                                mnist_error *err)
{
    mnist_status status =
        mnist_layer_parse_count(layer, &layer->units, fields, 0, "units", err);
    if (status)
        return status;
    return mnist_layer_parse_common(layer, fields, 1, err);
}

static mnist_status dense_shape(mnist_layer *layer, mnist_error *err)
{
    (void)err;
    layer->out = (mnist_shape){1, 1, layer->units, 1};
    layer->tensors = 2;
    layer->tensor[MNIST_KERNEL] =
        (mnist_tensor){.dims = 2, .size = {layer->in.c, layer->units}};
    layer->tensor[MNIST_BIAS] =
        (mnist_tensor){.dims = 1, .size = {layer->units}};
    return MNIST_OK;
}

static void dense_init(mnist_layer *layer, mnist_random *random)
{
    mnist_init_glorot(&layer->tensor[MNIST_KERNEL], layer->in.c, layer->units,
                      random);
}

typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    mnist_gemm gemm;
    const float *dy;
    float *db;
} dense_job;

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    const mnist_engine *engine = job->pass->engine;
    const float *b = job->layer->tensor[MNIST_BIAS].data;
    mnist_block own = mnist_gemm_part(engine, &job->gemm, worker, workers);
    size_t J = job->gemm.c_row;
    engine->kernels->add_rows(
        own.rows.end - own.rows.first, own.cols.end - own.cols.first,
        b + own.cols.first, 0,
        job->gemm.c + own.rows.first * J + own.cols.first, J);
}

static void dense_forward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, float *y)
{
    size_t I = layer->in.c, J = layer->units;
    const float *w = layer->tensor[MNIST_KERNEL].data;
    dense_job job = {
        .layer = layer,
        .pass = pass,
        .gemm = {pass->N, J, I, {x, I, 1}, {w, J, 1}, y, J},
    };
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* dw and its penalty; db by the thread that has the columns. */
static void gradient_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    const mnist_layer *layer = job->layer;
    const mnist_kernels *kernels = job->pass->engine->kernels;
    size_t J = layer->units;
    mnist_block own =
        mnist_gemm_part(job->pass->engine, &job->gemm, worker, workers);
    size_t count = own.cols.end - own.cols.first;
    for (size_t i = own.rows.first; i < own.rows.end; i++) {
        size_t at = i * J + own.cols.first;
        mnist_penalty_backward(kernels, layer, count,
                               layer->tensor[MNIST_KERNEL].data + at,
                               job->gemm.c + at);
    }
    mnist_range share = mnist_share(J, 16, worker, workers);
    kernels->sum_rows(job->pass->N, share.end - share.first,
                      job->dy + share.first, J, job->db + share.first);
}

static void dense_backward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, const float *y, float *dy, float *dx,
                           float *const *gradient)
{
    (void)y;
    size_t I = layer->in.c, J = layer->units, N = pass->N;
    dense_job job = {
        .layer = layer,
        .pass = pass,
        .gemm = {I, J, N, {x, 1, I}, {dy, J, 1}, gradient[MNIST_KERNEL], J},
        .dy = dy,
        .db = gradient[MNIST_BIAS],
    };
    mnist_pool_run(pass->engine->pool, gradient_part, &job);
    if (dx) {
        const float *w = layer->tensor[MNIST_KERNEL].data;
        mnist_gemm gemm = {N, I, J, {dy, J, 1}, {w, 1, J}, dx, I};
        mnist_gemm_run(pass->engine, &gemm);
    }
}

const mnist_layer_kind mnist_layer_dense = {
    .keyword = "dense",
    .name = "dense",
    .title = "Dense",
    .grammar = "dense:UNITS[:ACTIVATION][:l1=R][:l2=R]",
    .wants_flat = true,
    .parse = dense_parse,
    .shape = dense_shape,
    .init = dense_init,
    .forward = dense_forward,
    .backward = dense_backward,
};
