/*
 * Running a network: activations forward, gradients backward.
 *
 * Rows of values go through one stage after the other. Pictures in blocks do so
 * too; or, where there are blocks for all workers, each worker takes block by
 * block through all stages in a row that work on blocks, so that what a stage
 * makes is in the worker's cache for the next one. The numbers are the same.
 */
#include "kernels/pictures.h"
#include "model/layout.h"
#include "model/workspace.h"

/* Stages first .. end-1, all on blocks or all on rows. */
typedef struct {
    size_t first, end;
} run;

static bool on_blocks(const mnist_network *net, size_t s)
{
    return net->stage[s].kind->blocks;
}

static run run_from(const mnist_network *net, size_t s)
{
    run r = {s, s + 1};
    while (r.end < net->stages && mnist_takes_as_left(net, r.end))
        r.end++;
    return r;
}

/* The run that ends before `end`, down to stage `least`, backward: no stage of
   it takes the output of one that learns, which puts a gradient in its place
   before the other has learned. */
static run run_before(const mnist_network *net, size_t end, size_t least)
{
    run r = {end - 1, end};
    while (r.first > least && mnist_takes_as_left(net, r.first) &&
           !(net->stage[r.first].kind->learn &&
             net->stage[r.first - 1].kind->learn))
        r.first--;
    return r;
}

/* Whether the blocks of the batch give the workers about as much to do each. */
static bool block_by_block(const mnist_workspace *ws, const run *r)
{
    size_t workers = mnist_pool_size(ws->engine.pool);
    size_t blocks = mnist_blocks_of(ws->pass.N);
    return on_blocks(ws->net, r->first) &&
           (blocks % workers == 0 || blocks >= 4 * workers);
}

/* The pass of one block, on the thread of one worker. */
static mnist_pass pass_of_block(const mnist_workspace *ws, unsigned worker,
                                size_t k)
{
    mnist_pass pass = ws->pass;
    size_t left = pass.N - k * MNIST_LANES;
    pass.engine = &ws->alone;
    pass.N = left < MNIST_LANES ? left : MNIST_LANES;
    pass.image = pass.image ? pass.image + k * MNIST_LANES : NULL;
    pass.scratch += worker * pass.scratch_size;
    return pass;
}

/* Where block k begins in an array with `size` values an image. */
static size_t at_block(size_t k, size_t size)
{
    return k * MNIST_LANES * size;
}

static size_t size_in(const mnist_workspace *ws, size_t s)
{
    return mnist_shape_size(ws->net->stage[s].in);
}

static size_t size_out(const mnist_workspace *ws, size_t s)
{
    return mnist_shape_size(ws->net->stage[s].out);
}

/* ---- Forward ---- */

typedef struct {
    mnist_workspace *ws;
    const mnist_batch *batch;
    run run;
} forward_job;

/* The input of the run's first stage, and what the stage behind it takes. */
static void take_block(const forward_job *job, const mnist_pass *pass, size_t k)
{
    mnist_workspace *ws = job->ws;
    size_t s = job->run.first, size = size_in(ws, s), at = at_block(k, size);
    mnist_dataset from = *job->batch->from;
    if (s > 0) {
        mnist_layout_convert(pass->engine, pass->N, size, true,
                             ws->y[s - 1] + at, ws->x[s] + at);
        return;
    }
    from.pixels += job->batch->index ? 0 : at;
    const mnist_batch part = {&from, pass->image, pass->N};
    mnist_layout_gather(pass->engine, &part, ws->net->scale, true,
                        ws->x[0] + at);
}

static void leave_block(const forward_job *job, const mnist_pass *pass,
                        size_t k)
{
    mnist_workspace *ws = job->ws;
    size_t s = job->run.end, at = at_block(k, size_out(ws, s - 1));
    mnist_layout_convert(pass->engine, pass->N, size_out(ws, s - 1), false,
                         ws->y[s - 1] + at, ws->x[s] + at);
}

static void forward_blocks_part(void *context, unsigned worker,
                                unsigned workers)
{
    const forward_job *job = context;
    mnist_workspace *ws = job->ws;
    mnist_range own =
        mnist_share(mnist_blocks_of(ws->pass.N), 1, worker, workers);
    for (size_t k = own.first; k < own.end; k++) {
        const mnist_pass pass = pass_of_block(ws, worker, k);
        take_block(job, &pass, k);
        for (size_t s = job->run.first; s < job->run.end; s++) {
            const mnist_layer *layer = &ws->stage[s];
            layer->kind->forward(layer, &pass,
                                 ws->x[s] + at_block(k, size_in(ws, s)),
                                 ws->y[s] + at_block(k, size_out(ws, s)));
        }
        leave_block(job, &pass, k);
    }
}

static void set_pass(mnist_workspace *ws, const mnist_batch *batch)
{
    ws->pass.N = batch->count;
    ws->pass.image = batch->index;
}

/* Notes where the images of the batch are. */
static void find_images(mnist_workspace *ws, const mnist_batch *batch)
{
    size_t pixels = ws->net->rows * ws->net->cols;
    for (size_t n = 0; n < batch->count; n++)
        ws->image[n] =
            batch->from->pixels + (batch->index ? batch->index[n] : n) * pixels;
}

/* The input of stage s, where it is not the output before it as it is. */
static void take_input(mnist_workspace *ws, const mnist_batch *batch, size_t s)
{
    if (s == 0 && ws->image)
        find_images(ws, batch);
    else if (s == 0)
        mnist_layout_gather(&ws->engine, batch, ws->net->scale,
                            on_blocks(ws->net, 0), ws->x[0]);
    else if (!mnist_takes_as_left(ws->net, s))
        mnist_layout_convert(&ws->engine, ws->pass.N, size_in(ws, s),
                             on_blocks(ws->net, s), ws->y[s - 1], ws->x[s]);
}

static void run_forward(mnist_workspace *ws, size_t s)
{
    const mnist_layer *layer = &ws->stage[s];
    if (layer->kind->forward)
        layer->kind->forward(layer, &ws->pass, ws->x[s], ws->y[s]);
}

void mnist_workspace_begin(mnist_workspace *ws, const mnist_batch *batch)
{
    set_pass(ws, batch);
    take_input(ws, batch, 0);
}

float *mnist_stage_forward(mnist_workspace *ws, size_t s)
{
    if (s > 0)
        take_input(ws, NULL, s);
    run_forward(ws, s);
    return ws->y[s];
}

const float *mnist_stage_input(const mnist_workspace *ws, size_t s)
{
    return ws->x[s];
}

/* A run on blocks has one on rows behind it, for which it leaves its output: no
   network ends with pictures. */
static const float *forward(mnist_workspace *ws, const mnist_batch *batch)
{
    forward_job job = {ws, batch, {0, 0}};
    bool taken = false;
    set_pass(ws, batch);
    while (job.run.end < ws->net->stages) {
        job.run = run_from(ws->net, job.run.end);
        if (block_by_block(ws, &job.run)) {
            mnist_pool_run(ws->engine.pool, forward_blocks_part, &job);
            taken = true;
            continue;
        }
        if (!taken)
            take_input(ws, batch, job.run.first);
        for (size_t s = job.run.first; s < job.run.end; s++)
            run_forward(ws, s);
        taken = false;
    }
    return ws->y[ws->net->stages - 1];
}

const float *mnist_network_forward(mnist_workspace *ws,
                                   const mnist_batch *batch)
{
    ws->pass.training = false;
    return forward(ws, batch);
}

const float *mnist_network_forward_training(mnist_workspace *ws,
                                            const mnist_batch *batch,
                                            uint64_t seed, uint64_t epoch)
{
    ws->pass.training = true;
    ws->pass.seed = seed;
    ws->pass.epoch = epoch;
    return forward(ws, batch);
}

/* ---- Backward ---- */

size_t mnist_network_first_learning(const mnist_network *net)
{
    size_t s = 0;
    while (net->stage[s].tensors == 0)
        s++;
    return s;
}

/* The array for a stage's dx that dy does not lie in. */
static float *other(const mnist_workspace *ws, const float *dy)
{
    return ws->dy[0] == dy ? ws->dy[1] : ws->dy[0];
}

/* What stage s keeps. */
static float *kept_at(const mnist_workspace *ws, size_t s)
{
    float *kept = ws->kept;
    for (size_t i = 0; i < s; i++)
        kept += mnist_kept_by(ws->net, i);
    return kept;
}

static void prepare(mnist_workspace *ws, size_t s)
{
    const mnist_layer *layer = &ws->stage[s];
    ws->pass.kept = kept_at(ws, s);
    if (layer->kind->prepare && s > mnist_network_first_learning(ws->net))
        layer->kind->prepare(layer, &ws->pass);
}

static void learn(mnist_workspace *ws, size_t s, const mnist_sink *sink)
{
    const mnist_layer *layer = &ws->stage[s];
    if (layer->kind->learn)
        layer->kind->learn(layer, &ws->pass, ws->x[s], ws->y[s], sink);
}

typedef struct {
    mnist_workspace *ws;
    run run;
    const float *dy;
    bool dy_on_blocks;
    float *dx; /* of the run's first stage, on blocks; or NULL */
} backward_job;

static void backward_block(const backward_job *job, unsigned worker, size_t k)
{
    mnist_workspace *ws = job->ws;
    float *const memory = ws->block + worker * 2 * ws->block_size;
    mnist_pass pass = pass_of_block(ws, worker, k);
    size_t size = size_out(ws, job->run.end - 1);
    const float *dy = job->dy + at_block(k, size);
    if (!job->dy_on_blocks) {
        mnist_layout_convert(pass.engine, pass.N, size, true, dy, memory);
        dy = memory;
    }
    for (size_t s = job->run.end; s-- > job->run.first;) {
        const mnist_layer *layer = &ws->stage[s];
        float *dx = dy == memory ? memory + ws->block_size : memory;
        pass.kept = kept_at(ws, s);
        if (s == job->run.first)
            dx = job->dx ? job->dx + at_block(k, size_in(ws, s)) : NULL;
        layer->kind->backward_blocks(
            layer, &pass, ws->x[s] + at_block(k, size_in(ws, s)),
            ws->y[s] + at_block(k, size_out(ws, s)), dy, dx);
        dy = dx;
    }
}

static void backward_blocks_part(void *context, unsigned worker,
                                 unsigned workers)
{
    const backward_job *job = context;
    mnist_range own =
        mnist_share(mnist_blocks_of(job->ws->pass.N), 1, worker, workers);
    for (size_t k = own.first; k < own.end; k++)
        backward_block(job, worker, k);
}

/* dx of the run, NULL if nobody wants it. */
static float *backward_by_blocks(mnist_workspace *ws, const run *r,
                                 const float *dy, const mnist_sink *sink)
{
    bool first = r->first == mnist_network_first_learning(ws->net);
    bool dy_on_blocks = r->end < ws->net->stages && on_blocks(ws->net, r->end);
    backward_job job = {ws, *r, dy, dy_on_blocks, first ? NULL : other(ws, dy)};
    for (size_t s = r->first; s < r->end; s++)
        prepare(ws, s);
    mnist_pool_run(ws->engine.pool, backward_blocks_part, &job);
    for (size_t s = r->end; s-- > r->first;)
        learn(ws, s, sink);
    return job.dx;
}

float *mnist_stage_backward(mnist_workspace *ws, size_t s, float *dy,
                            const mnist_sink *sink)
{
    const mnist_network *net = ws->net;
    const mnist_layer *layer = &ws->stage[s];
    const mnist_layer_kind *kind = layer->kind;
    if (s + 1 < net->stages && !mnist_takes_as_left(net, s + 1)) {
        float *from = dy;
        dy = other(ws, from);
        mnist_layout_convert(&ws->engine, ws->pass.N, size_out(ws, s),
                             kind->blocks, from, dy);
    }
    bool first = s == mnist_network_first_learning(net);
    float *dx = kind->in_place ? dy : first ? NULL : other(ws, dy);
    prepare(ws, s);
    if (kind->blocks)
        kind->backward_blocks(layer, &ws->pass, ws->x[s], ws->y[s], dy, dx);
    else if (kind->backward)
        kind->backward(layer, &ws->pass, ws->x[s], ws->y[s], dy, dx, sink);
    learn(ws, s, sink);
    return dx;
}

void mnist_network_learn(mnist_workspace *ws, float *dlogits,
                         const mnist_sink *sink)
{
    size_t least = mnist_network_first_learning(ws->net);
    float *dy = dlogits;
    for (size_t end = ws->net->stages; end > least;) {
        const run r = run_before(ws->net, end, least);
        if (block_by_block(ws, &r))
            dy = backward_by_blocks(ws, &r, dy, sink);
        else
            for (size_t s = r.end; s-- > r.first;)
                dy = mnist_stage_backward(ws, s, dy, sink);
        end = r.first;
    }
}

void mnist_network_backward(mnist_workspace *ws, float *dlogits)
{
    const mnist_sink sink = {.w = ws->net->block, .gradient = ws->gradient};
    mnist_network_learn(ws, dlogits, &sink);
}
