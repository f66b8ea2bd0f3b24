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
