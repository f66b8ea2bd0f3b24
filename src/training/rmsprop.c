#include <mnist/rmsprop.h>

#include "kernels/kernels.h"
#include "training/optimizer.h"

mnist_rmsprop mnist_rmsprop_defaults(void)
{
    return (mnist_rmsprop){
        .lr = 0.001, .rho = 0.9, .momentum = 0, .epsilon = 1e-7};
}

static mnist_status check(double value, bool right, const char *name,
                          const char *range, mnist_error *err)
{
    if (right)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_ARGUMENT, "%s %g: expected %s", name,
                      value, range);
}

mnist_status mnist_rmsprop_check(const mnist_rmsprop *rule, mnist_error *err)
{
    mnist_status status = check(
        rule->lr, rule->lr >= 0x1p-100 && rule->lr <= 0x1p100, "learning rate",
        "a number from 1e-30 to 1e30, for instance 0.001", err);
    if (!status)
        status = check(rule->rho, rule->rho >= 0 && rule->rho < 1, "rho",
                       "a number from 0 to below 1, for instance 0.9", err);
    if (!status)
        status =
            check(rule->momentum, rule->momentum >= 0 && rule->momentum < 1,
                  "momentum", "a number from 0 to below 1", err);
    if (!status)
        status =
            check(rule->epsilon,
                  rule->epsilon >= 0x1p-100 && rule->epsilon <= 0x1p100,
                  "epsilon", "a small number above 0, for instance 1e-7", err);
    return status;
}

mnist_rmsprop_factors mnist_rmsprop_rounded(const mnist_rmsprop *rule)
{
    return (mnist_rmsprop_factors){.lr = (float)rule->lr,
                                   .rho = (float)rule->rho,
                                   .one_minus_rho = (float)(1 - rule->rho),
                                   .momentum = (float)rule->momentum,
                                   .epsilon = (float)rule->epsilon};
}

void mnist_rmsprop_step(const mnist_rmsprop *rule, size_t n,
                        const mnist_rmsprop_arrays *arrays)
{
    mnist_rmsprop_factors factors = mnist_rmsprop_rounded(rule);
    mnist_rmsprop_rows rows = {
        .rows = n > 0, /* for none, arrays may be NULL */
        .n = n,
        .row = n,
        .w = arrays->w,
        .v = arrays->v,
        .s = rule->momentum != 0 ? arrays->s : NULL,
        .a = rule->centered ? arrays->a : NULL,
        .g = arrays->g,
        .g_row = n,
    };
    mnist_kernels_now()->rmsprop(&factors, &rows);
}
