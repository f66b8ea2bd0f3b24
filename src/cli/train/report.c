/* The report of a training: what --report writes at its end, be it a good one
   or not. */
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/results/epoch_note.h"
#include "cli/train/train.h"

#include <stdlib.h>
#include <string.h>

mnist_status cli_train_begin_report(cli_train *t, mnist_error *err)
{
    size_t done = cli_train_epochs(t);
    t->epochs = calloc((size_t)t->args->epochs + 1, sizeof *t->epochs);
    if (!t->epochs)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    if (t->epoch_note && cli_epoch_note_read(t->epochs, done, t->epoch_note))
        t->epoch_count = done;
    return MNIST_OK;
}

void cli_train_add_epoch(cli_train *t, const mnist_progress *at)
{
    if (t->epochs)
        t->epochs[t->epoch_count++] = *at;
}

static const char *why_no_epochs(const cli_train *t, cli_train_end end)
{
    if (end != CLI_TRAIN_DONE)
        return "No epoch was complete, so there is nothing to draw.";
    return t->args->resume ? "All epochs had been done before."
                           : "Nothing was trained: these are the weights that "
                             "it began with.";
}

static const char *why_no_data(cli_train_end end)
{
    if (end != CLI_TRAIN_DONE)
        return "The training did not reach its end, so nothing was evaluated.";
    return "There are neither test images nor images kept for validation, so "
           "nobody knows how good this network is. A data folder with "
           "t10k-images-idx3-ubyte and its labels has test images; "
           "--validation-split 0.1 keeps a tenth of those to train on.";
}

/* What the reader of the page has to know first. */
static const char *find_notice(const cli_train *t, cli_train_end end,
                               const char *reason, char out[1024])
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    size_t done = cli_train_epochs(t), begun = done - t->epoch_count;
    int used = 0;
    if (end == CLI_TRAIN_DIVERGED)
        used = snprintf(out, 1024, "No weights were written: %s. ", reason);
    else if (end == CLI_TRAIN_STOPPED_LATE)
        used = snprintf(out, 1024,
                        "Stopped by %s after the last epoch, before anything "
                        "was evaluated; mnist eval --report does that. ",
                        reason);
    else if (end == CLI_TRAIN_STOPPED)
        used = snprintf(out, 1024,
                        "Stopped by %s in epoch %zu of %zu after batch %zu of "
                        "%zu. ",
                        reason, last->epoch, last->epochs, last->step,
                        last->steps);
    else if (last->stopped_early)
        used = snprintf(out, 1024,
                        "Stopped early after epoch %zu, because none was "
                        "better than epoch %zu. ",
                        last->epoch, last->best_epoch);
    if (begun > 0 && t->epoch_count > 0)
        snprintf(out + used, 1024 - (size_t)used,
                 "Epochs up to %zu were trained without --report, so their "
                 "curves are not known.",
                 begun);
    else if (used == 0)
        return NULL;
    return out;
}

static const char *why_no_validation(const cli_train *t)
{
    return t->has_test
               ? "No images were kept from training for validation, so "
                 "overfitting cannot be seen on the way; only the test at the "
                 "end shows it. --validation-split 0.1 keeps a tenth."
               : "No images were kept from training for validation, so "
                 "overfitting cannot be seen. --validation-split 0.1 keeps a "
                 "tenth.";
}

mnist_status cli_train_write_report(cli_train *t, cli_train_end end,
                                    const char *reason, mnist_error *err)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    cli_train_record record = {.count = 0};
    char notice[1024], checkpoint[PATH_MAX];
    mnist_report *page = &t->report.page;
    if (!t->args->report)
        return MNIST_OK;
    cli_train_note_options(t, &record);
    if (end == CLI_TRAIN_DONE || end == CLI_TRAIN_STOPPED_LATE)
        cli_train_note_figures(t, &record);
    for (size_t i = 0; i < record.count; i++)
        cli_report_add_note(&t->report, &record.notes[i]);
    page->title = cli_path_name(end == CLI_TRAIN_STOPPED
                                    ? cli_train_checkpoint(t, checkpoint)
                                    : t->out);
    page->notice = find_notice(t, end, reason, notice);
    page->net = t->net;
    page->epochs = t->epochs;
    page->epoch_count = t->epoch_count;
    page->best_epoch = last->best_epoch;
    page->without_epochs = why_no_epochs(t, end);
    page->without_validation = why_no_validation(t);
    page->without_data = why_no_data(end);
    page->is_validation = !t->has_test;
    return mnist_report_write(page, t->args->report, err);
}
