/**
 * Training: epochs of batches, each forward, loss, backward, RMSprop.
 *
 * The same seed, data and options give the same bytes of weights on any number
 * of threads and with every set of kernels.
 */
#ifndef MNIST_TRAIN_H
#define MNIST_TRAIN_H

#include <mnist/dataset.h>
#include <mnist/error.h>
#include <mnist/network.h>
#include <mnist/rmsprop.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a training stands. Figures are sample-weighted means of the epoch. */
typedef struct mnist_progress {
    size_t epoch, epochs; /* epoch counts from 1 */
    size_t step, steps;   /* batches done of this epoch */
    double loss;          /* penalty included, as Keras reports it */
    double cross_entropy; /* without the penalty */
    double accuracy;      /* 0..1 */
    double seconds;       /* since the epoch began */
} mnist_progress;

/**
 * Called after each batch, from the caller's thread; the epoch is complete when
 * step == steps. Returning non-zero stops the training after this batch.
 */
typedef int (*mnist_train_callback)(const mnist_progress *progress, void *user);

typedef struct mnist_train_options {
    size_t epochs;         /* 0 is allowed; default 5 */
    size_t batch;          /* images a step; default 128 */
    mnist_rmsprop rmsprop; /* see rmsprop.h */
    uint64_t seed;         /* of the shuffle; default 0 */
    unsigned threads;      /* 0, the default: one a processor */
    int shuffle;           /* 0 keeps the order of the file; default 1 */
    mnist_train_callback callback; /* NULL for none */
    void *user;                    /* given to the callback */
} mnist_train_options;

mnist_train_options mnist_train_defaults(void);

/**
 * Trains `net` in place on a labelled dataset.
 *
 * Memory is taken before the first step and not after it.
 * last: unless NULL, the figures of the last batch done; zeros if there was
 * none.
 * Fails with MNIST_ERROR_ARGUMENT, _DATA (the data do not fit the network),
 * _MEMORY, _STOPPED (the callback asked) or _DIVERGED: the loss of a batch is
 * NaN or infinite; that batch's update is not made.
 */
mnist_status mnist_train(mnist_network *net, const mnist_dataset *data,
                         const mnist_train_options *options,
                         mnist_progress *last, mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
