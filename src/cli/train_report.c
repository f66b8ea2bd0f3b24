/* What a training tells: on stderr how it goes, on stdout what came of it. */
#include "cli/command.h"
#include "cli/report.h"
#include "cli/train.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

/* ---- Before ---- */

static void announce_json(const cli_train *t)
{
    const cli_train_args *args = t->args;
    cli_json json = cli_json_open(stdout);
    cli_json_text(&json, "event", "start");
    cli_json_text(&json, "network", mnist_network_line(t->net));
    cli_json_count(&json, "parameters", mnist_network_parameters(t->net));
    cli_json_float(&json, "scale", mnist_network_scale(t->net));
    cli_json_count(&json, "classes", mnist_network_classes(t->net));
    cli_json_count(&json, "train_images", t->images.count);
    cli_json_count(&json, "validation_images",
                   t->validates ? t->validation.count : 0);
    cli_json_count(&json, "test_images", t->has_test ? t->test.count : 0);
    cli_json_count(&json, "epochs", args->epochs);
    cli_json_count(&json, "batch", args->batch);
    cli_json_real(&json, "lr", args->lr);
    cli_json_text(&json, "lr_schedule", args->lr_schedule);
    cli_json_real(&json, "rho", args->rho);
    cli_json_real(&json, "momentum", args->momentum);
    cli_json_real(&json, "epsilon", args->epsilon);
    cli_json_bool(&json, "centered", args->centered);
    cli_json_count(&json, "patience", args->patience);
    cli_json_count(&json, "seed", args->seed);
    cli_json_bool(&json, "shuffle", !args->no_shuffle);
    cli_json_text(&json, "kernel", mnist_trainer_kernels(t->trainer, NULL));
    if (args->resume) {
        cli_json_text(&json, "resumed", args->resume);
        cli_json_count(&json, "epochs_done", cli_train_epochs(t));
    }
    cli_json_close(&json);
}

static void announce_resumed(const cli_train *t)
{
    const mnist_progress *at = mnist_trainer_progress(t->trainer);
    char quoted[CLI_QUOTE_MAX];
    fprintf(stderr, "going on from %s: ", cli_quote(quoted, t->args->resume));
    if (at->step == at->steps)
        fprintf(stderr, "%zu of %" PRIu64 " epochs are done\n", at->epoch,
                t->args->epochs);
    else
        fprintf(stderr, "epoch %zu/%" PRIu64 " after batch %zu/%zu\n",
                at->epoch, t->args->epochs, at->step, at->steps);
}

/* Why --fast has no effect here, if so, and what that means. */
static void tell_not_fast(const cli_train *t)
{
    const char *why;
    const char *kernels = mnist_trainer_kernels(t->trainer, &why);
    if (t->args->fast && why)
        cli_warn("--fast: %s, so the kernels are %s%s", why, kernels,
                 t->args->resume ? "; the last digits may differ from those "
                                   "where it has an effect"
                                 : "");
}

void cli_train_announce(const cli_train *t)
{
    const cli_train_args *args = t->args;
    char folder[CLI_QUOTE_MAX], number[CLI_NUMBER_MAX];
    if (mnist_network_scale(t->net) <= 1 && !args->quiet)
        cli_warn("raw pixels (--scale 1) often leave a network stuck near "
                 "chance; --scale 255 brings them to 0..1");
    if (!args->quiet)
        tell_not_fast(t);
    if (args->json)
        announce_json(t);
    if (args->verbose == 0)
        return;
    fprintf(stderr, "%s: %zu images to train on, ",
            cli_quote(folder, t->folder), t->images.count);
    if (t->validates)
        fprintf(stderr, "%zu to validate, ", t->validation.count);
    fprintf(stderr, "%zu to test, %zux%zu\n", t->has_test ? t->test.count : 0,
            t->train.rows, t->train.cols);
    fprintf(stderr, "%s: %s parameters, kernels %s, seed %" PRIu64 "\n",
            mnist_network_line(t->net),
            cli_grouped(number, mnist_network_parameters(t->net)),
            mnist_trainer_kernels(t->trainer, NULL), args->seed);
    if (args->resume)
        announce_resumed(t);
}

/* ---- On the way ---- */

void cli_train_tell_epoch(const mnist_progress *at)
{
    cli_json json = cli_json_open(stdout);
    cli_json_text(&json, "event", "epoch");
    cli_json_epoch(&json, at);
    cli_json_count(&json, "epochs", at->epochs);
    cli_json_close(&json);
}

static void print_option(const char *name, const char *value)
{
    if (!value)
        return;
    fprintf(stderr, " --%s ", name);
    cli_print_argument(stderr, value);
}

/* The command that goes on: options are in the checkpoint, paths are not. */
static void print_resume(const cli_train *t)
{
    const cli_train_args *args = t->args;
    char found[PATH_MAX];
    fputs("mnist train", stderr);
    print_option("resume", t->checkpoint);
    print_option("data", args->data);
    print_option("val-images", args->val_images);
    print_option("val-labels", args->val_labels);
    print_option("history", args->history);
    fputs(args->invert ? " --invert" : "", stderr);
    fputs(args->transpose ? " --transpose" : "", stderr);
    cli_path_resumed(found, t->checkpoint, CLI_WEIGHTS_NAME);
    print_option("out", strcmp(found, t->out) == 0 ? NULL : t->out);
    fputc('\n', stderr);
}

static const char *signal_name(int number)
{
    return number == SIGINT ? "SIGINT" : "SIGTERM";
}

void cli_train_tell_stopped_late(const cli_train *t, int number)
{
    fprintf(stderr,
            "mnist: stopped by %s after the last epoch; the weights are in ",
            signal_name(number));
    cli_print_name(stderr, t->out);
    fputc('\n', stderr);
}

void cli_train_tell_stopped(const cli_train *t, int number)
{
    const mnist_progress *at = mnist_trainer_progress(t->trainer);
    fprintf(stderr,
            "mnist: stopped by %s in epoch %zu/%zu after batch %zu/%zu; to go "
            "on: ",
            signal_name(number), at->epoch, at->epochs, at->step, at->steps);
    print_resume(t);
    if (t->args->json) {
        cli_json json = cli_json_open(stdout);
        cli_json_text(&json, "event", "stopped");
        cli_json_text(&json, "checkpoint", t->checkpoint);
        cli_json_count(&json, "epoch", at->epoch);
        cli_json_count(&json, "batch", at->step);
        cli_json_close(&json);
    }
}

/* ---- At the end ---- */

static void tell_end_json(const cli_train *t, const mnist_evaluation *figures)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    cli_json json = cli_json_open(stdout);
    cli_json_text(&json, "event", "done");
    cli_json_text(&json, "weights", t->out);
    if (t->args->patience) {
        cli_json_count(&json, "best_epoch", last->best_epoch);
        cli_json_bool(&json, "stopped_early", last->stopped_early);
    }
    if (figures) {
        cli_json_begin(&json, "test", '{');
        cli_json_evaluation(&json, figures);
        cli_json_end(&json, '}');
    } else {
        cli_json_null(&json, "test");
    }
    cli_json_close(&json);
}

/* Which epoch's weights these are, where that is not the last one's. */
static void tell_best(const cli_train *t)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    uint64_t patience = t->args->patience;
    if (last->best_epoch == 0)
        return;
    if (last->stopped_early)
        printf("stopped early after epoch %zu: no better %s in %" PRIu64
               " epoch%s\n",
               last->epoch, t->validates ? "val_loss" : "loss", patience,
               patience == 1 ? "" : "s");
    printf("best epoch %zu of %zu; its weights are kept\n", last->best_epoch,
           last->epoch);
}

/* A person who has just trained hears what to do with it. */
static void suggest(const cli_train *t)
{
    const cli_train_args *args = t->args;
    if (args->verbose != 1 || !t->terminal.person)
        return;
    fprintf(stderr, "next: mnist %s", t->has_test ? "eval" : "info");
    if (!t->has_test || strcmp(t->out, CLI_WEIGHTS_NAME) != 0) {
        fputc(' ', stderr);
        cli_print_argument(stderr, t->out);
    }
    if (t->has_test)
        print_option("data", args->data);
    fputs(t->has_test ? " --confusion\n" : "\n", stderr);
}

void cli_train_tell_end(const cli_train *t, const mnist_evaluation *figures)
{
    if (t->args->json) {
        tell_end_json(t, figures);
    } else if (!t->args->quiet) {
        tell_best(t);
        if (figures)
            cli_report_evaluation(stdout, "test ", figures);
        fputs("wrote ", stdout);
        cli_print_name(stdout, t->out);
        putchar('\n');
        fflush(stdout);
    }
    suggest(t);
}
