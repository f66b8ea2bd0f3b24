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

mnist_sink mnist_optimizer_sink(const mnist_optimizer *optimizer, double lr,
                                float *w)
{
    mnist_sink sink = {
        .w = w,
        .factors = optimizer->factors,
        .v = optimizer->v,
        .s = optimizer->s,
        .a = optimizer->a,
    };
    sink.factors.lr = (float)lr;
    return sink;
}

typedef struct {
    const mnist_engine *engine;
    mnist_sink sink;
    const float *gradient;
    size_t n;
} step_job;

static void step_part(void *context, unsigned worker, unsigned workers)
{
    enum { UNIT = 1024 };
    const step_job *job = context;
    mnist_range own = mnist_share(job->n, UNIT, worker, workers);
    size_t n = own.end - own.first;
    const mnist_gradients gradients = {.w = job->sink.w + own.first,
                                       .rows = n > 0,
                                       .n = n,
                                       .row = n,
                                       .g = job->gradient + own.first,
                                       .g_row = n};
    mnist_sink_take(&job->sink, job->engine->kernels, &gradients);
}

void mnist_optimizer_step(const mnist_optimizer *optimizer,
                          const mnist_engine *engine, double lr, float *w,
                          const float *gradient)
{
    step_job job = {engine, mnist_optimizer_sink(optimizer, lr, w), gradient,
                    optimizer->n};
    mnist_pool_run(engine->pool, step_part, &job);
}
