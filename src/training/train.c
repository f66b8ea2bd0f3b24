#include <mnist/train.h>

#include "base/memory.h"
#include "model/chain.h"
#include "training/optimizer.h"

#include <mnist/batch.h>
#include <mnist/evaluate.h>
#include <mnist/loss.h>

#include <math.h>
#include <time.h>

/* Everything that a training holds; made before the first step. */
typedef struct {
    const mnist_train_options *options;
    mnist_network *net;
    mnist_workspace *ws;
    mnist_batches *batches;
    mnist_optimizer optimizer;
    uint8_t *labels; /* of the batch */
    float *loss;     /* of each image of the batch */
    float *dlogits;
} training;

mnist_train_options mnist_train_defaults(void)
{
    return (mnist_train_options){.epochs = 5,
                                 .batch = 128,
                                 .rmsprop = mnist_rmsprop_defaults(),
                                 .shuffle = 1};
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static mnist_status training_start(training *t, const mnist_dataset *data,
                                   mnist_error *err)
{
    const mnist_train_options *options = t->options;
    /* A batch larger than the dataset is the dataset. */
    size_t batch = options->batch < data->count ? options->batch : data->count;
    mnist_status status = mnist_batches_new(
        &t->batches, data, batch, options->shuffle, options->seed, err);
    if (!status)
        status = mnist_workspace_new(&t->ws, t->net, batch, options->threads, 1,
                                     err);
    if (!status)
        status = mnist_optimizer_start(&t->optimizer, &options->rmsprop,
                                       t->net->size, err);
    if (status)
        return status;
    size_t classes = mnist_network_classes(t->net);
    t->labels = mnist_alloc(batch, sizeof *t->labels);
    t->loss = mnist_alloc(batch, sizeof *t->loss);
    t->dlogits = mnist_alloc(batch, classes * sizeof *t->dlogits);
    if (!t->labels || !t->loss || !t->dlogits)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for batches of %zu images", batch);
    return MNIST_OK;
}

static void training_end(training *t)
{
    mnist_free(t->dlogits);
    mnist_free(t->loss);
    mnist_free(t->labels);
    mnist_optimizer_stop(&t->optimizer);
    mnist_workspace_free(t->ws);
    mnist_batches_free(t->batches);
}

/* Sums over the epoch's images so far. */
typedef struct {
    size_t count, correct;
    double loss, cross_entropy;
} totals;

/* One step: forward, loss, backward, update. Returns 0, with no update made, if
   the loss is not finite; it is added to the sums all the same. */
static int step(training *t, size_t epoch, const mnist_batch *batch,
                totals *sums)
{
    size_t K = mnist_network_classes(t->net);
    const float *logits =
        mnist_network_forward_training(t->ws, batch, t->options->seed, epoch);
    for (size_t n = 0; n < batch->count; n++)
        t->labels[n] = batch->from->labels[batch->index[n]];
    mnist_softmax_cross_entropy(logits, t->labels, batch->count, K, t->loss,
                                t->dlogits);
    double cross_entropy = 0;
    for (size_t n = 0; n < batch->count; n++) {
        cross_entropy += (double)t->loss[n];
        sums->correct += mnist_argmax(logits + n * K, K) == t->labels[n];
    }
    double loss =
        cross_entropy + (double)batch->count * mnist_network_penalty(t->ws);
    sums->count += batch->count;
    sums->cross_entropy += cross_entropy;
    sums->loss += loss;
    if (!isfinite(loss))
        return 0;
    mnist_network_backward(t->ws, t->dlogits);
    mnist_optimizer_step(&t->optimizer, mnist_workspace_engine(t->ws),
                         t->net->block, mnist_workspace_gradients(t->ws));
    return 1;
}

static mnist_status fail_diverged(const training *t, const mnist_progress *at,
                                  mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_DIVERGED,
                      "training diverged: the loss is %s at epoch %zu, batch "
                      "%zu of %zu (learning rate %g, scale %g); try a smaller "
                      "learning rate such as 0.001, or scale 255",
                      isnan(at->loss) ? "not a number" : "infinite", at->epoch,
                      at->step, at->steps, t->options->rmsprop.lr,
                      (double)mnist_network_scale(t->net));
}

static mnist_status run_epoch(training *t, size_t epoch, mnist_progress *at,
                              mnist_error *err)
{
    const mnist_train_options *options = t->options;
    totals sums = {0};
    mnist_batch batch;
    double begin = now();
    mnist_batches_start(t->batches, epoch);
    *at = (mnist_progress){.epoch = epoch + 1,
                           .epochs = options->epochs,
                           .steps = mnist_batches_steps(t->batches)};
    while (mnist_batches_next(t->batches, &batch)) {
        int finite = step(t, epoch, &batch, &sums);
        at->step++;
        at->loss = sums.loss / (double)sums.count;
        at->cross_entropy = sums.cross_entropy / (double)sums.count;
        at->accuracy = (double)sums.correct / (double)sums.count;
        at->seconds = now() - begin;
        if (!finite)
            return fail_diverged(t, at, err);
        if (options->callback && options->callback(at, options->user))
            return mnist_fail(err, MNIST_ERROR_STOPPED,
                              "training stopped at epoch %zu, batch %zu of %zu",
                              at->epoch, at->step, at->steps);
    }
    return MNIST_OK;
}

mnist_status mnist_train(mnist_network *net, const mnist_dataset *data,
                         const mnist_train_options *options,
                         mnist_progress *last, mnist_error *err)
{
    training t = {.options = options, .net = net};
    mnist_progress at = {0};
    if (options->batch == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "batch 0: expected at least 1 image a batch");
    if (!data->labels)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: training needs labels, and there are none",
                          data->images_name);
    mnist_status status = mnist_rmsprop_check(&options->rmsprop, err);
    if (!status)
        status = mnist_network_fits(net, data, err);
    if (!status)
        status = training_start(&t, data, err);
    for (size_t epoch = 0; !status && epoch < options->epochs; epoch++)
        status = run_epoch(&t, epoch, &at, err);
    training_end(&t);
    if (last)
        *last = at;
    return status;
}
