/**
 * Training: epochs of batches, each forward, loss, backward, RMSprop.
 *
 * The same seed, data and options give the same bytes of weights on any number
 * of threads and with every set of kernels; but see mnist_train_options.fast.
 */
#ifndef MNIST_TRAIN_H
#define MNIST_TRAIN_H

#include <mnist/api.h>
#include <mnist/dataset.h>
#include <mnist/error.h>
#include <mnist/network.h>
#include <mnist/rmsprop.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the learning rate goes from epoch to epoch, e = 0, 1, ... of E. */
typedef enum mnist_schedule {
    MNIST_CONSTANT, /* lr */
    MNIST_STEP,     /* lr * step_factor ^ floor(e / step_epochs) */
    MNIST_COSINE,   /* lr * (1 + cos(pi e / E)) / 2 */
    /* lr, multiplied by plateau_factor, but not to below min_lr, whenever
       plateau_epochs epochs brought no better figure than the best so far:
       since that one, and since it was last multiplied. The figure is that of
       mnist_train_options.monitor, and better is by more than 0.0001. Source:
       Keras 3, keras/src/callbacks/reduce_lr_on_plateau.py, by its defaults. */
    MNIST_PLATEAU
} mnist_schedule;

/** What tells how good an epoch was. */
typedef enum mnist_monitor {
    MNIST_MONITOR_AUTO, /* the validation loss; without validation, the loss */
    MNIST_MONITOR_LOSS, /* of training, penalty included */
    MNIST_MONITOR_ACCURACY,
    MNIST_MONITOR_VALIDATION_LOSS,
    MNIST_MONITOR_VALIDATION_ACCURACY
} mnist_monitor;

/** Where a training stands. Figures are sample-weighted means of the epoch. */
typedef struct mnist_progress {
    size_t epoch, epochs; /* epoch counts from 1 */
    size_t step, steps;   /* batches done of this epoch */
    double loss;          /* penalty included, as Keras reports it */
    double cross_entropy; /* without the penalty */
    double accuracy;      /* 0..1 */
    double lr;            /* learning rate of this epoch */
    double seconds;       /* since the epoch began, or was resumed */

    /* Once the epoch is complete (step == steps) and there is a validation set;
       zeros before. */
    int validated;
    double validation_loss, validation_cross_entropy, validation_accuracy;

    /* With patience or keep_best: the epoch with the best figure so far, 0
       before the first; and whether patience ended the training for want of a
       better one. */
    size_t best_epoch;
    int stopped_early;
} mnist_progress;

/**
 * Called after each batch, from the caller's thread; the epoch is complete when
 * step == steps. Returning non-zero stops the training after this batch.
 * Before an epoch is complete the network may still hold weights of batches
 * before; mnist_checkpoint_save keeps those of this one.
 */
typedef int (*mnist_train_callback)(const mnist_progress *progress, void *user);

typedef struct mnist_train_options {
    size_t epochs;           /* 0 is allowed; default 5 */
    size_t batch;            /* images a step; default 128 */
    mnist_rmsprop rmsprop;   /* see rmsprop.h */
    mnist_schedule schedule; /* default MNIST_CONSTANT */
    size_t step_epochs;      /* at least 1; default 10 */
    double step_factor;      /* above 0, at most 1; default 0.1 */
    size_t plateau_epochs;   /* at least 1; default 10 */
    double plateau_factor;   /* above 0, below 1; default 0.1 */
    double min_lr;           /* 0, the default, to the learning rate */
    uint64_t seed;           /* of the shuffle and of dropout; default 0 */
    unsigned threads;        /* 0, the default: one a processor */
    int shuffle;             /* 0 keeps the order of the file; default 1 */

    /* Above 0: the gradient of a tensor whose norm, the root of the sum of its
       squares, is larger is multiplied by clip_norm / norm before the optimizer
       takes its step. Each tensor by itself, as Keras' `clipnorm`. Finite; 0,
       the default, clips nothing. */
    double clip_norm;

    /* Evaluated at the end of each epoch; NULL, the default, for none. Lent
       until the training ends. */
    const mnist_dataset *validation;

    /* Epochs without a better figure after which training stops; 0, the
       default, is never. monitor says which figure; better is a loss that is
       lower, or an accuracy that is higher, by more than min_delta (at least 0,
       the default). At the end the weights of the best epoch are put back, with
       patience or, where keep_best is not 0 (the default), without. */
    size_t patience;
    int keep_best;
    mnist_monitor monitor; /* default MNIST_MONITOR_AUTO */
    double min_delta;

    /*
     * Not 0: where the processor has AMX and the network begins with a dense
     * layer of more than 16 units, that layer computes on AMX tiles. Its sums
     * are no less accurate than the others', but not the same to the last bit,
     * and neither are the weights; on one machine they are still the same for
     * any number of threads. Elsewhere, nothing changes. Default 0.
     */
    int fast;

    mnist_train_callback callback; /* NULL for none */
    void *user;                    /* given to the callback */
} mnist_train_options;

/** All the defaults named above. */
MNIST_API mnist_train_options mnist_train_defaults(void);

/** A training that can be stopped, looked at, and gone on with. */
typedef struct mnist_trainer mnist_trainer;

/**
 * A training of `net` on a labelled dataset, at its beginning. Both must
 * outlive it; the options are copied. Memory is taken here and not later.
 *
 * out: written only on success; release it with mnist_trainer_free.
 * Fails with MNIST_ERROR_ARGUMENT, _DATA (the data do not fit the network) or
 * _MEMORY.
 */
MNIST_API mnist_status mnist_trainer_new(mnist_trainer **out,
                                         mnist_network *net,
                                         const mnist_dataset *data,
                                         const mnist_train_options *options,
                                         mnist_error *err);

/** NULL is fine. */
MNIST_API void mnist_trainer_free(mnist_trainer *trainer);

/**
 * Goes on from where the trainer stands until all epochs are done or patience
 * is.
 * Fails with MNIST_ERROR_STOPPED (the callback asked; to run again goes on with
 * the next batch) or _DIVERGED: the loss of a batch is NaN or infinite, and
 * that batch's update is not made; or after an update a weight or the
 * optimizer's state is. To run again fails in the same way.
 */
MNIST_API mnist_status mnist_trainer_run(mnist_trainer *trainer,
                                         mnist_error *err);

/** The figures after the last batch done; zeros if there was none. Lent. */
MNIST_API const mnist_progress *
mnist_trainer_progress(const mnist_trainer *trainer);

/**
 * The kernels that it computes with: the name of a set of <mnist/cpu.h>, or
 * "avx512 + amx" where it is fast. If that was asked for and is not so, *why,
 * unless NULL, says why, else it is NULL. Both are lent.
 */
MNIST_API const char *mnist_trainer_kernels(const mnist_trainer *trainer,
                                            const char **why);

/** A new trainer, run and released: `last`, unless NULL, gets its progress. */
MNIST_API mnist_status mnist_train(mnist_network *net,
                                   const mnist_dataset *data,
                                   const mnist_train_options *options,
                                   mnist_progress *last, mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
