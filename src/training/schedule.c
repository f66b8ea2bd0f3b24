#include "training/schedule.h"

#include "training/monitor.h"

/* How much better is better; Keras' min_delta. */
#define PLATEAU_DELTA 1e-4

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

mnist_plateau mnist_plateau_start(const mnist_train_options *options)
{
    return (mnist_plateau){.lr = options->rmsprop.lr,
                           .figure = mnist_monitor_worst(options)};
}

void mnist_plateau_step(mnist_plateau *p, const mnist_train_options *options,
                        size_t epoch, double figure)
{
    if (mnist_monitor_better(options, figure, p->figure, PLATEAU_DELTA)) {
        p->figure = figure;
        p->since = epoch;
    } else if (epoch - p->since >= options->plateau_epochs &&
               p->lr > options->min_lr) {
        p->lr *= options->plateau_factor;
        p->lr = p->lr < options->min_lr ? options->min_lr : p->lr;
        p->since = epoch;
    }
}

double mnist_schedule_lr(const mnist_train_options *options, size_t epoch,
                         const mnist_plateau *plateau)
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
    case MNIST_PLATEAU:
        lr = plateau->lr;
        break;
    }
    return lr;
}

static mnist_status check_step(const mnist_train_options *options,
                               mnist_error *err)
{
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

static mnist_status check_plateau(const mnist_train_options *options,
                                  mnist_error *err)
{
    double lr = options->rmsprop.lr;
    if (options->plateau_epochs == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "plateau of 0 epochs: expected 1 or more");
    if (!(options->plateau_factor > 0 && options->plateau_factor < 1))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "plateau factor %g: expected a number above 0 and "
                          "below 1",
                          options->plateau_factor);
    if (!(options->min_lr >= 0 && options->min_lr <= lr))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "least learning rate %g: expected a number from 0 to "
                          "the learning rate, %g",
                          options->min_lr, lr);
    return MNIST_OK;
}

mnist_status mnist_schedule_check(const mnist_train_options *options,
                                  mnist_error *err)
{
    switch (options->schedule) {
    case MNIST_CONSTANT:
    case MNIST_COSINE:
        return MNIST_OK;
    case MNIST_STEP:
        return check_step(options, err);
    case MNIST_PLATEAU:
        return check_plateau(options, err);
    }
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "learning rate schedule %d: expected constant, step, "
                      "cosine or plateau",
                      (int)options->schedule);
}
