/*
 * What a checkpoint tells of its training beside the arrays, as a struct and as
 * the notes of its file: position, options, and fingerprints of the data.
 */
#ifndef TRAINING_RECORD_H
#define TRAINING_RECORD_H

#include "training/trainer.h"

#include <mnist/weights.h>

typedef struct mnist_record {
    mnist_train_options options; /* those that decide the result */
    mnist_position at;
    mnist_progress last; /* its validation figures and its rate only */
    mnist_fingerprint data, validation;
} mnist_record;

/* Every key of a record begins so; no other note of a checkpoint does. */
#define MNIST_RECORD_PREFIX "checkpoint_"

#define MNIST_RECORD_NOTES 56 /* at most */
#define MNIST_RECORD_TEXT  32 /* a value's */

typedef struct mnist_record_notes {
    mnist_note note[MNIST_RECORD_NOTES];
    size_t count;
    char text[MNIST_RECORD_NOTES][MNIST_RECORD_TEXT];
} mnist_record_notes;

void mnist_record_write(mnist_record_notes *out, const mnist_record *record);

/*
 * Reads a record from the notes of a file called `name`. Options that no record
 * has (threads, callback, ...) are left as they are.
 * Fails with MNIST_ERROR_WEIGHTS when the file is no checkpoint, or one key is
 * missing, unknown or has a value that is none.
 */
mnist_status mnist_record_read(mnist_record *out, const char *name,
                               const mnist_note *notes, size_t count,
                               mnist_error *err);

/* The failure of a file that is no checkpoint. */
mnist_status mnist_record_none(const char *name, mnist_error *err);

/*
 * MNIST_ERROR_ARGUMENT, naming the option and both values, unless a training
 * with the options `now` goes on as the one that was begun with `then`. Options
 * that decide nothing beside the others, such as the steps of a constant
 * schedule, may differ; so may the number of epochs, unless the schedule
 * depends on it.
 */
mnist_status mnist_record_compare(const char *name,
                                  const mnist_train_options *then,
                                  const mnist_train_options *now,
                                  mnist_error *err);

#endif
