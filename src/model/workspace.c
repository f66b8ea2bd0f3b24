/* Running a network: activations forward, gradients backward. */
#include "base/memory.h"
#include "layers/penalty.h"
#include "model/chain.h"

#include <stdint.h>

struct mnist_workspace {
    mnist_network *net;
    mnist_engine engine;
    size_t batch;    /* most images at once */
    float *x;        /* batch x pixels: the input */
    float **y;       /* for each stage its output; in place the one before */
    float *gradient; /* as the network's block; NULL unless training */
    float *dy[2];    /* a stage's dy and dx, changing places */
    float *memory;   /* what x, y and dy lie in */
    const mnist_batch *current;
    mnist_pass pass; /* of the forward last done */
};

/* Floats of the largest output of any stage, for one image. */
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

/* Floats for one image: input, outputs, and dy twice when training. */
static size_t floats_an_image(const mnist_network *net, int training)
{
    size_t sum = net->rows * net->cols;
    for (size_t s = 0; s < net->stages; s++)
        if (!net->stage[s].kind->in_place)
            sum += mnist_shape_size(net->stage[s].out);
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

/* Cuts the memory into its arrays. */
static void place_arrays(mnist_workspace *ws, int training)
{
    const mnist_network *net = ws->net;
    float *at = ws->memory;
    ws->x = at;
    at += ws->batch * net->rows * net->cols;
    for (size_t s = 0; s < net->stages; s++) {
        if (net->stage[s].kind->in_place) {
            ws->y[s] = s > 0 ? ws->y[s - 1] : ws->x;
            continue;
        }
        ws->y[s] = at;
        at += ws->batch * mnist_shape_size(net->stage[s].out);
    }
    for (size_t i = 0; i < 2 && training; i++) {
        ws->dy[i] = at;
        at += ws->batch * widest(net);
    }
}

/* Terms of products lie within 32 bits of their arrays' beginnings, and the
   sizes below can be multiplied: so there is a bound on what a batch takes. */
static bool batch_fits(const mnist_network *net, size_t batch)
{
    size_t floats;
    return mnist_size_mul(&floats, batch, floats_an_image(net, 1)) &&
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
    ws->pass.scratch_size = scratch;
    ws->pass.scratch =
        mnist_alloc(mnist_pool_size(ws->engine.pool), scratch * sizeof(float));
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
    ws->y = mnist_calloc(net->stages, sizeof *ws->y);
    ws->memory =
        mnist_alloc(batch, floats_an_image(net, learning) * sizeof(float));
    if (purpose == MNIST_GRADIENTS)
        ws->gradient = mnist_calloc(net->size, sizeof *ws->gradient);
    if (!ws->y || !ws->memory ||
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

/* Gathers a worker's images of the batch and makes them numbers. */
static void gather_part(void *context, unsigned worker, unsigned workers)
{
    const mnist_workspace *ws = context;
    const mnist_batch *batch = ws->current;
    size_t pixels = ws->net->rows * ws->net->cols;
    mnist_range own = mnist_share(batch->count, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++) {
        size_t image = batch->index ? batch->index[n] : n;
        ws->engine.kernels->pixels(pixels, batch->from->pixels + image * pixels,
                                   ws->net->scale, ws->x + n * pixels);
    }
}

/* Runs the batch that ws->pass is set up for. */
static const float *forward(mnist_workspace *ws, const mnist_batch *batch)
{
    const mnist_network *net = ws->net;
    ws->current = batch;
    ws->pass.N = batch->count;
    ws->pass.image = batch->index;
    mnist_pool_run(ws->engine.pool, gather_part, ws);
    const float *x = ws->x;
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_layer *layer = &net->stage[s];
        if (layer->kind->forward)
            layer->kind->forward(layer, &ws->pass, x, ws->y[s]);
        x = ws->y[s];
    }
    return x;
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

/* The first stage with something to learn: nobody wants the gradient of what
   goes into it. */
static size_t first_learning(const mnist_network *net)
{
    size_t s = 0;
    while (net->stage[s].tensors == 0)
        s++;
    return s;
}

void mnist_network_learn(mnist_workspace *ws, float *dlogits,
                         const mnist_sink *sink)
{
    const mnist_network *net = ws->net;
    size_t first = first_learning(net);
    float *dy = dlogits;
    for (size_t s = net->stages; s-- > first;) {
        const mnist_layer *layer = &net->stage[s];
        const float *x = s > 0 ? ws->y[s - 1] : ws->x;
        float *dx = ws->dy[0] == dy ? ws->dy[1] : ws->dy[0];
        if (layer->kind->in_place)
            dx = dy;
        else if (s == first)
            dx = NULL;
        if (layer->kind->backward)
            layer->kind->backward(layer, &ws->pass, x, ws->y[s], dy, dx, sink);
        dy = dx;
    }
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
