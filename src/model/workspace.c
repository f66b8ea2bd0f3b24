/* Running a network: activations forward, gradients backward. */
#include "base/memory.h"
#include "layers/penalty.h"
#include "model/chain.h"
#include "model/layout.h"

#include <stdint.h>

/* A stage's input is the output of the one before, unless one of them has rows
   of values and the other pictures in blocks. */
struct mnist_workspace {
    mnist_network *net;
    mnist_engine engine;
    size_t batch;    /* most images at once */
    float **x;       /* for each stage its input */
    float **y;       /* and its output; in place the same */
    float *gradient; /* as the network's block; NULL unless training */
    float *dy[2];    /* a stage's dy and dx, changing places */
    float *memory;   /* what x, y and dy lie in */
    mnist_pass pass; /* of the forward last done */
};

/* Whether stage s takes its input as the stage before leaves it. */
static bool takes_as_left(const mnist_network *net, size_t s)
{
    return net->stage[s].kind->blocks == net->stage[s - 1].kind->blocks;
}

/* Floats of the largest output of any stage, or of its input, for one image. */
static size_t widest(const mnist_network *net)
{
    size_t most = 0;
    for (size_t s = 0; s < net->stages; s++) {
        size_t in = mnist_shape_size(net->stage[s].in);
        size_t out = mnist_shape_size(net->stage[s].out);
        /* The gradient of the images themselves is never made. */
        most = s > 0 && in > most ? in : most;
        most = out > most ? out : most;
    }
    return most;
}

/* Images for which the arrays of stage s have room. */
static size_t room_of(const mnist_network *net, size_t s, size_t batch)
{
    return mnist_layout_room(batch, net->stage[s].kind->blocks);
}

/* Images for which dy and dx have room. */
static size_t most_room(const mnist_network *net, size_t batch)
{
    size_t most = batch;
    for (size_t s = 0; s < net->stages; s++)
        if (room_of(net, s, batch) > most)
            most = room_of(net, s, batch);
    return most;
}

/* Floats for one image: inputs, outputs, and dy twice when training. */
static size_t floats_an_image(const mnist_network *net, int training)
{
    size_t sum = 0;
    for (size_t s = 0; s < net->stages; s++) {
        if (s == 0 || !takes_as_left(net, s))
            sum += mnist_shape_size(net->stage[s].in);
        if (!net->stage[s].kind->in_place)
            sum += mnist_shape_size(net->stage[s].out);
    }
    return sum + (training ? 2 * widest(net) : 0);
}

/* The memory of the neediest layer: floats for each worker, bytes for all. */
static void find_needs(const mnist_network *net, size_t batch, size_t *scratch,
                       size_t *shared)
{
    *scratch = *shared = 0;
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_layer *layer = &net->stage[s];
        const mnist_layer_kind *kind = layer->kind;
        size_t floats = kind->scratch ? kind->scratch(layer, batch) : 0;
        size_t bytes = kind->shared ? kind->shared(layer, batch) : 0;
        *scratch = floats > *scratch ? floats : *scratch;
        *shared = bytes > *shared ? bytes : *shared;
    }
}

/* Arrays begin where vectors do. */
enum { ALIGNED = MNIST_ALIGNMENT / sizeof(float) };

static size_t aligned(size_t floats)
{
    return (floats + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Floats of all arrays, at least. */
static size_t all_floats(const mnist_network *net, size_t batch, int training)
{
    return most_room(net, batch) * floats_an_image(net, training) +
           2 * (net->stages + 1) * ALIGNED;
}

/* Cuts the memory into its arrays. */
static void place_arrays(mnist_workspace *ws, int training)
{
    const mnist_network *net = ws->net;
    float *at = ws->memory;
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_layer *layer = &net->stage[s];
        size_t room = room_of(net, s, ws->batch);
        if (s > 0 && takes_as_left(net, s)) {
            ws->x[s] = ws->y[s - 1];
        } else {
            ws->x[s] = at;
            at += aligned(room * mnist_shape_size(layer->in));
        }
        ws->y[s] = layer->kind->in_place ? ws->x[s] : at;
        if (!layer->kind->in_place)
            at += aligned(room * mnist_shape_size(layer->out));
    }
    for (size_t i = 0; i < 2 && training; i++) {
        ws->dy[i] = at;
        at += aligned(most_room(net, ws->batch) * widest(net));
    }
}

/* Terms of products lie within 32 bits of their arrays' beginnings, and the
   sizes below can be multiplied: so there is a bound on what a batch takes. */
static bool batch_fits(const mnist_network *net, size_t batch)
{
    size_t floats;
    return batch <= UINT32_MAX &&
           mnist_size_mul(&floats, most_room(net, batch),
                          floats_an_image(net, 1)) &&
           floats <= UINT32_MAX;
}

static mnist_status start_engine(mnist_workspace *ws, unsigned threads)
{
    size_t scratch, shared;
    find_needs(ws->net, ws->batch, &scratch, &shared);
    ws->engine.kernels = mnist_kernels_now();
    ws->engine.pool = mnist_pool_new(threads ? threads : mnist_processors());
    if (!ws->engine.pool)
        return MNIST_ERROR_MEMORY;
    ws->pass.engine = &ws->engine;
    ws->pass.scratch_size = aligned(scratch);
    ws->pass.scratch = mnist_alloc(mnist_pool_size(ws->engine.pool),
                                   ws->pass.scratch_size * sizeof(float));
    ws->pass.shared = mnist_alloc(shared, 1);
    return ws->pass.scratch && ws->pass.shared ? MNIST_OK : MNIST_ERROR_MEMORY;
}

mnist_status mnist_workspace_make(mnist_workspace **out, mnist_network *net,
                                  size_t batch, unsigned threads,
                                  mnist_purpose purpose, mnist_error *err)
{
    if (batch == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "batch 0: expected at least 1 image a batch");
    if (!batch_fits(net, batch))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "batch %zu: too many images at once for this "
                          "network; take fewer",
                          batch);
    bool learning = purpose != MNIST_FORWARD;
    mnist_workspace *ws = mnist_calloc(1, sizeof *ws);
    if (!ws)
        goto no_memory;
    ws->net = net;
    ws->batch = batch;
    ws->x = mnist_calloc(net->stages, sizeof *ws->x);
    ws->y = mnist_calloc(net->stages, sizeof *ws->y);
    ws->memory = mnist_alloc(all_floats(net, batch, learning), sizeof(float));
    if (purpose == MNIST_GRADIENTS)
        ws->gradient = mnist_calloc(net->size, sizeof *ws->gradient);
    if (!ws->x || !ws->y || !ws->memory ||
        (purpose == MNIST_GRADIENTS && !ws->gradient) ||
        start_engine(ws, threads))
        goto no_memory;
    place_arrays(ws, learning);
    *out = ws;
    return MNIST_OK;

no_memory:
    mnist_workspace_free(ws);
    return mnist_fail(err, MNIST_ERROR_MEMORY,
                      "out of memory for batches of %zu images", batch);
}

mnist_status mnist_workspace_new(mnist_workspace **out, mnist_network *net,
                                 size_t batch, unsigned threads, int training,
                                 mnist_error *err)
{
    return mnist_workspace_make(out, net, batch, threads,
                                training ? MNIST_GRADIENTS : MNIST_FORWARD,
                                err);
}

void mnist_workspace_free(mnist_workspace *ws)
{
    if (!ws)
        return;
    mnist_pool_free(ws->engine.pool);
    mnist_free(ws->pass.shared);
    mnist_free(ws->pass.scratch);
    mnist_free(ws->gradient);
    mnist_free(ws->memory);
    mnist_free(ws->y);
    mnist_free(ws->x);
    mnist_free(ws);
}

mnist_network *mnist_workspace_network(const mnist_workspace *ws)
{
    return ws->net;
}

size_t mnist_workspace_batch(const mnist_workspace *ws)
{
    return ws->batch;
}

unsigned mnist_workspace_threads(const mnist_workspace *ws)
{
    return mnist_pool_size(ws->engine.pool);
}

/* ---- Forward ---- */

void mnist_workspace_begin(mnist_workspace *ws, const mnist_batch *batch)
{
    const mnist_network *net = ws->net;
    ws->pass.N = batch->count;
    ws->pass.image = batch->index;
    mnist_layout_gather(&ws->engine, batch, net->scale,
                        net->stage[0].kind->blocks, ws->x[0]);
}

float *mnist_stage_forward(mnist_workspace *ws, size_t s)
{
    const mnist_layer *layer = &ws->net->stage[s];
    if (s > 0 && !takes_as_left(ws->net, s))
        mnist_layout_convert(&ws->engine, ws->pass.N,
                             mnist_shape_size(layer->in), layer->kind->blocks,
                             ws->y[s - 1], ws->x[s]);
    if (layer->kind->forward)
        layer->kind->forward(layer, &ws->pass, ws->x[s], ws->y[s]);
    return ws->y[s];
}

const float *mnist_stage_input(const mnist_workspace *ws, size_t s)
{
    return ws->x[s];
}

static const float *forward(mnist_workspace *ws, const mnist_batch *batch)
{
    const float *y = NULL;
    mnist_workspace_begin(ws, batch);
    for (size_t s = 0; s < ws->net->stages; s++)
        y = mnist_stage_forward(ws, s);
    return y;
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

double mnist_network_penalty(mnist_workspace *ws)
{
    double sum = 0;
    for (size_t s = 0; s < ws->net->stages; s++)
        sum += mnist_penalty(ws->engine.kernels, &ws->net->stage[s]);
    return sum;
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

float *mnist_stage_backward(mnist_workspace *ws, size_t s, float *dy,
                            const mnist_sink *sink)
{
    const mnist_layer *layer = &ws->net->stage[s];
    const mnist_layer_kind *kind = layer->kind;
    bool first = s == mnist_network_first_learning(ws->net);
    float *dx = kind->in_place ? dy : first ? NULL : other(ws, dy);
    if (kind->backward)
        kind->backward(layer, &ws->pass, ws->x[s], ws->y[s], dy, dx, sink);
    if (first || takes_as_left(ws->net, s))
        return dx;
    float *converted = other(ws, dx);
    mnist_layout_convert(&ws->engine, ws->pass.N, mnist_shape_size(layer->in),
                         !kind->blocks, dx, converted);
    return converted;
}

void mnist_network_learn(mnist_workspace *ws, float *dlogits,
                         const mnist_sink *sink)
{
    size_t first = mnist_network_first_learning(ws->net);
    float *dy = dlogits;
    for (size_t s = ws->net->stages; s-- > first;)
        dy = mnist_stage_backward(ws, s, dy, sink);
}

void mnist_network_backward(mnist_workspace *ws, float *dlogits)
{
    const mnist_sink sink = {.w = ws->net->block, .gradient = ws->gradient};
    mnist_network_learn(ws, dlogits, &sink);
}

const float *mnist_workspace_gradient(const mnist_workspace *ws, size_t i)
{
    const mnist_tensor *tensor = mnist_network_tensor(ws->net, i);
    return tensor && ws->gradient
               ? ws->gradient + (tensor->data - ws->net->block)
               : NULL;
}
