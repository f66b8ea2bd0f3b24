/* How good an epoch was: the quantity that patience, the choice of the best
   epoch and the plateau schedule look at. */
#ifndef TRAINING_MONITOR_H
#define TRAINING_MONITOR_H

#include <mnist/train.h>

#include <stdbool.h>

/* Whether the weights of the best epoch are kept, and are the training's at its
   end. */
bool mnist_monitor_keeps_best(const mnist_train_options *options);

/* Whether anything looks at the quantity. */
bool mnist_monitor_matters(const mnist_train_options *options);

/* What MNIST_MONITOR_AUTO stands for in a training with these options. */
mnist_monitor mnist_monitor_auto(const mnist_train_options *options);

/* The quantity of an epoch that is complete. */
double mnist_monitor_figure(const mnist_train_options *options,
                            const mnist_progress *progress);

/* Whether a figure is better than another by more than `delta`: a loss that is
   lower, an accuracy that is higher. One that is not a number never is. */
bool mnist_monitor_better(const mnist_train_options *options, double figure,
                          double than, double delta);

/* What every finite figure is better than. */
double mnist_monitor_worst(const mnist_train_options *options);

/* MNIST_ERROR_ARGUMENT for a quantity that there is not, or a min delta out of
   range. */
mnist_status mnist_monitor_check(const mnist_train_options *options,
                                 mnist_error *err);

#endif
