/*
 * The parts of mnist train: commands/train.c has its options, line.c checks
 * what was given, resume.c takes the options of a checkpoint, setup.c brings
 * data and network together, run.c trains and saves, notes.c writes down what
 * was done, tell.c tells it, report.c draws it.
 */
#ifndef CLI_TRAIN_H
#define CLI_TRAIN_H

#include "cli/files/paths.h"
#include "cli/results/report.h"
#include "cli/terminal/terminal.h"
#include "cli/train/history.h"
#include "cli/train/progress.h"

#include <mnist.h>

typedef struct cli_train_args {
    cli_common common;
    const char *data, *net, *out, *init, *loss, *kernel, *lr_schedule, *monitor;
    const char *optimizer;
    const char *images, *labels, *test_images, *test_labels;
    const char *val_images, *val_labels, *history, *checkpoint, *resume;
    const char *report;
    uint64_t epochs, batch, seed, threads, limit, verbose, patience, lr_step;
    uint64_t lr_plateau, checkpoint_every;
    double lr, rho, momentum, epsilon, clip_norm, scale;
    double validation_split, min_delta, lr_gamma, lr_factor, min_lr;
    bool no_shuffle, centered, fast, dry_run, plot, quiet, json;
    bool invert, transpose, save_best, append;
    bool net_given, scale_given; /* on the command line, not by default */
} cli_train_args;

/* One training from its data to its file. */
typedef struct cli_train {
    cli_train_args *args;
    const char *folder; /* of the data; or, with --images, that file */
    char out[PATH_MAX], checkpoint[PATH_MAX];
    bool checkpoints;  /* after epochs; otherwise when stopped only */
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
    size_t history_rows; /* by --resume's checkpoint, of other trainings */
    cli_report report;
    char *epoch_note; /* what --resume's checkpoint tells of them; or NULL */
    mnist_progress *epochs; /* with --report: those complete, as far as known */
    size_t epoch_count;
    mnist_progress kept; /* at the end of the epoch whose weights are kept, if
                            its number is not 0 */
    double seconds;      /* of training, without what was resumed */
    mnist_error failure; /* what stopped the training in a callback */
    bool told_slow;      /* that it does not learn */
    bool told_output;    /* that stdout does not take what is written */
} cli_train;

/* What can be told from the command line alone, and, once a checkpoint was
   read, options that would be passed over in silence. CLI_GO, or the exit
   status. */
int cli_train_check_line(const cli_line *line, cli_train_args *args);
int cli_train_check_idle(const cli_line *line, const cli_train_args *args);

/* Where all the files go, and that they can. */
mnist_status cli_train_check_files(cli_train *t, const cli_line *line,
                                   mnist_error *err);

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

/* Warns if most of the labels that the network has outputs for do not occur. */
void cli_train_warn_of_labels(const cli_train *t);

/* Loads the data, makes the network and the trainer, checks that they fit. */
mnist_status cli_train_prepare(cli_train *t, mnist_error *err);
void cli_train_release(cli_train *t);

/* Whether --fast was given, or is the checkpoint's, and has an effect here. */
bool cli_train_is_fast(const cli_train *t);

/* Whether the weights of the best epoch are those that stay, and by what. */
bool cli_train_keeps_best(const cli_train *t);
const char *cli_train_monitor(const cli_train *t);

/* How many epochs are complete. */
size_t cli_train_epochs(const cli_train *t);

/* Called by the training after each batch; `user` is the cli_train. */
int cli_train_on_batch(const mnist_progress *at, void *user);

/* Trains, saves, evaluates on the test set. Returns an exit status. */
int cli_train_run(cli_train *t);

/* How a training came about, as notes for a file. */
typedef struct cli_train_record {
    mnist_note notes[48];
    char values[48][32]; /* the text that they point to */
    size_t count;
} cli_train_record;

/* The options; and, once it is at its end, what it reached. */
void cli_train_note_options(const cli_train *t, cli_train_record *record);
void cli_train_note_figures(const cli_train *t, cli_train_record *record);

/* The checkpoint of where the training stands: its name, with the number of the
   epoch under way if it is one for each. Returns `out`. */
char *cli_train_checkpoint(const cli_train *t, char out[PATH_MAX]);

/* Both files of a training with these notes. */
mnist_status cli_train_save(const cli_train *t, mnist_error *err);
mnist_status cli_train_save_checkpoint(const cli_train *t, mnist_error *err);

/* How a training ends. */
typedef enum cli_train_end {
    CLI_TRAIN_DONE,
    CLI_TRAIN_STOPPED,      /* by a signal */
    CLI_TRAIN_STOPPED_LATE, /* when all epochs were done */
    CLI_TRAIN_DIVERGED
} cli_train_end;

/* --report: makes room for the epochs to come, adds one, writes the page. The
   reason says why it stopped or diverged; NULL for DONE. Nothing to do if no
   report is asked for. */
mnist_status cli_train_begin_report(cli_train *t, mnist_error *err);
void cli_train_add_epoch(cli_train *t, const mnist_progress *at);
mnist_status cli_train_write_report(cli_train *t, cli_train_end end,
                                    const char *reason, mnist_error *err);

/* What is going to be trained on what; with --dry-run, what would have been; an
   epoch, in JSON; that it was stopped
   by a signal, and how to go on, or after the last epoch, when the weights were
   written; the end, with the test set's figures or NULL, whether a report that
   was asked for is written, and what to do next. */
void cli_train_announce(const cli_train *t);
void cli_train_tell_dry_run(const cli_train *t);
void cli_train_tell_epoch(const mnist_progress *at);
void cli_train_tell_stopped(const cli_train *t, int number);
void cli_train_tell_stopped_late(const cli_train *t, int number);
void cli_train_tell_end(const cli_train *t, const mnist_evaluation *figures,
                        bool reported);

#endif
