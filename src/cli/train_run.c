#include "cli/command.h"
#include "cli/paths.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/train.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

enum {
    TEST_BATCH = 500, /* images evaluated at once */
    FEW_BATCHES = 50  /* too few to have learned from */
};

/* Tells once that results get lost. */
static void check_output(cli_train *t)
{
    int reason = cli_output_error();
    if (reason == 0 || t->told_output)
        return;
    t->told_output = true;
    cli_warn("standard output: cannot write: %s; training goes on",
             strerror(reason));
}

static void report_epoch(cli_train *t, const mnist_progress *at)
{
    cli_json json = cli_json_open(stdout);
    cli_json_text(&json, "event", "epoch");
    cli_json_count(&json, "epoch", at->epoch);
    cli_json_count(&json, "epochs", at->epochs);
    cli_json_real(&json, "loss", at->loss);
    cli_json_real(&json, "cross_entropy", at->cross_entropy);
    cli_json_real(&json, "accuracy", at->accuracy);
    cli_json_real(&json, "seconds", at->seconds);
    cli_json_close(&json);
    check_output(t);
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
    cli_warn("after epoch %zu the accuracy is %.4f, hardly better than "
             "guessing; try another --lr, or --scale 255",
             at->epoch, at->accuracy);
}

static int on_batch(const mnist_progress *at, void *user)
{
    cli_train *t = user;
    cli_progress_step(&t->progress, at);
    if (at->step == at->steps) {
        if (t->args->json)
            report_epoch(t, at);
        warn_if_stuck(t, at);
    }
    return cli_signals_caught();
}

static mnist_status train(cli_train *t, mnist_error *err)
{
    const cli_train_args *args = t->args;
    mnist_train_options options = mnist_train_defaults();
    options.epochs = (size_t)args->epochs;
    options.batch = (size_t)args->batch;
    options.rmsprop = (mnist_rmsprop){.lr = args->lr,
                                      .rho = args->rho,
                                      .momentum = args->momentum,
                                      .epsilon = args->epsilon};
    options.seed = args->seed;
    options.threads = (unsigned)args->threads;
    options.shuffle = !args->no_shuffle;
    options.callback = on_batch;
    options.user = t;
    t->progress = cli_progress_start(&t->terminal, (unsigned)args->verbose);
    mnist_status status =
        mnist_train(t->net, &t->images, &options, &t->last, err);
    cli_progress_clear(&t->progress);
    return status;
}

/* The notes of a weights file, and the text that they point to. */
typedef struct notebook {
    mnist_note notes[16];
    char values[16][CLI_NUMBER_MAX];
    size_t count;
} notebook;

static char *add_note(notebook *book, const char *key)
{
    char *value = book->values[book->count];
    book->notes[book->count++] = (mnist_note){key, value};
    return value;
}

static void add_count(notebook *book, const char *key, uint64_t value)
{
    snprintf(add_note(book, key), CLI_NUMBER_MAX, "%" PRIu64, value);
}

static void add_real(notebook *book, const char *key, double value)
{
    /* Six digits say what was asked for; options have rarely more. */
    snprintf(add_note(book, key), CLI_NUMBER_MAX, "%.6g", value);
}

/* How the weights came about. Nothing that differs from one run to the next of
   the same training: no time, no machine, no path, no threads, no kernel. */
static void write_notes(notebook *book, const cli_train *t)
{
    const cli_train_args *args = t->args;
    const mnist_progress *last = &t->last;
    snprintf(add_note(book, "start"), CLI_NUMBER_MAX, "%s",
             args->init ? "weights" : "glorot_uniform");
    add_count(book, "epochs", args->epochs);
    add_count(book, "batch", args->batch);
    add_real(book, "lr", args->lr);
    add_real(book, "rho", args->rho);
    add_real(book, "momentum", args->momentum);
    add_real(book, "epsilon", args->epsilon);
    add_count(book, "seed", args->seed);
    snprintf(add_note(book, "shuffle"), CLI_NUMBER_MAX, "%s",
             args->no_shuffle ? "no" : "yes");
    add_count(book, "train_images", t->images.count);
    if (last->step > 0) {
        add_real(book, "loss", last->loss);
        add_real(book, "accuracy", last->accuracy);
    }
    if (last->epoch < args->epochs || last->step < last->steps) {
        add_count(book, "stopped_epoch", last->epoch);
        add_count(book, "stopped_batch", last->step);
    }
}

static mnist_status save(const cli_train *t, const char *path, mnist_error *err)
{
    notebook book = {.count = 0};
    write_notes(&book, t);
    return mnist_weights_save(t->net, path, book.notes, book.count, err);
}

/* The file named by --out is left as it was: what was asked for, the whole
   training, is not there. */
static int save_interrupted(const cli_train *t)
{
    const mnist_progress *at = &t->last;
    char path[PATH_MAX], quoted[CLI_QUOTE_MAX];
    mnist_error err;
    int number = cli_signals_caught();
    cli_path_interrupted(path, t->args->out);
    if (save(t, path, &err)) {
        cli_fail(&err);
    } else {
        fprintf(stderr,
                "mnist: stopped by %s in epoch %zu/%zu after batch %zu/%zu; "
                "the weights so far are in %s\n",
                number == SIGINT ? "SIGINT" : "SIGTERM", at->epoch, at->epochs,
                at->step, at->steps, cli_quote(quoted, path));
        if (t->args->json) {
            cli_json json = cli_json_open(stdout);
            cli_json_text(&json, "event", "stopped");
            cli_json_text(&json, "weights", path);
            cli_json_count(&json, "epoch", at->epoch);
            cli_json_count(&json, "batch", at->step);
            cli_json_close(&json);
        }
    }
    return CLI_SIGNAL + number;
}

static mnist_status evaluate(cli_train *t, mnist_evaluation *figures,
                             mnist_error *err)
{
    mnist_workspace *ws;
    size_t batch = t->test.count < TEST_BATCH ? t->test.count : TEST_BATCH;
    mnist_status status = mnist_workspace_new(
        &ws, t->net, batch, (unsigned)t->args->threads, 0, err);
    if (status)
        return status;
    status = mnist_evaluate(ws, &t->test, figures, NULL, err);
    mnist_workspace_free(ws);
    return status;
}

/* figures: NULL without a test set. */
static void report(const cli_train *t, const mnist_evaluation *figures)
{
    const cli_train_args *args = t->args;
    if (args->json) {
        cli_json json = cli_json_open(stdout);
        cli_json_text(&json, "event", "done");
        cli_json_text(&json, "weights", args->out);
        if (figures) {
            cli_json_begin(&json, "test", '{');
            cli_json_evaluation(&json, figures);
            cli_json_end(&json, '}');
        } else {
            cli_json_null(&json, "test");
        }
        cli_json_close(&json);
    } else if (!args->quiet) {
        if (figures)
            cli_report_evaluation(stdout, "test ", figures);
        fputs("wrote ", stdout);
        cli_print_name(stdout, args->out);
        putchar('\n');
        fflush(stdout);
    }
}

/* A person who has just trained hears what to do with it. */
static void suggest(const cli_train *t)
{
    const cli_train_args *args = t->args;
    if (args->verbose != 1 || !t->terminal.person)
        return;
    fprintf(stderr, "next: mnist %s", t->has_test ? "eval" : "info");
    if (!t->has_test || strcmp(args->out, CLI_WEIGHTS_NAME) != 0) {
        fputc(' ', stderr);
        cli_print_name(stderr, args->out);
    }
    if (t->has_test && args->data) {
        fputs(" --data ", stderr);
        cli_print_name(stderr, args->data);
    }
    fputs(t->has_test ? " --confusion\n" : "\n", stderr);
}

int cli_train_run(cli_train *t)
{
    mnist_error err;
    mnist_evaluation figures;
    check_output(t);
    cli_signals_watch();
    mnist_status status = train(t, &err);
    if (status == MNIST_ERROR_STOPPED)
        return save_interrupted(t);
    if (!status)
        status = save(t, t->args->out, &err);
    if (cli_signals_caught())
        return CLI_SIGNAL + cli_signals_caught();
    cli_signals_release();
    if (!status && t->has_test)
        status = evaluate(t, &figures, &err);
    if (status)
        return cli_fail(&err);
    report(t, t->has_test ? &figures : NULL);
    suggest(t);
    return CLI_DONE;
}
