#include "training/optimizer.h"

#include "base/memory.h"

mnist_status mnist_optimizer_start(mnist_optimizer *optimizer,
                                   const mnist_rmsprop *rule, size_t n,
                                   mnist_error *err)
{
    *optimizer =
        (mnist_optimizer){.factors = mnist_rmsprop_rounded(rule), .n = n};
    bool momentum = rule->momentum != 0;
    optimizer->v = mnist_calloc(n, sizeof *optimizer->v);
    if (momentum)
        optimizer->s = mnist_calloc(n, sizeof *optimizer->s);
    if (rule->centered)
        optimizer->a = mnist_calloc(n, sizeof *optimizer->a);
    if (!optimizer->v || (momentum && !optimizer->s) ||
        (rule->centered && !optimizer->a)) {
        mnist_optimizer_stop(optimizer);
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for the optimizer's state");
    }
    return MNIST_OK;
}

void mnist_optimizer_stop(mnist_optimizer *optimizer)
{
    mnist_free(optimizer->v);
    mnist_free(optimizer->s);
    mnist_free(optimizer->a);
    *optimizer = (mnist_optimizer){0};
}

typedef struct {
    mnist_optimizer *optimizer;
    const mnist_kernels *kernels;
    float *w;
    const float *g;
} step_job;

static void step_part(void *context, unsigned worker, unsigned workers)
{
    const step_job *job = context;
    const mnist_optimizer *o = job->optimizer;
    mnist_range own = mnist_share(o->n, 16, worker, workers);
    mnist_rmsprop_slices slices = {
        job->w + own.first, o->v + own.first, o->s ? o->s + own.first : NULL,
        o->a ? o->a + own.first : NULL, job->g + own.first};
    job->kernels->rmsprop(&o->factors, own.end - own.first, &slices);
}

void mnist_optimizer_step(mnist_optimizer *optimizer,
                          const mnist_engine *engine, double lr, float *w,
                          const float *g)
{
    optimizer->factors.lr = (float)lr;
    step_job job = {optimizer, engine->kernels, w, g};
    mnist_pool_run(engine->pool, step_part, &job);
}
