/*
 * The parts of mnist train: cmd_train.c reads the command line, train_resume.c
 * the options of a checkpoint, train_setup.c brings data and network together,
 * train_run.c trains and saves, train_notes.c writes down what was done,
 * train_report.c tells it.
 */
#ifndef CLI_TRAIN_H
#define CLI_TRAIN_H

#include "cli/history.h"
#include "cli/paths.h"
#include "cli/progress.h"
#include "cli/terminal.h"

#include <mnist.h>

typedef struct cli_train_args {
    cli_common common;
    const char *data, *net, *out, *init, *loss, *kernel, *lr_schedule;
    const char *val_images, *val_labels, *history, *checkpoint, *resume;
    uint64_t epochs, batch, seed, threads, limit, verbose, patience, lr_step;
    double lr, rho, momentum, epsilon, scale;
    double validation_split, min_delta, lr_gamma;
    bool no_shuffle, centered, fast, quiet, json;
    bool invert, transpose;
    bool net_given, scale_given; /* on the command line, not by default */
} cli_train_args;

/* One training from its data to its file. */
typedef struct cli_train {
    cli_train_args *args;
    const char *folder;
    char out[PATH_MAX], checkpoint[PATH_MAX];
    bool checkpoints;  /* after every epoch; otherwise when stopped only */
    const char *start; /* where the first weights came from */
    mnist_dataset train, test, other; /* as read; the last for validation */
    mnist_dataset images, validation; /* of these, what is used */
    bool has_test, validates;
    char network[MNIST_LINE_MAX]; /* the line that was asked for */
    mnist_network *net;
    mnist_trainer *trainer;
    cli_terminal terminal; /* stderr */
    cli_progress progress;
    cli_history history;
    mnist_error failure; /* what stopped the training in a callback */
    bool told_slow;      /* that it does not learn */
    bool told_output;    /* that stdout does not take what is written */
} cli_train;

/* Reads --resume's checkpoint: its network, and its options in place of those
   that were not given. Fails with MNIST_ERROR_ARGUMENT if one that was given
   says something else. */
mnist_status cli_train_resume(cli_train *t, const cli_line *line,
                              mnist_error *err);

/* Fails with `status` unless --net and --scale, where given, are those of the
   network that `path`, the value of --`option`, held. */
mnist_status cli_train_check_network(const cli_train *t, const char *option,
                                     const char *path, mnist_status status,
                                     mnist_error *err);

/* Loads the data, makes the network and the trainer, checks that they fit. */
mnist_status cli_train_prepare(cli_train *t, mnist_error *err);
void cli_train_release(cli_train *t);

/* Whether --fast was given, or is the checkpoint's, and has an effect here. */
bool cli_train_is_fast(const cli_train *t);

/* How many epochs are complete. */
size_t cli_train_epochs(const cli_train *t);

/* Called by the training after each batch; `user` is the cli_train. */
int cli_train_on_batch(const mnist_progress *at, void *user);

/* Trains, saves, evaluates on the test set. Returns an exit status. */
int cli_train_run(cli_train *t);

/* Both files of a training with notes on how it came about. */
mnist_status cli_train_save(const cli_train *t, mnist_error *err);
mnist_status cli_train_save_checkpoint(const cli_train *t, mnist_error *err);

/* What is going to be trained on what; an epoch, in JSON; that it was stopped
   by a signal, and how to go on, or after the last epoch, when the weights were
   written; the end, with the test set's figures or NULL, and what to do
   next. */
void cli_train_announce(const cli_train *t);
void cli_train_tell_epoch(const mnist_progress *at);
void cli_train_tell_stopped(const cli_train *t, int number);
void cli_train_tell_stopped_late(const cli_train *t, int number);
void cli_train_tell_end(const cli_train *t, const mnist_evaluation *figures);

#endif
