#include "training/clip.h"

#include "model/chain.h"

#include <math.h>

/* Values whose squares one worker sums up at a time: where these parts begin
   does not depend on the threads. */
enum { PART = 8192, PARTS = 1024 };

typedef struct job {
    const mnist_kernels *kernels;
    float *g;
    size_t count;
    size_t unit; /* values in a part; the last one may be smaller */
    double sum[PARTS];
    double factor;
} job;

static void sum_parts(void *context, unsigned worker, unsigned workers)
{
    job *j = context;
    mnist_range own = mnist_share(j->count, j->unit, worker, workers);
    for (size_t i = own.first; i < own.end; i += j->unit) {
        size_t left = j->count - i;
        j->sum[i / j->unit] = j->kernels->penalty(
            left < j->unit ? left : j->unit, j->g + i, 0, 1);
    }
}

static void scale_part(void *context, unsigned worker, unsigned workers)
{
    const job *j = context;
    mnist_range own = mnist_share(j->count, PART, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        j->g[i] = (float)((double)j->g[i] * j->factor);
}

static double norm_of(job *j, mnist_pool *pool)
{
    double sum = 0;
    mnist_pool_run(pool, sum_parts, j);
    for (size_t i = 0; i * j->unit < j->count; i++)
        sum += j->sum[i];
    return sqrt(sum);
}

void mnist_clip(const mnist_engine *engine, const mnist_network *net,
                double clip_norm, float *gradient)
{
    const mnist_tensor *tensor;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
        size_t unit = PART;
        while (unit * PARTS < tensor->count)
            unit *= 2;
        job j = {.kernels = engine->kernels,
                 .g = gradient + (tensor->data - net->block),
                 .count = tensor->count,
                 .unit = unit};
        double norm = norm_of(&j, engine->pool);
        if (norm <= clip_norm)
            continue;
        j.factor = clip_norm / norm;
        mnist_pool_run(engine->pool, scale_part, &j);
    }
}
