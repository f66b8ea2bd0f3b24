/*
 * How weights and checkpoints came about, as notes in the file. Every option
 * that decides the result is there. Nothing is that differs from one run to the
 * next of the same training: no time, no machine, no path, no threads, no
 * kernel but those of --fast, which give other digits.
 */
#include "cli/report.h"
#include "cli/train.h"

#include <inttypes.h>
#include <string.h>

typedef struct notebook {
    mnist_note notes[32];
    char values[32][CLI_NUMBER_MAX]; /* the text that they point to */
    size_t count;
} notebook;

static void add_text(notebook *book, const char *key, const char *text)
{
    char *value = book->values[book->count];
    snprintf(value, CLI_NUMBER_MAX, "%s", text);
    book->notes[book->count++] = (mnist_note){key, value};
}

static void add_count(notebook *book, const char *key, uint64_t value)
{
    char text[CLI_NUMBER_MAX];
    snprintf(text, sizeof text, "%" PRIu64, value);
    add_text(book, key, text);
}

static void add_real(notebook *book, const char *key, double value)
{
    char text[CLI_NUMBER_MAX];
    add_text(book, key, cli_real_text(text, value));
}

static void add_figure(notebook *book, const char *key, double value)
{
    char text[CLI_NUMBER_MAX];
    snprintf(text, sizeof text, "%.6g", value);
    add_text(book, key, text);
}

static void add_options(notebook *book, const cli_train *t)
{
    const cli_train_args *args = t->args;
    add_text(book, "start", t->start);
    add_count(book, "epochs", args->epochs);
    add_count(book, "batch", args->batch);
    add_real(book, "lr", args->lr);
    add_text(book, "lr_schedule", args->lr_schedule);
    if (strcmp(args->lr_schedule, "step") == 0) {
        add_count(book, "lr_step", args->lr_step);
        add_real(book, "lr_gamma", args->lr_gamma);
    }
    add_real(book, "rho", args->rho);
    add_real(book, "momentum", args->momentum);
    add_real(book, "epsilon", args->epsilon);
    add_text(book, "centered", args->centered ? "yes" : "no");
    add_count(book, "seed", args->seed);
    add_text(book, "shuffle", args->no_shuffle ? "no" : "yes");
    if (args->invert)
        add_text(book, "invert", "yes");
    if (args->transpose)
        add_text(book, "transpose", "yes");
    if (cli_train_is_fast(t))
        add_text(book, "fast", "yes");
    if (args->patience) {
        add_count(book, "patience", args->patience);
        add_real(book, "min_delta", args->min_delta);
    }
    if (args->limit)
        add_count(book, "limit", args->limit);
    if (args->validation_split > 0)
        add_real(book, "validation_split", args->validation_split);
    add_count(book, "train_images", t->images.count);
    if (t->validates)
        add_count(book, "validation_images", t->validation.count);
}

static void add_figures(notebook *book, const cli_train *t)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    if (last->epoch == 0)
        return;
    add_figure(book, "loss", last->loss);
    add_figure(book, "accuracy", last->accuracy);
    if (last->validated) {
        add_figure(book, "val_loss", last->validation_loss);
        add_figure(book, "val_accuracy", last->validation_accuracy);
    }
    if (t->args->patience)
        add_count(book, "best_epoch", last->best_epoch);
    if (last->stopped_early)
        add_count(book, "stopped_epoch", last->epoch);
}

mnist_status cli_train_save(const cli_train *t, mnist_error *err)
{
    notebook book = {.count = 0};
    add_options(&book, t);
    add_figures(&book, t);
    return mnist_weights_save(t->net, t->out, book.notes, book.count, err);
}

mnist_status cli_train_save_checkpoint(const cli_train *t, mnist_error *err)
{
    notebook book = {.count = 0};
    add_options(&book, t);
    return mnist_checkpoint_save(t->trainer, t->checkpoint, book.notes,
                                 book.count, err);
}
