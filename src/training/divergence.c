/* Trainings that went wrong: a loss, a weight or a mean of gradients that is no
   finite number. Nothing good comes after it, and nothing of it is saved. */
#include "model/chain.h"
#include "training/trainer.h"

#include <math.h>
#include <string.h>

/* All values are looked at, which is faster than a look whether to go on. */
static bool is_finite(const float *values, size_t count)
{
    const uint32_t exponent = UINT32_C(0x7f800000);
    uint32_t found = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        found |= (bits & exponent) == exponent;
    }
    return !found;
}

const char *mnist_trainer_diverged(const mnist_trainer *t)
{
    const mnist_optimizer *state = &t->optimizer;
    const float *weights =
        t->learning ? mnist_workspace_weights(t->ws) : t->net->block;

    if (!isfinite(t->at.totals.loss))
        return isnan(t->at.totals.loss) ? "the loss is not a number"
                                        : "the loss is infinite";
    if (!is_finite(weights, state->n))
        return "a weight is not finite";
    if (!is_finite(state->v, state->n))
        return "the square of a gradient is not finite";
    if ((state->s && !is_finite(state->s, state->n)) ||
        (state->a && !is_finite(state->a, state->n)))
        return "a mean of gradients is not finite";
    return NULL;
}

mnist_status mnist_trainer_fail_diverged(const mnist_trainer *t,
                                         const char *what, mnist_error *err)
{
    const mnist_progress *p = &t->progress;
    float scale = mnist_network_scale(t->net);

    return mnist_fail(err, MNIST_ERROR_DIVERGED,
                      "training diverged: %s at epoch %zu, batch %zu of %zu "
                      "(learning rate %g, scale %g); try a smaller learning "
                      "rate%s%s",
                      what, p->epoch, p->step, p->steps, p->lr, (double)scale,
                      p->lr > 0.001 ? " such as 0.001" : "",
                      scale < 255 ? ", or scale 255" : "");
}
