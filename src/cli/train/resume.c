#include "cli/files/notes.h"
#include "cli/options/adopt.h"
#include "cli/options/choices.h"
#include "cli/options/command.h"
#include "cli/options/values.h"
#include "cli/results/epoch_note.h"
#include "cli/text/text.h"
#include "cli/train/train.h"

#include <inttypes.h>
#include <string.h>

/* What decides the result and stands in the checkpoint. The network and its
   scale are compared by cli_train_check_network. */
static const char *const decisive[] = {
    "batch",      "lr",
    "rho",        "momentum",
    "epsilon",    "centered",
    "clip-norm",  "lr-schedule",
    "lr-step",    "lr-gamma",
    "lr-plateau", "lr-factor",
    "min-lr",     "seed",
    "no-shuffle", "patience",
    "save-best",  "monitor",
    "min-delta",  "fast",
    "limit",      "validation-split",
    "invert",     "transpose",
};

/* The options that the library keeps. */
static mnist_status read_options(cli_train_args *saved,
                                 const mnist_notes *notes, mnist_error *err)
{
    mnist_train_options o = mnist_train_defaults();
    mnist_status status = mnist_checkpoint_options(&o, notes, err);
    if (status)
        return status;
    saved->epochs = o.epochs;
    saved->batch = o.batch;
    saved->lr = o.rmsprop.lr;
    saved->rho = o.rmsprop.rho;
    saved->momentum = o.rmsprop.momentum;
    saved->epsilon = o.rmsprop.epsilon;
    saved->centered = o.rmsprop.centered;
    saved->clip_norm = o.clip_norm;
    saved->lr_schedule = cli_schedules[o.schedule];
    saved->lr_step = o.step_epochs;
    saved->lr_gamma = o.step_factor;
    saved->lr_plateau = o.plateau_epochs;
    saved->lr_factor = o.plateau_factor;
    saved->min_lr = o.min_lr;
    saved->seed = o.seed;
    saved->no_shuffle = !o.shuffle;
    saved->patience = o.patience;
    saved->save_best = o.keep_best;
    saved->monitor = cli_monitors[o.monitor];
    saved->min_delta = o.min_delta;
    saved->fast = o.fast;
    return MNIST_OK;
}

/* Those that this program keeps in notes of its own; see notes.c. */
static mnist_status read_notes(cli_train *t, cli_train_args *saved,
                               const mnist_notes *notes, mnist_error *err)
{
    const char *path = t->args->resume;
    const char *limit = cli_notes_find(notes, "limit");
    const char *split = cli_notes_find(notes, "validation_split");
    const char *start = cli_notes_find(notes, "start");
    const char *rows = cli_notes_find(notes, "history_rows");
    uint64_t before = 0;
    char quoted[CLI_QUOTE_MAX];
    saved->limit = 0;
    saved->validation_split = 0;
    if ((limit && !cli_read_count(&saved->limit, limit)) ||
        (split && !cli_read_real(&saved->validation_split, split)) ||
        (rows && !cli_read_count(&before, rows)))
        return mnist_fail(
            err, MNIST_ERROR_WEIGHTS,
            "%s: its notes on the data or the history are not numbers",
            cli_quote(quoted, path));
    t->history_rows = before < SIZE_MAX ? (size_t)before : SIZE_MAX;
    saved->invert = cli_notes_find(notes, "invert") != NULL;
    saved->transpose = cli_notes_find(notes, "transpose") != NULL;
    if (start && strcmp(start, "weights") == 0)
        t->start = "weights";
    const char *figures = cli_notes_find(notes, CLI_EPOCH_NOTE_KEY);
    if (t->args->report && figures && !(t->epoch_note = strdup(figures)))
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    return MNIST_OK;
}

/* A checkpoint holds no paths, so files for validation are to be named again,
   which is better told here than by a count that differs. */
static mnist_status check_validation(const cli_train *t,
                                     const mnist_notes *notes, mnist_error *err)
{
    const char *images = cli_notes_find(notes, "checkpoint_validation_images");
    char quoted[CLI_QUOTE_MAX];
    if (t->args->val_images || t->args->validation_split > 0 || !images ||
        strcmp(images, "0") == 0)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "%s: this training is validated on %s images of a file; "
                      "name it again with --val-images and --val-labels",
                      cli_quote(quoted, t->args->resume), images);
}

/* "auto" and what it stands for are the same. */
static void adopt_monitor(const cli_train *t, cli_train_args *saved,
                          const mnist_notes *notes)
{
    const char *images = cli_notes_find(notes, "checkpoint_validation_images");
    bool validates = images && strcmp(images, "0") != 0;
    const char *asked =
        cli_monitor_name(cli_monitor_of(t->args->monitor), validates);
    const char *has =
        cli_monitor_name(cli_monitor_of(saved->monitor), validates);
    if (strcmp(asked, has) == 0)
        saved->monitor = t->args->monitor;
}

/* These may be more than before, unless the learning rates depend on them. */
static mnist_status adopt_epochs(cli_train *t, const cli_line *line,
                                 const cli_train_args *saved,
                                 const mnist_notes *notes, mnist_error *err)
{
    const char *epoch = cli_notes_find(notes, "checkpoint_epoch");
    const char *step = cli_notes_find(notes, "checkpoint_step");
    uint64_t done = 0;
    char quoted[CLI_QUOTE_MAX];
    if (!cli_line_gives(line, "epochs") ||
        cli_schedule_of(saved->lr_schedule) == MNIST_COSINE)
        return cli_adopt(line, "epochs", t->args, saved, t->args->resume, err);
    if (epoch && step && cli_read_count(&done, epoch))
        done += strcmp(step, "0") != 0;
    if (t->args->epochs < done)
        return mnist_fail(
            err, MNIST_ERROR_ARGUMENT,
            "%s: %" PRIu64 " epochs are begun, and --epochs %" PRIu64
            " is fewer",
            cli_quote(quoted, t->args->resume), done, t->args->epochs);
    return MNIST_OK;
}

static mnist_status adopt(cli_train *t, const cli_line *line,
                          const mnist_notes *notes, mnist_error *err)
{
    cli_train_args saved = *t->args;
    mnist_status status = read_options(&saved, notes, err);
    if (!status)
        status = read_notes(t, &saved, notes, err);
    if (!status)
        status = cli_train_check_network(t, "resume", t->args->resume,
                                         MNIST_ERROR_ARGUMENT, err);
    if (!status)
        adopt_monitor(t, &saved, notes);
    for (size_t i = 0; i < sizeof decisive / sizeof *decisive && !status; i++)
        status =
            cli_adopt(line, decisive[i], t->args, &saved, t->args->resume, err);
    if (status)
        return status;
    status = adopt_epochs(t, line, &saved, notes, err);
    return status ? status : check_validation(t, notes, err);
}

mnist_status cli_train_resume(cli_train *t, const cli_line *line,
                              mnist_error *err)
{
    mnist_notes *notes;
    mnist_status status =
        mnist_weights_load(&t->net, &notes, t->args->resume, err);
    if (status)
        return status;
    status = adopt(t, line, notes, err);
    mnist_notes_free(notes);
    return status;
}
