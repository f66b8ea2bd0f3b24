#include "cli/files/form.h"
#include "cli/files/paths.h"
#include "cli/options/choices.h"
#include "cli/options/command.h"
#include "cli/text/characters.h"
#include "cli/text/text.h"
#include "cli/train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The last fraction of what is trained on, as Keras takes it: before any
   shuffling, the number to train on rounded down. */
static mnist_status split(cli_train *t, mnist_error *err)
{
    double fraction = t->args->validation_split;
    size_t count = t->images.count;
    double kept = floor((double)count * (1 - fraction));
    char text[CLI_NUMBER_MAX];
    if (!(kept >= 1 && kept < (double)count))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "--validation-split %s: of %zu images none would be "
                          "left to %s on",
                          cli_real_text(text, fraction), count,
                          kept >= 1 ? "validate" : "train");
    t->validation =
        mnist_dataset_slice(&t->images, (size_t)kept, count - (size_t)kept);
    t->images = mnist_dataset_slice(&t->images, 0, (size_t)kept);
    t->validates = true;
    return MNIST_OK;
}

static mnist_status turn(const cli_train *t, mnist_dataset *data,
                         mnist_error *err)
{
    return cli_form_turn(data, t->args->invert, t->args->transpose, err);
}

static mnist_status load_pair(const cli_train *t, const char *images,
                              const char *labels, mnist_dataset *out,
                              mnist_error *err)
{
    mnist_status status = mnist_dataset_load(out, images, labels, err);
    return status ? status : turn(t, out, err);
}

static mnist_status load_validation(cli_train *t, mnist_error *err)
{
    const cli_train_args *args = t->args;
    if (!args->val_images)
        return args->validation_split > 0 ? split(t, err) : MNIST_OK;
    mnist_status status =
        load_pair(t, args->val_images, args->val_labels, &t->other, err);
    if (status)
        return status;
    t->validation = mnist_dataset_slice(&t->other, 0, t->other.count);
    t->validates = true;
    return MNIST_OK;
}

/* A pair of files, or one part of the folder. */
static mnist_status load_part(const cli_train *t, mnist_part part,
                              const char *images, const char *labels,
                              mnist_dataset *out, mnist_error *err)
{
    if (images)
        return load_pair(t, images, labels, out, err);
    mnist_status status = mnist_dataset_load_part(out, t->folder, part, err);
    return status ? status : turn(t, out, err);
}

/* Beside images that were named there is a test set only if it was, too. */
static mnist_status load_test(cli_train *t, mnist_error *err)
{
    const cli_train_args *args = t->args;
    int has_test = args->test_images ? 1
                   : args->images
                       ? 0
                       : mnist_dataset_has_part(t->folder, MNIST_TEST);
    if (has_test < 0)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    t->has_test = has_test;
    return has_test ? load_part(t, MNIST_TEST, args->test_images,
                                args->test_labels, &t->test, err)
                    : MNIST_OK;
}

/* All of them before anything is trained: bad test data are told at once and
   not after ten minutes. */
static mnist_status load_data(cli_train *t, mnist_error *err)
{
    uint64_t limit = t->args->limit;
    mnist_status status = load_part(t, MNIST_TRAIN, t->args->images,
                                    t->args->labels, &t->train, err);
    if (!status)
        status = load_test(t, err);
    if (status)
        return status;
    if (limit == 0 || limit > t->train.count)
        limit = t->train.count;
    t->images = mnist_dataset_slice(&t->train, 0, (size_t)limit);
    return load_validation(t, err);
}

/* Of a small data set, one part may lack the last class. */
static size_t count_classes(const cli_train *t)
{
    size_t classes = t->train.classes;
    if (t->has_test && t->test.classes > classes)
        classes = t->test.classes;
    if (t->other.classes > classes)
        classes = t->other.classes;
    return classes;
}

static mnist_status new_network(cli_train *t, mnist_error *err)
{
    mnist_status status =
        mnist_spec_resolve(t->network, t->args->net, count_classes(t), err);
    if (!status)
        status = mnist_network_new(&t->net, t->network, t->train.rows,
                                   t->train.cols, (float)t->args->scale, err);
    if (!status)
        mnist_network_init(t->net, t->args->seed);
    return status;
}

mnist_status cli_train_check_network(const cli_train *t, const char *option,
                                     const char *path, mnist_status status,
                                     mnist_error *err)
{
    const cli_train_args *args = t->args;
    char line[MNIST_LINE_MAX], has[CLI_NUMBER_MAX], asked[CLI_NUMBER_MAX];
    char quoted[CLI_QUOTE_MAX];
    cli_quote(quoted, path);
    if (args->net_given) {
        mnist_status bad = mnist_spec_resolve(
            line, args->net, mnist_network_classes(t->net), err);
        if (bad)
            return bad;
        if (strcmp(line, mnist_network_line(t->net)) != 0)
            return mnist_fail(err, status,
                              "%s holds the network %.150s, but --net asks for "
                              "%.150s; leave out --net or --%s",
                              quoted, mnist_network_line(t->net),
                              cli_characters_plain(line), option);
    }
    if (args->scale_given && (float)args->scale != mnist_network_scale(t->net))
        return mnist_fail(err, status,
                          "%s has scale %s, but --scale asks for %s; leave out "
                          "--scale or --%s",
                          quoted,
                          cli_float_text(has, mnist_network_scale(t->net)),
                          cli_float_text(asked, (float)args->scale), option);
    return MNIST_OK;
}

static mnist_status make_network(cli_train *t, mnist_error *err)
{
    const char *init = t->args->init;
    if (t->net) /* a checkpoint's */
        return MNIST_OK;
    if (!init)
        return new_network(t, err);
    mnist_status status = cli_weights_load(&t->net, NULL, init, err);
    if (!status)
        status =
            cli_train_check_network(t, "init", init, MNIST_ERROR_WEIGHTS, err);
    if (!status)
        status = cli_weights_fit(init, t->net, &t->train, err);
    return status;
}

static mnist_train_options train_options(cli_train *t)
{
    const cli_train_args *args = t->args;
    mnist_train_options options = mnist_train_defaults();
    options.epochs = (size_t)args->epochs;
    options.batch = (size_t)args->batch;
    options.rmsprop = (mnist_rmsprop){.lr = args->lr,
                                      .rho = args->rho,
                                      .momentum = args->momentum,
                                      .epsilon = args->epsilon,
                                      .centered = args->centered};
    options.clip_norm = args->clip_norm;
    options.schedule = cli_schedule_of(args->lr_schedule);
    options.step_epochs = (size_t)args->lr_step;
    options.step_factor = args->lr_gamma;
    options.plateau_epochs = (size_t)args->lr_plateau;
    options.plateau_factor = args->lr_factor;
    options.min_lr = args->min_lr;
    options.seed = args->seed;
    options.threads = (unsigned)args->threads;
    options.shuffle = !args->no_shuffle;
    options.validation = t->validates ? &t->validation : NULL;
    options.patience = (size_t)args->patience;
    options.keep_best = args->save_best;
    options.monitor = cli_monitor_of(args->monitor);
    options.min_delta = args->min_delta;
    options.fast = args->fast;
    options.callback = cli_train_on_batch;
    options.user = t;
    return options;
}

static mnist_status make_trainer(cli_train *t, mnist_error *err)
{
    mnist_train_options options = train_options(t);
    mnist_status status =
        mnist_trainer_new(&t->trainer, t->net, &t->images, &options, err);
    if (!status && t->args->resume)
        status = mnist_checkpoint_load(t->trainer, t->args->resume, err);
    return status;
}

mnist_status cli_train_prepare(cli_train *t, mnist_error *err)
{
    mnist_status status = load_data(t, err);
    if (!status)
        status = make_network(t, err);
    if (!status && t->has_test)
        status = mnist_network_fits(t->net, &t->test, err);
    if (!status)
        status = make_trainer(t, err);
    return status;
}

bool cli_train_is_fast(const cli_train *t)
{
    const char *why;
    mnist_trainer_kernels(t->trainer, &why);
    return t->args->fast && !why;
}

bool cli_train_keeps_best(const cli_train *t)
{
    return t->args->patience > 0 || t->args->save_best;
}

const char *cli_train_monitor(const cli_train *t)
{
    return cli_monitor_name(cli_monitor_of(t->args->monitor), t->validates);
}

size_t cli_train_epochs(const cli_train *t)
{
    const mnist_progress *at = mnist_trainer_progress(t->trainer);
    return at->epoch && at->step < at->steps ? at->epoch - 1 : at->epoch;
}

void cli_train_release(cli_train *t)
{
    mnist_trainer_free(t->trainer);
    mnist_network_free(t->net);
    cli_report_free(&t->report);
    free(t->epochs);
    free(t->epoch_note);
    mnist_dataset_free(&t->other);
    mnist_dataset_free(&t->test);
    mnist_dataset_free(&t->train);
}
