/*
 * ReLU, in place.
 *
 *     y  = max(x, 0)
 *     dx = dy where y > 0, else 0
 *
 * At x = 0 the derivative is taken as 0, as Keras and PyTorch do; NaN passes.
 * Source: Nair, Hinton, "Rectified linear units improve restricted Boltzmann
 * machines", ICML 2010.
 */
#include "layers/kinds.h"

typedef struct {
    const mnist_kernels *kernels;
    size_t count;
    const float *x, *dy;
    float *y, *dx;
} relu_job;

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const relu_job *job = context;
    mnist_range own = mnist_share(job->count, 16, worker, workers);
    job->kernels->relu(own.end - own.first, job->x + own.first,
                       job->y + own.first);
}

static void relu_forward(const mnist_layer *layer, const mnist_pass *pass,
                         const float *x, float *y)
{
    relu_job job = {.kernels = pass->engine->kernels,
                    .count = pass->N * mnist_shape_size(layer->in),
                    .x = x,
                    .y = y};
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const relu_job *job = context;
    mnist_range own = mnist_share(job->count, 16, worker, workers);
    job->kernels->relu_backward(own.end - own.first, job->y + own.first,
                                job->dy + own.first, job->dx + own.first);
}

static void relu_backward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, const float *y, float *dy, float *dx,
                          float *const *gradient)
{
    (void)x;
    (void)gradient;
    relu_job job = {.kernels = pass->engine->kernels,
                    .count = pass->N * mnist_shape_size(layer->in),
                    .y = (float *)y,
                    .dy = dy,
                    .dx = dx};
    mnist_pool_run(pass->engine->pool, backward_part, &job);
}

const mnist_layer_kind mnist_layer_relu = {
    .keyword = "relu",
    .grammar = "relu",
    .activation = true,
    .forward = relu_forward,
    .backward = relu_backward,
};
