#include "layers/pooling.h"

#include <string.h>

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
    const mnist_picture_kernels *kernels;
    size_t lines; /* of windows, in all blocks */
    mnist_windows windows;
    mnist_pool_line forward;
    mnist_unpool_line backward;
    const float *x, *dy;
    float *y, *dx;
} pooling_job;

static pooling_job describe(const mnist_layer *layer, const mnist_pass *pass)
{
    size_t n = layer->in.c * MNIST_LANES;
    return (pooling_job){
        .layer = layer,
        .kernels = pass->engine->kernels->pictures,
        .lines = mnist_blocks_of(pass->N) * layer->out.h,
        .windows = {.count = layer->out.w,
                    .height = layer->height,
                    .width = layer->width,
                    .n = n,
                    .row = layer->in.w * n},
    };
}

/* Where line number i of windows begins in x; and in y, where all lines follow
   each other. */
static size_t place_in_x(const pooling_job *job, size_t i)
{
    size_t OH = job->layer->out.h, PH = job->windows.height;
    return (i / OH * job->layer->in.h + i % OH * PH) * job->windows.row;
}

static size_t place_in_y(const pooling_job *job, size_t i)
{
    return i * job->windows.count * job->windows.n;
}

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const pooling_job *job = context;
    mnist_range own = mnist_share(job->lines, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        job->forward(job->kernels, &job->windows, job->x + place_in_x(job, i),
                     job->y + place_in_y(job, i));
}

void mnist_pooling_forward(const mnist_layer *layer, const mnist_pass *pass,
                           mnist_pool_line line, const float *x, float *y)
{
    pooling_job job = describe(layer, pass);
    job.forward = line;
    job.x = x;
    job.y = y;
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* What is right of line i's windows and, if it is a picture's last line, below
   them, is in no window. */
static void clear_rest(const pooling_job *job, size_t i, float *dx)
{
    const mnist_shape *in = &job->layer->in, *out = &job->layer->out;
    const mnist_windows *w = &job->windows;
    size_t covered = w->count * w->width * w->n;
    for (size_t py = 0; py < w->height && covered < w->row; py++)
        memset(dx + py * w->row + covered, 0, (w->row - covered) * sizeof *dx);
    if (i % out->h == out->h - 1)
        memset(dx + w->height * w->row, 0,
               (in->h - out->h * w->height) * w->row * sizeof *dx);
}

static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const pooling_job *job = context;
    mnist_range own = mnist_share(job->lines, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++) {
        size_t x = place_in_x(job, i);
        job->backward(job->kernels, &job->windows, job->x + x,
                      job->dy + place_in_y(job, i), job->dx + x);
        clear_rest(job, i, job->dx + x);
    }
}

void mnist_pooling_backward(const mnist_layer *layer, const mnist_pass *pass,
                            mnist_unpool_line line, const float *x,
                            const float *dy, float *dx)
{
    pooling_job job = describe(layer, pass);
    job.backward = line;
    job.x = x;
    job.dy = dy;
    job.dx = dx;
    if (dx)
        mnist_pool_run(pass->engine->pool, backward_part, &job);
}
