/*
 * How weights and checkpoints came about, as notes in the file. Every option
 * that decides the result is there. Nothing is that differs from one run to the
 * next of the same training: no time, no machine, no path, no threads, no
 * kernel but those of --fast, which give other digits.
 */
#include "cli/options/choices.h"
#include "cli/results/epoch_note.h"
#include "cli/text/text.h"
#include "cli/train/train.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_text(cli_train_record *record, const char *key,
                     const char *text)
{
    char *value = record->values[record->count];
    snprintf(value, CLI_NUMBER_MAX, "%s", text);
    record->notes[record->count++] = (mnist_note){key, value};
}

static void add_count(cli_train_record *record, const char *key, uint64_t value)
{
    char text[CLI_NUMBER_MAX];
    snprintf(text, sizeof text, "%" PRIu64, value);
    add_text(record, key, text);
}

static void add_real(cli_train_record *record, const char *key, double value)
{
    char text[CLI_NUMBER_MAX];
    add_text(record, key, cli_real_text(text, value));
}

static void add_figure(cli_train_record *record, const char *key, double value)
{
    char text[CLI_NUMBER_MAX];
    snprintf(text, sizeof text, "%.6g", value);
    add_text(record, key, text);
}

void cli_train_note_options(const cli_train *t, cli_train_record *record)
{
    const cli_train_args *args = t->args;
    add_text(record, "start", t->start);
    add_count(record, "epochs", args->epochs);
    add_count(record, "batch", args->batch);
    add_real(record, "lr", args->lr);
    add_text(record, "lr_schedule", args->lr_schedule);
    if (strcmp(args->lr_schedule, "step") == 0) {
        add_count(record, "lr_step", args->lr_step);
        add_real(record, "lr_gamma", args->lr_gamma);
    } else if (strcmp(args->lr_schedule, "plateau") == 0) {
        add_count(record, "lr_plateau", args->lr_plateau);
        add_real(record, "lr_factor", args->lr_factor);
        add_real(record, "min_lr", args->min_lr);
    }
    add_real(record, "rho", args->rho);
    add_real(record, "momentum", args->momentum);
    add_real(record, "epsilon", args->epsilon);
    add_text(record, "centered", args->centered ? "yes" : "no");
    if (args->clip_norm > 0)
        add_real(record, "clip_norm", args->clip_norm);
    add_count(record, "seed", args->seed);
    add_text(record, "shuffle", args->no_shuffle ? "no" : "yes");
    if (args->invert)
        add_text(record, "invert", "yes");
    if (args->transpose)
        add_text(record, "transpose", "yes");
    if (cli_train_is_fast(t))
        add_text(record, "fast", "yes");
    if (args->patience)
        add_count(record, "patience", args->patience);
    if (args->save_best)
        add_text(record, "save_best", "yes");
    /* By whichever name: a checkpoint does not know which one was typed. */
    if (strcmp(cli_train_monitor(t),
               cli_monitor_name(MNIST_MONITOR_AUTO, t->validates)) != 0)
        add_text(record, "monitor", cli_train_monitor(t));
    if (cli_train_keeps_best(t))
        add_real(record, "min_delta", args->min_delta);
    if (args->limit)
        add_count(record, "limit", args->limit);
    if (args->validation_split > 0)
        add_real(record, "validation_split", args->validation_split);
    add_count(record, "train_images", t->images.count);
    if (t->validates)
        add_count(record, "validation_images", t->validation.count);
}

void cli_train_note_figures(const cli_train *t, cli_train_record *record)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    if (last->epoch == 0)
        return;
    add_figure(record, "loss", last->loss);
    add_figure(record, "accuracy", last->accuracy);
    if (last->validated) {
        add_figure(record, "val_loss", last->validation_loss);
        add_figure(record, "val_accuracy", last->validation_accuracy);
    }
    if (cli_train_keeps_best(t))
        add_count(record, "best_epoch", last->best_epoch);
    if (last->stopped_early)
        add_count(record, "stopped_epoch", last->epoch);
}

mnist_status cli_train_save(const cli_train *t, mnist_error *err)
{
    cli_train_record record = {.count = 0};
    cli_train_note_options(t, &record);
    cli_train_note_figures(t, &record);
    return mnist_weights_save(t->net, t->out, record.notes, record.count, err);
}

/* A file that --resume names has no mark but its own. */
char *cli_train_checkpoint(const cli_train *t, char out[PATH_MAX])
{
    const mnist_progress *at = mnist_trainer_progress(t->trainer);
    if (t->args->checkpoint)
        return cli_path_of_epoch(out, t->checkpoint, at->epoch);
    snprintf(out, PATH_MAX, "%s", t->checkpoint);
    return out;
}

mnist_status cli_train_save_checkpoint(const cli_train *t, mnist_error *err)
{
    cli_train_record record = {.count = 0};
    char *figures = NULL, path[PATH_MAX];
    cli_train_note_options(t, &record);
    size_t rows = t->args->history ? t->history.before : t->history_rows;
    if (rows > 0)
        add_count(&record, "history_rows", rows);
    if (t->epoch_count > 0 && t->epoch_count <= CLI_EPOCH_NOTE_MOST &&
        t->epochs[0].epoch == 1) {
        figures = cli_epoch_note_text(t->epochs, t->epoch_count);
        if (!figures)
            return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
        record.notes[record.count++] =
            (mnist_note){CLI_EPOCH_NOTE_KEY, figures};
    }
    mnist_status status =
        mnist_checkpoint_save(t->trainer, cli_train_checkpoint(t, path),
                              record.notes, record.count, err);
    free(figures);
    return status;
}
