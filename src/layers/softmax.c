/*
 * Softmax as an activation inside a network, in place. (At a network's end it
 * is fused with the loss: see loss.h.)
 *
 *     y[j]  = exp(x[j]) / sum over k of exp(x[k])
 *     dx[j] = y[j] (dy[j] - sum over k of dy[k] y[k])
 *
 * Each row of channels by itself; the sums run over k ascending.
 * Source: Bishop, Pattern Recognition and Machine Learning, eq. 4.106.
 */
#include "layers/kinds.h"

typedef struct {
    const mnist_kernels *kernels;
    size_t N, K;
    const float *x, *y_done, *dy;
    float *y, *dx;
} softmax_job;

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const softmax_job *job = context;
    mnist_range own = mnist_share(job->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++) {
        float log_sum;
        job->kernels->softmax(job->K, job->x + n * job->K, job->y + n * job->K,
                              &log_sum);
    }
}

static void softmax_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    softmax_job job = {.kernels = pass->engine->kernels,
                       .N = pass->N * layer->in.h * layer->in.w,
                       .K = layer->in.c,
                       .x = x,
                       .y = y};
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const softmax_job *job = context;
    mnist_range own = mnist_share(job->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++) {
        const float *y = job->y_done + n * job->K, *dy = job->dy + n * job->K;
        float *dx = job->dx + n * job->K, sum = 0;
        for (size_t k = 0; k < job->K; k++)
            sum += dy[k] * y[k];
        for (size_t j = 0; j < job->K; j++)
            dx[j] = y[j] * (dy[j] - sum);
    }
}

static void softmax_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, const float *y, float *dy,
                             float *dx, const mnist_sink *sink)
{
    (void)x;
    (void)sink;
    softmax_job job = {.N = pass->N * layer->in.h * layer->in.w,
                       .K = layer->in.c,
                       .y_done = y,
                       .dy = dy,
                       .dx = dx};
    mnist_pool_run(pass->engine->pool, backward_part, &job);
}

const mnist_layer_kind mnist_layer_softmax = {
    .keyword = "softmax",
    .name = "softmax",
    .title = "Softmax",
    .grammar = "softmax",
    .activation = true,
    .in_place = true,
    .forward = softmax_forward,
    .backward = softmax_backward,
};
