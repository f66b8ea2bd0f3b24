/* A training and all that it holds, for train.c, divergence.c and
   checkpoint.c. */
#ifndef TRAINING_TRAINER_H
#define TRAINING_TRAINER_H

#include "training/optimizer.h"
#include "training/schedule.h"

#include <mnist/batch.h>
#include <mnist/train.h>

#include <stdbool.h>
#include <stdint.h>

/* Sums over the images of the epoch that the last batch was of. */
typedef struct mnist_totals {
    size_t count, correct;
    double loss, cross_entropy;
} mnist_totals;

/* Where a training stands: with the weights and the optimizer's state, all that
   is needed to go on. */
typedef struct mnist_position {
    size_t epoch; /* the one under way, from 0 */
    size_t step;  /* batches done of it */
    mnist_totals totals;

    /* With patience or keep_best: the best figure so far, its epoch from 1, 0
       before the first; the weights of that epoch are in the trainer's
       `best`. */
    double best_figure;
    size_t best_epoch;
    int stopped_early;

    mnist_plateau plateau; /* with that schedule */
} mnist_position;

/* Of a dataset, to know it again; all 0 for none. Its images have the size that
   the network takes. */
typedef struct mnist_fingerprint {
    size_t count;
    uint32_t pixels, labels; /* CRC-32 */
} mnist_fingerprint;

struct mnist_trainer {
    mnist_train_options options;
    mnist_network *net;
    const mnist_dataset *data;
    mnist_workspace *ws;
    const char *not_fast; /* why it is not, though that was asked for */
    mnist_batches *batches;
    mnist_optimizer optimizer;
    float *gradient; /* of a batch, laid out as the weights; NULL if every
                        gradient goes straight into its step */
    float *best;     /* as the network's block; NULL if none is kept */

    /* Between batches the weights are the workspace's and lie, as the
       optimizer's state, as learning is fastest; else they are the network's,
       row by row. `spare` is for changing from one to the other. */
    bool learning;
    float *spare;

    mnist_position at;

    /* The training is over and its best weights are put back: the last ones,
       from which more epochs would go on, are in `best`, and the best in the
       network. */
    bool swapped;

    mnist_progress progress;

    /* Taken once a checkpoint needs them: until then data_known.count is 0. */
    mnist_fingerprint data_known, validation_known;

    /* Of the batch. */
    uint8_t *labels;
    float *loss;
    float *dlogits;
};

/* Goes from one to the other, if need be: before a batch, and before anybody
   looks at the network or the optimizer. */
void mnist_trainer_take(mnist_trainer *trainer);
void mnist_trainer_give(mnist_trainer *trainer);

/* Fills the progress for an epoch, from 0, no batch of which is done, and its
   figures by the position's totals after `step` batches. */
void mnist_trainer_enter(mnist_trainer *trainer, size_t epoch);
void mnist_trainer_tell(mnist_trainer *trainer, size_t step);

/* What of the training is not a finite number, or NULL: a static text such as
   "the loss is infinite". And the failure that tells it. */
const char *mnist_trainer_diverged(const mnist_trainer *trainer);
mnist_status mnist_trainer_fail_diverged(const mnist_trainer *trainer,
                                         const char *what, mnist_error *err);

#endif
