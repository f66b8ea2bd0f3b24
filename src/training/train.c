#include <mnist/train.h>

#include "base/memory.h"
#include "model/chain.h"
#include "training/clip.h"
#include "training/monitor.h"
#include "training/trainer.h"

#include <mnist/evaluate.h>
#include <mnist/loss.h>

#include <math.h>
#include <string.h>
#include <time.h>

/* A loss beyond all sense. Gradients whose squares overflow have one, as a
   rule, so from there on each batch is looked at; else the last of an epoch. */
#define HOPELESS 1e6

mnist_train_options mnist_train_defaults(void)
{
    return (mnist_train_options){.epochs = 5,
                                 .batch = 128,
                                 .rmsprop = mnist_rmsprop_defaults(),
                                 .schedule = MNIST_CONSTANT,
                                 .step_epochs = 10,
                                 .step_factor = 0.1,
                                 .plateau_epochs = 10,
                                 .plateau_factor = 0.1,
                                 .shuffle = 1};
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- Beginning and end ---- */

static mnist_status check_labelled(const mnist_network *net,
                                   const mnist_dataset *data, mnist_error *err)
{
    if (!data->labels)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: training needs labels, and there are none",
                          data->images_name);
    return mnist_network_fits(net, data, err);
}

static mnist_status check(const mnist_network *net, const mnist_dataset *data,
                          const mnist_train_options *options, mnist_error *err)
{
    if (options->batch == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "batch 0: expected at least 1 image a batch");
    if (!(options->clip_norm >= 0 && isfinite(options->clip_norm)))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "clip norm %g: expected a number from 0 on",
                          options->clip_norm);
    mnist_status status = mnist_rmsprop_check(&options->rmsprop, err);
    if (!status)
        status = mnist_schedule_check(options, err);
    if (!status)
        status = mnist_monitor_check(options, err);
    if (!status)
        status = check_labelled(net, data, err);
    if (!status && options->validation)
        status = check_labelled(net, options->validation, err);
    return status;
}

static mnist_status take_memory(mnist_trainer *t, mnist_error *err)
{
    const mnist_train_options *o = &t->options;
    /* A batch larger than the dataset is the dataset. */
    size_t batch = o->batch < t->data->count ? o->batch : t->data->count;
    size_t classes = mnist_network_classes(t->net);
    bool keeps_best = mnist_monitor_keeps_best(o);
    mnist_status status = mnist_batches_new(&t->batches, t->data, batch,
                                            o->shuffle, o->seed, err);
    if (!status)
        status = mnist_workspace_make(&t->ws, t->net, batch, o->threads,
                                      MNIST_LEARN, err);
    if (!status && o->fast)
        status = mnist_workspace_hasten(t->ws, &t->not_fast, err);
    if (!status)
        status = mnist_optimizer_start(&t->optimizer, &o->rmsprop, t->net->size,
                                       err);
    if (status)
        return status;
    t->labels = mnist_alloc(batch, sizeof *t->labels);
    t->loss = mnist_alloc(batch, sizeof *t->loss);
    t->dlogits = mnist_alloc(batch, classes * sizeof *t->dlogits);
    t->spare = mnist_alloc(t->net->size, sizeof *t->spare);
    if (keeps_best)
        t->best = mnist_calloc(t->net->size, sizeof *t->best);
    if (o->clip_norm > 0)
        t->gradient = mnist_calloc(t->net->size, sizeof *t->gradient);
    if (!t->labels || !t->loss || !t->dlogits || !t->spare ||
        (keeps_best && !t->best) || (o->clip_norm > 0 && !t->gradient))
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for training in batches of %zu "
                          "images; try a smaller batch",
                          batch);
    return MNIST_OK;
}

mnist_status mnist_trainer_new(mnist_trainer **out, mnist_network *net,
                               const mnist_dataset *data,
                               const mnist_train_options *options,
                               mnist_error *err)
{
    mnist_status status = check(net, data, options, err);
    if (status)
        return status;
    mnist_trainer *t = mnist_calloc(1, sizeof *t);
    if (!t)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for a training");
    t->options = *options;
    t->net = net;
    t->data = data;
    if (options->schedule == MNIST_PLATEAU)
        t->at.plateau = mnist_plateau_start(options);
    status = take_memory(t, err);
    if (status)
        mnist_trainer_free(t);
    else
        *out = t;
    return status;
}

void mnist_trainer_free(mnist_trainer *t)
{
    if (!t)
        return;
    mnist_free(t->best);
    mnist_free(t->spare);
    mnist_free(t->gradient);
    mnist_free(t->dlogits);
    mnist_free(t->loss);
    mnist_free(t->labels);
    mnist_optimizer_stop(&t->optimizer);
    mnist_workspace_free(t->ws);
    mnist_batches_free(t->batches);
    mnist_free(t);
}

const mnist_progress *mnist_trainer_progress(const mnist_trainer *t)
{
    return &t->progress;
}

const char *mnist_trainer_kernels(const mnist_trainer *t, const char **why)
{
    if (why)
        *why = t->not_fast;
    return mnist_workspace_kernels(t->ws);
}

/* ---- Where the weights are ---- */

static void arrange_state(mnist_trainer *t, float *state, bool panels)
{
    if (!state)
        return;
    memcpy(t->spare, state, t->net->size * sizeof *state);
    mnist_network_arrange(t->net, panels, t->spare, state);
}

static void arrange(mnist_trainer *t, bool panels)
{
    arrange_state(t, t->optimizer.v, panels);
    arrange_state(t, t->optimizer.s, panels);
    arrange_state(t, t->optimizer.a, panels);
    t->learning = panels;
}

void mnist_trainer_take(mnist_trainer *t)
{
    if (t->learning)
        return;
    mnist_workspace_take(t->ws);
    arrange(t, true);
}

void mnist_trainer_give(mnist_trainer *t)
{
    if (!t->learning)
        return;
    mnist_workspace_give(t->ws);
    arrange(t, false);
}

/* ---- One batch ---- */

/* Backward and update: each gradient goes straight into its step, unless all of
   a tensor must be there first. */
static void learn(mnist_trainer *t, double lr)
{
    float *w = mnist_workspace_weights(t->ws);
    const mnist_engine *engine = mnist_workspace_engine(t->ws);
    if (!t->gradient) {
        const mnist_sink steps = mnist_optimizer_sink(&t->optimizer, lr, w);
        mnist_network_learn(t->ws, t->dlogits, &steps);
        return;
    }
    const mnist_sink keep = {.w = w, .gradient = t->gradient};
    mnist_network_learn(t->ws, t->dlogits, &keep);
    mnist_clip(engine, t->net, t->options.clip_norm, t->gradient);
    mnist_optimizer_step(&t->optimizer, engine, lr, w, t->gradient);
}

/* Forward, loss, backward, update. NULL, or what is not finite now; no update
   is made where that is the loss, which is in the totals all the same. */
static const char *step(mnist_trainer *t, const mnist_batch *batch, double lr)
{
    size_t K = mnist_network_classes(t->net);
    mnist_totals *totals = &t->at.totals;
    mnist_trainer_take(t);
    const float *logits = mnist_network_forward_training(
        t->ws, batch, t->options.seed, t->at.epoch);
    for (size_t n = 0; n < batch->count; n++)
        t->labels[n] = batch->from->labels[batch->index[n]];
    mnist_softmax_cross_entropy(logits, t->labels, batch->count, K, t->loss,
                                t->dlogits);
    double cross_entropy = 0;
    for (size_t n = 0; n < batch->count; n++) {
        cross_entropy += (double)t->loss[n];
        totals->correct += mnist_argmax(logits + n * K, K) == t->labels[n];
    }
    double loss =
        cross_entropy + (double)batch->count * mnist_network_penalty(t->ws);
    totals->count += batch->count;
    totals->cross_entropy += cross_entropy;
    totals->loss += loss;
    if (!isfinite(loss))
        return mnist_trainer_diverged(t);
    learn(t, lr);
    return loss > HOPELESS * (double)batch->count ? mnist_trainer_diverged(t)
                                                  : NULL;
}

/* ---- One epoch ---- */

static mnist_status validate(mnist_trainer *t, mnist_error *err)
{
    mnist_progress *p = &t->progress;
    mnist_evaluation e;
    mnist_status status =
        mnist_evaluate(t->ws, t->options.validation, &e, NULL, err);
    if (status)
        return status;
    p->validated = 1;
    p->validation_loss = e.loss;
    p->validation_cross_entropy = e.cross_entropy;
    p->validation_accuracy = e.accuracy;
    return MNIST_OK;
}

/* Keeps the weights if they are the best so far. */
static void look_for_best(mnist_trainer *t, double figure)
{
    const mnist_train_options *o = &t->options;
    mnist_position *at = &t->at;
    mnist_progress *p = &t->progress;
    if (at->best_epoch == 0
            ? isfinite(figure)
            : mnist_monitor_better(o, figure, at->best_figure, o->min_delta)) {
        at->best_figure = figure;
        at->best_epoch = p->epoch;
        memcpy(t->best, t->net->block, t->net->size * sizeof *t->best);
    }
    at->stopped_early =
        o->patience > 0 && p->epoch - at->best_epoch >= o->patience;
    p->best_epoch = at->best_epoch;
    p->stopped_early = at->stopped_early;
}

static mnist_status end_epoch(mnist_trainer *t, mnist_error *err)
{
    mnist_status status = MNIST_OK;
    mnist_trainer_give(t);
    if (t->options.validation)
        status = validate(t, err);
    if (status)
        return status;
    double figure = mnist_monitor_figure(&t->options, &t->progress);
    if (mnist_monitor_keeps_best(&t->options))
        look_for_best(t, figure);
    if (t->options.schedule == MNIST_PLATEAU)
        mnist_plateau_step(&t->at.plateau, &t->options, t->progress.epoch,
                           figure);
    return MNIST_OK;
}

void mnist_trainer_enter(mnist_trainer *t, size_t epoch)
{
    t->progress = (mnist_progress){
        .epoch = epoch + 1,
        .epochs = t->options.epochs,
        .steps = mnist_batches_steps(t->batches),
        .lr = mnist_schedule_lr(&t->options, epoch, &t->at.plateau),
        .best_epoch = t->at.best_epoch};
}

void mnist_trainer_tell(mnist_trainer *t, size_t step)
{
    const mnist_totals *totals = &t->at.totals;
    mnist_progress *p = &t->progress;
    double count = (double)totals->count;
    p->step = step;
    p->loss = totals->loss / count;
    p->cross_entropy = totals->cross_entropy / count;
    p->accuracy = (double)totals->correct / count;
}

/* From the batch at which the trainer stands to the end of its epoch. */
static mnist_status run_epoch(mnist_trainer *t, mnist_error *err)
{
    const mnist_train_options *o = &t->options;
    mnist_status status = MNIST_OK;
    mnist_batch batch;
    double begin = now();
    mnist_trainer_enter(t, t->at.epoch);
    double lr = t->progress.lr;
    size_t steps = t->progress.steps;
    if (t->at.step == 0)
        t->at.totals = (mnist_totals){0};
    mnist_batches_start(t->batches, t->at.epoch);
    for (size_t done = 0; done < t->at.step; done++)
        mnist_batches_next(t->batches, &batch);
    while (mnist_batches_next(t->batches, &batch)) {
        const char *wrong = step(t, &batch, lr);
        t->at.step++;
        mnist_trainer_tell(t, t->at.step);
        t->progress.seconds = now() - begin;
        if (!wrong && t->at.step == steps)
            wrong = mnist_trainer_diverged(t);
        if (wrong)
            return mnist_trainer_fail_diverged(t, wrong, err);
        if (t->at.step == steps) {
            status = end_epoch(t, err);
            t->at.epoch++;
            t->at.step = 0;
        }
        if (!status && o->callback && o->callback(&t->progress, o->user))
            status = mnist_fail(err, MNIST_ERROR_STOPPED,
                                "training stopped at epoch %zu, batch %zu of "
                                "%zu",
                                t->progress.epoch, t->progress.step, steps);
        if (status)
            return status;
    }
    return MNIST_OK;
}

/* Puts the best weights back, and keeps the last ones in their place. */
static void swap_best(mnist_trainer *t)
{
    for (size_t i = 0; i < t->net->size; i++) {
        float last = t->net->block[i];
        t->net->block[i] = t->best[i];
        t->best[i] = last;
    }
    t->swapped = true;
}

mnist_status mnist_trainer_run(mnist_trainer *t, mnist_error *err)
{
    /* Diverged before: no batch after it can be gone on with. */
    const char *wrong =
        t->progress.epoch > 0 ? mnist_trainer_diverged(t) : NULL;
    if (wrong)
        return mnist_trainer_fail_diverged(t, wrong, err);
    while (t->at.epoch < t->options.epochs && !t->at.stopped_early) {
        mnist_status status = run_epoch(t, err);
        mnist_trainer_give(t);
        if (status)
            return status;
    }
    if (t->best && t->at.best_epoch && !t->swapped)
        swap_best(t);
    return MNIST_OK;
}

mnist_status mnist_train(mnist_network *net, const mnist_dataset *data,
                         const mnist_train_options *options,
                         mnist_progress *last, mnist_error *err)
{
    mnist_trainer *trainer;
    mnist_status status = mnist_trainer_new(&trainer, net, data, options, err);
    if (status)
        return status;
    status = mnist_trainer_run(trainer, err);
    if (last)
        *last = trainer->progress;
    mnist_trainer_free(trainer);
    return status;
}
