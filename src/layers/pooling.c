#include "layers/pooling.h"

mnist_status mnist_pooling_parse(mnist_layer *layer, const mnist_fields *fields,
                                 mnist_error *err)
{
    if (fields->count > 1)
        return mnist_layer_blame(
            fields, 1,
            mnist_fail(err, MNIST_ERROR_ARGUMENT,
                       "layer %s: %zu settings, expected %s", layer->name,
                       fields->count, layer->kind->grammar),
            err);
    return mnist_layer_parse_window(layer, fields, 0, err);
}

mnist_status mnist_pooling_shape(mnist_layer *layer, mnist_error *err)
{
    mnist_status status = mnist_layer_check_window(layer, err);
    if (status)
        return status;
    layer->out = (mnist_shape){layer->in.h / layer->height,
                               layer->in.w / layer->width, layer->in.c, 0};
    return MNIST_OK;
}

typedef struct {
    const mnist_layer *layer;
    size_t N;
    mnist_pool_image forward;
    mnist_unpool_image backward;
    const float *x;
    float *y, *dy, *dx;
} pooling_job;

static void run_part(void *context, unsigned worker, unsigned workers)
{
    const pooling_job *job = context;
    size_t in = mnist_shape_size(job->layer->in);
    size_t out = mnist_shape_size(job->layer->out);
    mnist_range own = mnist_share(job->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++) {
        const float *x = job->x + n * in;
        if (job->forward)
            job->forward(job->layer, x, job->y + n * out);
        else
            job->backward(job->layer, x, job->dy + n * out, job->dx + n * in);
    }
}

void mnist_pooling_forward(const mnist_layer *layer, const mnist_pass *pass,
                           mnist_pool_image image, const float *x, float *y)
{
    pooling_job job = {
        .layer = layer, .N = pass->N, .forward = image, .x = x, .y = y};
    mnist_pool_run(pass->engine->pool, run_part, &job);
}

void mnist_pooling_backward(const mnist_layer *layer, const mnist_pass *pass,
                            mnist_unpool_image image, const float *x, float *dy,
                            float *dx)
{
    pooling_job job = {.layer = layer,
                       .N = pass->N,
                       .backward = image,
                       .x = x,
                       .dy = dy,
                       .dx = dx};
    if (dx)
        mnist_pool_run(pass->engine->pool, run_part, &job);
}
