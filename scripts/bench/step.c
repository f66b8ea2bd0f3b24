/*
 * A step of training as the library's workspace makes it, stage by stage, with
 * the clock looked at in between; so every part finds in the caches what it
 * finds there in training. Before that the library makes as many steps by
 * itself, timed whole: the parts must add up to them.
 *
 * What a part must at least do is counted, too: `flop` as if no input were 0,
 * `flop_left` without the terms that packing leaves out, and `bytes`
 * that must come from `level` at the earliest.
 */
#include "step.h"

#include "base/memory.h"
#include "measure.h"
#include "model/workspace.h"
#include "packing.h"
#include "training/optimizer.h"

#include <mnist/batch.h>
#include <mnist/loss.h>

#include <stdio.h>
#include <string.h>

enum { BATCH = 128, CLASSES_MAX = 256 };

/* ---- Parts and their times ---- */

enum { PARTS_MAX = 4 * MNIST_MAX_LAYERS + 16 };

typedef struct {
    char name[48];
    bool sum; /* counts towards the step */
    double flop, flop_left, bytes;
    const char *level;
    double *sample;
    size_t samples;
} part;

/* ---- What is measured ---- */

typedef struct {
    mnist_dataset data;
    mnist_network *net;
    mnist_workspace *ws; /* the library's own */
    mnist_batches *batches;
    mnist_optimizer optimizer;
    mnist_sink sink;
    mnist_pool *pool; /* of what is measured apart */
    mnist_batch batch;
    float *dlogits, *loss;
    uint8_t labels[BATCH];
    void *packed;
    float *w, *v, *g; /* of an update by itself */

    uint64_t epoch;
    size_t steps, parts, at;
    double since;
    part part[PARTS_MAX];
    part *forward[2 * MNIST_MAX_LAYERS], *backward[2 * MNIST_MAX_LAYERS];
} bench;

/* Ends the part that is under way: it has lasted since the one before. The
   first time around this is what makes the parts. */
static part *mark(bench *b, const char *layer, const char *what, bool sum)
{
    double now = bench_now();
    part *p = &b->part[b->at];
    if (b->at == b->parts) {
        if (b->parts == PARTS_MAX)
            bench_die("more parts than expected");
        snprintf(p->name, sizeof p->name, "%s%s%s", layer, *layer ? " " : "",
                 what);
        p->sum = sum;
        p->sample = bench_take(b->steps * sizeof *p->sample);
        b->parts++;
    }
    p->sample[p->samples++] = now - b->since;
    b->at++;
    b->since = bench_now();
    return p;
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void take_arrays(bench *b)
{
    const mnist_network *net = b->net;
    size_t n = net->size, bytes = 0;
    for (size_t s = 0; s < net->stages; s++)
        bytes = largest(bytes, bench_packing_bytes(
                                   BATCH, mnist_shape_size(net->stage[s].in)));
    b->packed = bench_take(bytes);
    b->dlogits = bench_floats((size_t)BATCH * CLASSES_MAX);
    b->loss = bench_floats(BATCH);
    b->w = bench_floats(n);
    b->v = bench_floats(n);
    b->g = bench_floats(n);
}

static void begin(bench *b, unsigned threads, const char *data,
                  const char *name)
{
    mnist_error err;
    char line[MNIST_LINE_MAX];
    const mnist_rmsprop rule = mnist_rmsprop_defaults();
    if (mnist_dataset_load_part(&b->data, data, MNIST_TRAIN, &err) ||
        mnist_spec_resolve(line, name, b->data.classes, &err) ||
        mnist_network_new(&b->net, line, b->data.rows, b->data.cols, 255,
                          &err) ||
        mnist_batches_new(&b->batches, &b->data, BATCH, 1, 0, &err) ||
        mnist_workspace_make(&b->ws, b->net, BATCH, threads, MNIST_LEARN,
                             &err) ||
        mnist_optimizer_start(&b->optimizer, &rule, b->net->size, &err))
        bench_die(err.message);
    if (!b->data.labels)
        bench_die("training needs labels");
    mnist_network_init(b->net, 0);
    b->sink = mnist_optimizer_sink(&b->optimizer, rule.lr,
                                   mnist_workspace_weights(b->ws));
    take_arrays(b);
}

/* ---- The parts ---- */

static void empty_part(void *context, unsigned worker, unsigned workers)
{
    (void)context;
    (void)worker;
    (void)workers;
}

/* All parameters, with arrays of their own: not fused with anything. */
static void update_part(void *context, unsigned worker, unsigned workers)
{
    const bench *b = context;
    mnist_range own = mnist_share(b->net->size, 16, worker, workers);
    size_t n = own.end - own.first;
    const mnist_rmsprop_rows rows = {.rows = 1,
                                     .n = n,
                                     .row = n,
                                     .w = b->w + own.first,
                                     .v = b->v + own.first,
                                     .g = b->g + own.first,
                                     .g_row = n};
    mnist_kernels_now()->rmsprop(&b->sink.factors, &rows);
}

/* ---- What the parts must do ---- */

static bool is_affine(const mnist_layer *layer)
{
    return layer->tensors > 0;
}

/* Operations of the product, forward and in each of dw and dx. */
static double product_flop(const mnist_layer *layer, size_t N)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    size_t places = layer->out.h * layer->out.w;
    return 2.0 * (double)(N * places * kernel->count);
}

static void expect_layer(const bench *b, size_t s, part *p, bool backward,
                         bool wants_dx)
{
    const mnist_layer *layer = &b->net->stage[s];
    double in = (double)(b->batch.count * mnist_shape_size(layer->in));
    double out = (double)(b->batch.count * mnist_shape_size(layer->out));
    if (is_affine(layer)) {
        p->flop = product_flop(layer, b->batch.count);
        if (backward && wants_dx)
            p->flop *= 2;
        p->flop_left = p->flop;
        /* w is read forward; w and v are read and written by the update. */
        p->bytes = sizeof(float) * (backward ? 4.0 : 1.0) *
                   (double)layer->tensor[MNIST_KERNEL].count;
    } else {
        p->bytes = sizeof(float) * (in + out);
    }
    p->level = "L2";
}

/* A part that reads all pixels. */
static void reads_images(part *p, const bench_packing *l)
{
    p->bytes = (double)(l->N * l->K);
    p->level = "L2";
}

/* The packing of the images for the layer that takes them, by itself: forward
   and backward contain it. Tells how much is left to compute there. */
static void run_packing(bench *b)
{
    for (size_t s = 0; s < b->net->stages; s++) {
        const mnist_layer *layer = &b->net->stage[s];
        if (mnist_stage_input(b->ws, s) || !layer->kind->takes_images)
            continue;
        bench_packing p = {.images = &b->ws->images,
                           .N = b->batch.count,
                           .K = mnist_shape_size(layer->in),
                           .J = layer->units,
                           .memory = b->packed};
        b->since = bench_now();
        bench_pack_rows(b->pool, &p);
        reads_images(
            mark(b, layer->name, "packing of rows (in forward)", false), &p);
        double dense = product_flop(layer, p.N);
        b->forward[s]->flop_left = bench_flop_of_rows(&p);
        b->since = bench_now();
        bench_pack_columns(b->pool, &p);
        reads_images(
            mark(b, layer->name, "packing of columns (in backward)", false),
            &p);
        b->backward[s]->flop_left =
            b->backward[s]->flop - dense + bench_flop_of_columns(&p);
    }
}

/* ---- The step ---- */

static const float *run_forward(bench *b)
{
    const float *y = NULL;
    for (size_t s = 0; s < b->net->stages; s++) {
        const mnist_layer *layer = &b->net->stage[s];
        y = mnist_stage_forward(b->ws, s);
        b->forward[s] = mark(b, layer->name, "forward", true);
        expect_layer(b, s, b->forward[s], false, false);
    }
    return y;
}

/* The update of a layer's parameters is in its part. */
static void run_backward(bench *b)
{
    size_t first = mnist_network_first_learning(b->net);
    float *dy = b->dlogits;
    for (size_t s = b->net->stages; s-- > first;) {
        const mnist_layer *layer = &b->net->stage[s];
        dy = mnist_stage_backward(b->ws, s, dy, &b->sink);
        b->backward[s] =
            mark(b, layer->name,
                 is_affine(layer) ? "backward and update" : "backward", true);
        expect_layer(b, s, b->backward[s], true, dy != NULL);
    }
}

static void run_loss(bench *b, const float *logits)
{
    size_t N = b->batch.count;
    for (size_t n = 0; n < N; n++)
        b->labels[n] = b->data.labels[b->batch.index[n]];
    mnist_softmax_cross_entropy(logits, b->labels, N,
                                mnist_network_classes(b->net), b->loss,
                                b->dlogits);
}

/* The library's own. */
static void step_whole(bench *b)
{
    const float *logits =
        mnist_network_forward_training(b->ws, &b->batch, 0, 0);
    run_loss(b, logits);
    mnist_network_learn(b->ws, b->dlogits, &b->sink);
    mark(b, "", "whole step", false);
}

static void step_in_parts(bench *b)
{
    mnist_workspace_begin(b->ws, &b->batch);
    part *p = mark(b, "", "gather", true);
    p->bytes =
        (double)(b->batch.count * b->data.rows * b->data.cols) * sizeof(float);
    p->level = "L2";
    run_loss(b, run_forward(b));
    mark(b, "", "loss", true);
    run_backward(b);
}

/* What is in those parts, or what they would be without fusing, by itself. */
static void step_apart(bench *b)
{
    run_packing(b);
    b->since = bench_now();
    mnist_pool_run(b->pool, empty_part, b);
    mark(b, "", "an empty job (barrier)", false);
    mnist_pool_run(b->pool, update_part, b);
    part *p = mark(b, "", "update of all parameters by itself", false);
    p->bytes = 5.0 * sizeof(float) * (double)b->net->size;
    p->level = "L2";
}

/* The next batch that is a whole one, in epoch after epoch. */
static void next_batch(bench *b)
{
    size_t whole = b->data.count < BATCH ? b->data.count : BATCH;
    while (mnist_batches_next(b->batches, &b->batch) < whole)
        mnist_batches_start(b->batches, ++b->epoch);
}

/* Steps of one kind, whose parts follow those that there are. */
static void make_steps(bench *b, void (*step)(bench *b))
{
    size_t first = b->parts;
    for (size_t i = 0; i < b->steps; i++) {
        next_batch(b);
        b->at = first;
        b->since = bench_now();
        step(b);
    }
}

static void print_parts(bench *b, const char *net)
{
    double sum = 0;
    for (size_t i = 0; i < b->parts; i++) {
        part *p = &b->part[i];
        bench_time time = bench_summary(p->sample, p->samples);
        sum += p->sum ? time.median : 0;
        printf("{\"kind\":\"part\",\"net\":\"%s\",\"threads\":%u,"
               "\"part\":\"%s\",\"in_step\":%s,\"us_best\":%.4g,\"us\":%.4g",
               net, mnist_pool_size(b->pool), p->name,
               p->sum ? "true" : "false", time.least * 1e6, time.median * 1e6);
        if (p->flop > 0)
            printf(",\"flop\":%.0f,\"flop_left\":%.0f", p->flop, p->flop_left);
        if (p->level)
            printf(",\"bytes\":%.0f,\"level\":\"%s\"", p->bytes, p->level);
        printf("}\n");
    }
    printf("{\"kind\":\"part\",\"net\":\"%s\",\"threads\":%u,"
           "\"part\":\"sum of the parts of the "
           "step\",\"in_step\":false,\"us\":%.4g}\n",
           net, mnist_pool_size(b->pool), sum * 1e6);
}

void bench_step(unsigned threads, size_t steps, const char *data,
                const char *net)
{
    static bench b;
    b.steps = steps;
    begin(&b, threads, data, net);
    make_steps(&b, step_whole);
    make_steps(&b, step_in_parts);
    b.pool = mnist_pool_new(threads);
    if (!b.pool)
        bench_die("no threads");
    make_steps(&b, step_apart);
    print_parts(&b, net);
    mnist_workspace_free(b.ws);
    mnist_pool_free(b.pool);
    mnist_optimizer_stop(&b.optimizer);
    mnist_batches_free(b.batches);
    mnist_network_free(b.net);
    mnist_dataset_free(&b.data);
}
