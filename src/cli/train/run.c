#include "cli/options/command.h"
#include "cli/terminal/signals.h"
#include "cli/text/text.h"
#include "cli/train/train.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    TEST_BATCH = 128, /* images evaluated at once */
    FEW_BATCHES = 50  /* too few to have learned from */
};

/* Tells once that results get lost. A reader that left, as head does, meant to;
   but the weights are what a training is for, so it ends as if there had been
   none, and says why the prompt is not back yet. */
static void check_output(cli_train *t)
{
    int reason = cli_output_error();
    if (reason == 0 || t->told_output)
        return;
    t->told_output = true;
    if (reason != EPIPE) {
        cli_warn("standard output: cannot write: %s; training goes on",
                 strerror(reason));
    } else if (!t->args->quiet) {
        fputs("mnist: nobody reads standard output any more; training goes "
              "on, to write ",
              stderr);
        cli_print_name(stderr, t->out);
        fputc('\n', stderr);
    }
}

/* After an epoch anything that learns is far better than guessing, but for an
   epoch of a few batches. */
static void warn_if_stuck(cli_train *t, const mnist_progress *at)
{
    double chance = 1.0 / (double)mnist_network_classes(t->net);
    if (t->told_slow || t->args->quiet || at->accuracy >= 1.5 * chance ||
        at->epoch * at->steps < FEW_BATCHES)
        return;
    t->told_slow = true;
    cli_progress_clear(&t->progress);
    cli_warn("after epoch %zu the accuracy is %.4f, hardly better than "
             "guessing; try another --lr, or --scale 255",
             at->epoch, at->accuracy);
}

static bool is_best_so_far(const cli_train *t, const mnist_progress *at)
{
    return cli_train_keeps_best(t) && at->best_epoch == at->epoch;
}

static void keep_figures(cli_train *t, const mnist_progress *at)
{
    if (at->step == at->steps &&
        (!cli_train_keeps_best(t) || is_best_so_far(t, at)))
        t->kept = *at;
}

static bool wants_checkpoint(const cli_train *t, const mnist_progress *at)
{
    if (t->args->save_best)
        return t->checkpoints && is_best_so_far(t, at);
    return t->checkpoints && (at->epoch % t->args->checkpoint_every == 0 ||
                              at->epoch == at->epochs || at->stopped_early);
}

/* Tells the epoch and keeps what it gave. The row is written before the
   checkpoint: one too many is taken away in going on, one too few is lost. */
static mnist_status end_epoch(cli_train *t, const mnist_progress *at)
{
    keep_figures(t, at);
    if (t->args->json) {
        cli_train_tell_epoch(at);
        check_output(t);
    }
    warn_if_stuck(t, at);
    cli_train_add_epoch(t, at);
    mnist_status status = cli_history_add(&t->history, at, &t->failure);
    if (!status && wants_checkpoint(t, at))
        status = cli_train_save_checkpoint(t, &t->failure);
    return status;
}

int cli_train_on_batch(const mnist_progress *at, void *user)
{
    cli_train *t = user;
    cli_progress_step(&t->progress, at);
    if (at->step == at->steps && end_epoch(t, at) != MNIST_OK)
        return 1;
    return cli_signals_caught();
}

/* The page tells how far it came; its failure is told beside the other. */
static void write_report(cli_train *t, cli_train_end end, const char *reason)
{
    mnist_error err;
    if (cli_train_write_report(t, end, reason, &err))
        cli_fail(&err);
}

/* The file named by --out is left as it was: what was asked for, the whole
   training, is not there. */
static int stop(cli_train *t)
{
    mnist_error err;
    int number = cli_signals_caught();
    if (t->failure.status)
        return cli_fail(&t->failure);
    if (cli_train_save_checkpoint(t, &err))
        cli_fail(&err);
    else
        cli_train_tell_stopped(t, number);
    write_report(t, CLI_TRAIN_STOPPED, cli_signals_name(number));
    return CLI_SIGNAL + number;
}

/* On the test set; for the report, where there is none, on the images kept for
   validation, whose figures are not told otherwise. */
static mnist_status evaluate(cli_train *t, mnist_evaluation *figures,
                             mnist_error *err)
{
    mnist_workspace *ws;
    const mnist_dataset *data = t->has_test ? &t->test : &t->validation;
    size_t batch = data->count < TEST_BATCH ? data->count : TEST_BATCH;
    mnist_status status = mnist_workspace_new(
        &ws, t->net, batch, (unsigned)t->args->threads, 0, err);
    if (status)
        return status;
    if (t->args->report)
        status =
            cli_report_evaluate(&t->report, ws, data, CLI_REPORT_MISTAKES, err);
    else
        status = mnist_evaluate(ws, data, &t->report.page.figures, NULL, err);
    *figures = t->report.page.figures;
    mnist_workspace_free(ws);
    return status;
}

/* Training is over and its weights are saved. */
static int finish(cli_train *t)
{
    mnist_error err;
    mnist_evaluation figures;
    bool looks = t->has_test || (t->args->report && t->validates);
    if (looks && evaluate(t, &figures, &err))
        return cli_fail(&err);
    cli_signals_watch(); /* not to leave half a file */
    mnist_status status = cli_train_write_report(t, CLI_TRAIN_DONE, NULL, &err);
    int number = cli_signals_caught();
    cli_signals_release();
    cli_train_tell_end(t, t->has_test ? &figures : NULL, !status);
    if (status)
        return cli_fail(&err);
    return number ? CLI_SIGNAL + number : CLI_DONE;
}

int cli_train_run(cli_train *t)
{
    mnist_error err;
    check_output(t);
    keep_figures(t, mnist_trainer_progress(t->trainer));
    cli_signals_watch();
    double start = cli_now();
    cli_progress_start(&t->progress, &t->terminal, (unsigned)t->args->verbose,
                       t->args->plot,
                       strcmp(t->args->lr_schedule, "constant") != 0);
    mnist_status status = mnist_trainer_run(t->trainer, &err);
    t->seconds = cli_now() - start;
    cli_progress_end(&t->progress, !status || status == MNIST_ERROR_STOPPED);
    if (status == MNIST_ERROR_STOPPED)
        return stop(t);
    if (status == MNIST_ERROR_DIVERGED)
        write_report(t, CLI_TRAIN_DIVERGED, err.message);
    if (!status)
        status = cli_train_save(t, &err);
    if (!status && cli_signals_caught()) {
        cli_train_tell_stopped_late(t, cli_signals_caught());
        write_report(t, CLI_TRAIN_STOPPED_LATE,
                     cli_signals_name(cli_signals_caught()));
        return CLI_SIGNAL + cli_signals_caught();
    }
    cli_signals_release();
    return status ? cli_fail(&err) : finish(t);
}
