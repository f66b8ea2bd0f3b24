#include "training/schedule.h"

/* sin(pi x / 2) for -1 <= x <= 1, by Taylor's series; its first term left out
   is below 1e-17. */
static double sine_quarter(double x)
{
    const double half_pi = 1.57079632679489661923;
    double t = half_pi * x, square = t * t, term = t, sum = t;
    for (int n = 3; n <= 21; n += 2) {
        term *= -square / (double)(n * (n - 1));
        sum += term;
    }
    return sum;
}

double mnist_schedule_lr(const mnist_train_options *options, size_t epoch)
{
    double lr = options->rmsprop.lr;
    switch (options->schedule) {
    case MNIST_CONSTANT:
        break;
    case MNIST_STEP:
        for (size_t i = options->step_epochs; i <= epoch;
             i += options->step_epochs)
            lr *= options->step_factor;
        break;
    case MNIST_COSINE: {
        /* cos(pi x) = sin(pi/2 (1 - 2x)) */
        double x = (double)epoch / (double)options->epochs;
        lr *= (1 + sine_quarter(1 - 2 * x)) / 2;
        break;
    }
    }
    return lr;
}

mnist_status mnist_schedule_check(const mnist_train_options *options,
                                  mnist_error *err)
{
    if (options->schedule == MNIST_CONSTANT ||
        options->schedule == MNIST_COSINE)
        return MNIST_OK;
    if (options->schedule != MNIST_STEP)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "learning rate schedule %d: expected constant, step "
                          "or cosine",
                          (int)options->schedule);
    if (options->step_epochs == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "learning rate steps of 0 epochs: expected 1 or "
                          "more");
    if (!(options->step_factor > 0 && options->step_factor <= 1))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "learning rate step factor %g: expected a number "
                          "above 0, at most 1",
                          options->step_factor);
    return MNIST_OK;
}
