#include "training/clip.h"

#include "model/chain.h"

#include <math.h>

/* Squares are summed up in parts, which are dealt to the workers: where they
   begin depends on the tensor alone. A part has as many values as there need be
   for no more than PARTS of them. */
enum { PART = 1024, PARTS = 64 };

typedef struct {
    const mnist_kernels *kernels;
    const float *g;
    size_t count;
    size_t unit; /* values of a part; the last one may have fewer */
    double sum[PARTS];
} sum_job;

static void sum_parts(void *context, unsigned worker, unsigned workers)
{
    sum_job *job = context;
    const size_t unit = job->unit;
    mnist_range own = mnist_share(job->count, unit, worker, workers);
    for (size_t i = own.first; i < own.end; i += unit) {
        size_t left = job->count - i, n = left < unit ? left : unit;
        job->sum[i / unit] = job->kernels->penalty(n, job->g + i, 0, 1);
    }
}

double mnist_clip_norm(const mnist_engine *engine, const float *g, size_t count)
{
    sum_job job = {engine->kernels, g, count, PART, {0}};
    double sum = 0;
    while (job.unit * PARTS < count)
        job.unit *= 2;
    mnist_pool_run(engine->pool, sum_parts, &job);
    for (size_t i = 0; i < PARTS; i++)
        sum += job.sum[i];
    return sqrt(sum);
}

typedef struct {
    float *g;
    size_t count;
    double factor;
} scale_job;

static void scale_part(void *context, unsigned worker, unsigned workers)
{
    const scale_job *job = context;
    mnist_range own = mnist_share(job->count, PART, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        job->g[i] = (float)((double)job->g[i] * job->factor);
}

void mnist_clip(const mnist_engine *engine, const mnist_network *net,
                double clip_norm, float *gradient)
{
    const mnist_tensor *tensor;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
        float *g = gradient + (tensor->data - net->block);
        double norm = mnist_clip_norm(engine, g, tensor->count);
        if (norm <= clip_norm)
            continue;
        scale_job job = {g, tensor->count, clip_norm / norm};
        mnist_pool_run(engine->pool, scale_part, &job);
    }
}
