/*
 * The parts of mnist train: cmd_train.c reads the command line, train_setup.c
 * brings data and network together, train_run.c trains, saves and reports.
 */
#ifndef CLI_TRAIN_H
#define CLI_TRAIN_H

#include "cli/progress.h"
#include "cli/terminal.h"

#include <mnist.h>

typedef struct cli_train_args {
    cli_common common;
    const char *data, *net, *out, *init, *loss, *kernel;
    uint64_t epochs, batch, seed, threads, limit, verbose;
    double lr, rho, momentum, epsilon, scale;
    bool no_shuffle, quiet, json;
    bool net_given, scale_given; /* on the command line, not by default */
} cli_train_args;

/* One training from its data to its file. */
typedef struct cli_train {
    const cli_train_args *args;
    const char *folder;
    mnist_dataset train, test;
    mnist_dataset images; /* of `train`, what is trained on */
    bool has_test;
    mnist_network *net;
    cli_terminal terminal; /* stderr */
    cli_progress progress;
    mnist_progress last; /* where the training stands */
    bool told_slow;      /* that it does not learn */
    bool told_output;    /* that stdout does not take what is written */
} cli_train;

/* Loads the data and makes the network, and checks that they fit. */
mnist_status cli_train_prepare(cli_train *t, mnist_error *err);
void cli_train_release(cli_train *t);

/* Says what is going to be trained on what. */
void cli_train_announce(const cli_train *t);

/* Trains, saves, evaluates on the test set. Returns an exit status. */
int cli_train_run(cli_train *t);

#endif
