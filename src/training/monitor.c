#include "training/monitor.h"

#include <math.h>

bool mnist_monitor_keeps_best(const mnist_train_options *options)
{
    return options->patience > 0 || options->keep_best;
}

bool mnist_monitor_matters(const mnist_train_options *options)
{
    return mnist_monitor_keeps_best(options) ||
           options->schedule == MNIST_PLATEAU;
}

mnist_monitor mnist_monitor_auto(const mnist_train_options *options)
{
    return options->validation ? MNIST_MONITOR_VALIDATION_LOSS
                               : MNIST_MONITOR_LOSS;
}

static mnist_monitor monitored(const mnist_train_options *options)
{
    return options->monitor == MNIST_MONITOR_AUTO ? mnist_monitor_auto(options)
                                                  : options->monitor;
}

/* Whether more of it is better. */
static bool rises(const mnist_train_options *options)
{
    mnist_monitor what = monitored(options);
    return what == MNIST_MONITOR_ACCURACY ||
           what == MNIST_MONITOR_VALIDATION_ACCURACY;
}

double mnist_monitor_figure(const mnist_train_options *options,
                            const mnist_progress *progress)
{
    switch (monitored(options)) {
    case MNIST_MONITOR_ACCURACY:
        return progress->accuracy;
    case MNIST_MONITOR_VALIDATION_LOSS:
        return progress->validation_loss;
    case MNIST_MONITOR_VALIDATION_ACCURACY:
        return progress->validation_accuracy;
    case MNIST_MONITOR_AUTO:
    case MNIST_MONITOR_LOSS:
        break;
    }
    return progress->loss;
}

bool mnist_monitor_better(const mnist_train_options *options, double figure,
                          double than, double delta)
{
    return rises(options) ? figure > than + delta : figure < than - delta;
}

double mnist_monitor_worst(const mnist_train_options *options)
{
    return rises(options) ? -INFINITY : INFINITY;
}

mnist_status mnist_monitor_check(const mnist_train_options *options,
                                 mnist_error *err)
{
    mnist_monitor what = options->monitor;
    if (!mnist_monitor_matters(options))
        return MNIST_OK;
    if ((unsigned)what > MNIST_MONITOR_VALIDATION_ACCURACY)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "monitor %d: expected a loss or an accuracy",
                          (int)what);
    if (!options->validation && (what == MNIST_MONITOR_VALIDATION_LOSS ||
                                 what == MNIST_MONITOR_VALIDATION_ACCURACY))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "monitor %s: there are no validation images to take "
                          "it from",
                          what == MNIST_MONITOR_VALIDATION_LOSS ? "val_loss"
                                                                : "val_acc");
    if (mnist_monitor_keeps_best(options) &&
        !(options->min_delta >= 0 && isfinite(options->min_delta)))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "min delta %g: expected a number from 0 on",
                          options->min_delta);
    return MNIST_OK;
}
