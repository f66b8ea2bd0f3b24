/* What a training tells: on stderr how it goes, on stdout what came of it. */
#include "cli/options/command.h"
#include "cli/results/results.h"
#include "cli/terminal/signals.h"
#include "cli/text/flow.h"
#include "cli/text/json.h"
#include "cli/text/text.h"
#include "cli/train/train.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- Before ---- */

static void announce_json(const cli_train *t)
{
    const cli_train_args *args = t->args;
    cli_json json = cli_json_line("train");
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
    cli_json_real(&json, "clip_norm", args->clip_norm);
    cli_json_count(&json, "patience", args->patience);
    cli_json_bool(&json, "save_best", args->save_best);
    cli_json_text(&json, "monitor", cli_train_monitor(t));
    cli_json_count(&json, "seed", args->seed);
    cli_json_bool(&json, "shuffle", !args->no_shuffle);
    cli_json_text(&json, "kernel", mnist_trainer_kernels(t->trainer, NULL));
    if (args->resume) {
        cli_json_text(&json, "resumed", args->resume);
        cli_json_count(&json, "epochs_done", cli_train_epochs(t));
    }
    if (args->dry_run)
        cli_json_layers(&json, t->net);
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
    if (!args->quiet) {
        tell_not_fast(t);
        cli_train_warn_of_labels(t);
    }
    if (args->json)
        announce_json(t);
    if (args->verbose == 0)
        return;
    cli_flow text = {.width = cli_terminal_room(&t->terminal)};
    cli_flow_add(
        &text, 0, "%s:",
        cli_quote(folder, args->images ? t->train.images_name : t->folder));
    cli_flow_add(&text, 1, "%zu images to train on,", t->images.count);
    if (t->validates)
        cli_flow_add(&text, 1, "%zu to validate,", t->validation.count);
    cli_flow_add(&text, 1, "%zu to test,", t->has_test ? t->test.count : 0);
    cli_flow_add(&text, 1, "%zux%zu", t->train.rows, t->train.cols);
    cli_flow_end_line(&text);
    cli_flow_add_list(&text, mnist_network_line(t->net), ',');
    cli_flow_add(&text, 0, ":");
    cli_flow_add(&text, 1, "%s parameters,",
                 cli_grouped(number, mnist_network_parameters(t->net)));
    cli_flow_add(&text, 1, "kernels %s,",
                 mnist_trainer_kernels(t->trainer, NULL));
    cli_flow_add(&text, 1, "seed %" PRIu64, args->seed);
    cli_flow_end_line(&text);
    fputs(text.text, stderr);
    if (args->resume)
        announce_resumed(t);
}

void cli_train_tell_dry_run(const cli_train *t)
{
    if (t->args->json || t->args->quiet)
        return;
    cli_print_layers(stdout, t->net);
    puts("dry run: nothing was trained or written");
}

/* ---- On the way ---- */

void cli_train_tell_epoch(const mnist_progress *at)
{
    cli_json json = cli_json_line("train");
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
    char found[PATH_MAX], checkpoint[PATH_MAX], number[CLI_NUMBER_MAX];
    cli_train_checkpoint(t, checkpoint);
    fputs("mnist train", stderr);
    print_option("resume", checkpoint);
    if (args->checkpoint && cli_path_epoch(args->checkpoint))
        print_option("checkpoint", args->checkpoint);
    snprintf(number, sizeof number, "%" PRIu64, args->checkpoint_every);
    print_option("checkpoint-every",
                 args->checkpoint_every > 1 ? number : NULL);
    print_option("data", args->data);
    print_option("images", args->images);
    print_option("labels", args->labels);
    print_option("test-images", args->test_images);
    print_option("test-labels", args->test_labels);
    print_option("val-images", args->val_images);
    print_option("val-labels", args->val_labels);
    print_option("history", args->history);
    print_option("report", args->report);
    cli_path_resumed(found, checkpoint, CLI_WEIGHTS_NAME);
    print_option("out", strcmp(found, t->out) == 0 ? NULL : t->out);
    fputc('\n', stderr);
}

void cli_train_tell_stopped_late(const cli_train *t, int number)
{
    fprintf(stderr,
            "mnist: stopped by %s after the last epoch; the weights are in ",
            cli_signals_name(number));
    cli_print_name(stderr, t->out);
    fputc('\n', stderr);
}

void cli_train_tell_stopped(const cli_train *t, int number)
{
    const mnist_progress *at = mnist_trainer_progress(t->trainer);
    fprintf(stderr,
            "mnist: stopped by %s in epoch %zu/%zu after batch %zu/%zu; to go "
            "on: ",
            cli_signals_name(number), at->epoch, at->epochs, at->step,
            at->steps);
    print_resume(t);
    if (t->args->json) {
        char checkpoint[PATH_MAX];
        cli_json json = cli_json_line("train");
        cli_json_text(&json, "event", "stopped");
        cli_json_text(&json, "checkpoint", cli_train_checkpoint(t, checkpoint));
        cli_json_count(&json, "epoch", at->epoch);
        cli_json_count(&json, "batch", at->step);
        cli_json_close(&json);
    }
}

/* ---- At the end ---- */

/* What the training reached with the weights that it wrote; null where that was
   told before it was resumed. */
static void tell_kept(cli_json *json, const cli_train *t)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    size_t epoch = cli_train_keeps_best(t) ? last->best_epoch : last->epoch;
    if (epoch == 0 || t->kept.epoch != epoch) {
        cli_json_null(json, "kept");
        return;
    }
    cli_json_begin(json, "kept", '{');
    cli_json_count(json, "epoch", epoch);
    cli_json_figures(json, &t->kept);
    cli_json_end(json, '}');
}

/* Enough to be compared with other runs without their other lines. */
static void tell_end_json(const cli_train *t, const mnist_evaluation *figures,
                          bool reported)
{
    const mnist_progress *last = mnist_trainer_progress(t->trainer);
    cli_json json = cli_json_line("train");
    cli_json_text(&json, "event", "done");
    cli_json_text(&json, "weights", t->out);
    cli_json_count(&json, "seed", t->args->seed);
    cli_json_count(&json, "epochs", last->epoch);
    cli_json_real(&json, "seconds", t->seconds);
    if (t->args->report && reported)
        cli_json_text(&json, "report", t->args->report);
    if (cli_train_keeps_best(t)) {
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
    tell_kept(&json, t);
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
               last->epoch, cli_train_monitor(t), patience,
               patience == 1 ? "" : "s");
    printf("best epoch %zu of %zu; its weights are kept\n", last->best_epoch,
           last->epoch);
}

/* A person who has just trained hears what to do with it, in commands that run
   as they stand. */
static void suggest(const cli_train *t)
{
    const cli_train_args *args = t->args;
    bool named = strcmp(t->out, CLI_WEIGHTS_NAME) != 0;
    if (args->verbose != 1 || !t->terminal.person)
        return;
    fprintf(stderr, "next: mnist %s", t->has_test ? "eval" : "info");
    if (!t->has_test || named) {
        fputc(' ', stderr);
        cli_print_argument(stderr, t->out);
    }
    print_option("images", args->test_images);
    print_option("labels", args->test_labels);
    if (t->has_test && !args->test_images)
        print_option("data", args->data);
    fputs(t->has_test ? " --confusion\n" : "\n", stderr);
    /* The name is for messages: one that was made fit to show leads nowhere. */
    if (!t->has_test || access(t->test.images_name, R_OK) != 0)
        return;
    fputs("      mnist predict ", stderr);
    cli_print_argument(stderr, t->test.images_name);
    print_option("index", t->test.count > 3 ? "0:3" : "0");
    print_option("weights", named ? t->out : NULL);
    fputc('\n', stderr);
}

static void tell_written(const char *path)
{
    fputs("wrote ", stdout);
    cli_print_name(stdout, path);
    putchar('\n');
}

void cli_train_tell_end(const cli_train *t, const mnist_evaluation *figures,
                        bool reported)
{
    cli_terminal out = cli_terminal_of(stdout, &t->args->common);
    if (t->args->json) {
        tell_end_json(t, figures, reported);
    } else if (!t->args->quiet) {
        tell_best(t);
        if (figures)
            cli_print_evaluation(&out, "test ", figures);
        tell_written(t->out);
        if (t->args->report && reported)
            tell_written(t->args->report);
        fflush(stdout);
    }
    suggest(t);
}
