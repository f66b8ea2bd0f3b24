#include "layers/elementwise.h"

/* Values that a thread takes at least: a few cache lines. */
enum { UNIT = 64 };

typedef struct {
    mnist_forward_values forward;
    mnist_backward_values backward;
    size_t count;
    const float *from; /* x, or dy */
    const float *y;
    float *to; /* y, or dx */
} values_job;

static void run_part(void *context, unsigned worker, unsigned workers)
{
    const values_job *job = context;
    mnist_range own = mnist_share(job->count, UNIT, worker, workers);
    size_t at = own.first, n = own.end - own.first;
    if (job->forward)
        job->forward(n, job->from + at, job->to + at);
    else
        job->backward(n, job->y + at, job->from + at, job->to + at);
}

void mnist_elementwise_forward(const mnist_layer *layer, const mnist_pass *pass,
                               mnist_forward_values function, const float *x,
                               float *y)
{
    values_job job = {.forward = function,
                      .count = pass->N * mnist_shape_size(layer->in),
                      .from = x,
                      .to = y};
    mnist_pool_run(pass->engine->pool, run_part, &job);
}

void mnist_elementwise_backward(const mnist_layer *layer,
                                const mnist_pass *pass,
                                mnist_backward_values function, const float *y,
                                const float *dy, float *dx)
{
    values_job job = {.backward = function,
                      .count = pass->N * mnist_shape_size(layer->in),
                      .from = dy,
                      .y = y,
                      .to = dx};
    mnist_pool_run(pass->engine->pool, run_part, &job);
}
