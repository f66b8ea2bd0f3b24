/* The memory of running a network. */
#include "model/workspace.h"

#include "base/memory.h"
#include "kernels/pictures.h"
#include "layers/penalty.h"
#include "model/layout.h"

#include <stdint.h>

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

/* Whether the first stage that does anything takes the images as they are. */
static bool takes_images(const mnist_network *net)
{
    const mnist_layer *layer = net->stage;
    while (!layer->kind->forward)
        layer++;
    return layer->kind->takes_images && layer->kind->takes_images(layer);
}

/* Floats for one image: inputs, outputs, and dy twice when training. */
static size_t floats_an_image(const mnist_network *net, int training)
{
    size_t sum = 0;
    for (size_t s = 0; s < net->stages; s++) {
        if (s == 0 ? !takes_images(net) : !mnist_takes_as_left(net, s))
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
        if (s > 0 && mnist_takes_as_left(net, s)) {
            ws->x[s] = ws->y[s - 1];
        } else if (s > 0 || !ws->image) {
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

/* 2^32 floats for a batch's arrays are enough for anybody: so sizes made of
   them cannot wrap, and numbers of images fit the 32 bits of packed rows. */
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
    ws->alone.kernels = ws->engine.kernels;
    ws->alone.pool = mnist_pool_new(1);
    if (!ws->alone.pool)
        return MNIST_ERROR_MEMORY;
    ws->pass.engine = &ws->engine;
    ws->pass.scratch_size = aligned(scratch);
    ws->pass.scratch = mnist_alloc(mnist_pool_size(ws->engine.pool),
                                   ws->pass.scratch_size * sizeof(float));
    ws->pass.shared = mnist_alloc(shared, 1);
    return ws->pass.scratch && ws->pass.shared ? MNIST_OK : MNIST_ERROR_MEMORY;
}

/* What only the way back through pictures needs. */
static mnist_status take_backward(mnist_workspace *ws)
{
    const mnist_network *net = ws->net;
    size_t kept = 0, pictures = 0;
    for (size_t s = 0; s < net->stages; s++) {
        kept += mnist_kept_by(net, s);
        pictures += net->stage[s].kind->blocks;
    }
    ws->block_size = pictures ? MNIST_LANES * widest(net) : 0;
    ws->block = mnist_alloc(2 * (size_t)mnist_pool_size(ws->engine.pool),
                            ws->block_size * sizeof(float));
    ws->kept = mnist_alloc(kept, sizeof(float));
    return ws->block && ws->kept ? MNIST_OK : MNIST_ERROR_MEMORY;
}

static void use_network(mnist_workspace *ws)
{
    ws->stage = ws->net->stage;
    ws->weights = ws->net->block;
}

static bool has_own_weights(const mnist_workspace *ws)
{
    return ws->weights != ws->net->block;
}

bool mnist_workspace_use_panels(mnist_workspace *ws)
{
    const mnist_network *net = ws->net;
    if (has_own_weights(ws) || !mnist_network_has_panels(net))
        return false;
    float *weights = mnist_alloc(net->size, sizeof *weights);
    mnist_layer *stage = mnist_alloc(net->stages, sizeof *stage);
    if (!weights || !stage) {
        mnist_free(weights);
        mnist_free(stage);
        return false;
    }
    mnist_network_stages_on(net, weights, stage);
    ws->weights = weights;
    ws->stage = stage;
    mnist_workspace_take(ws);
    return true;
}

void mnist_workspace_leave_panels(mnist_workspace *ws)
{
    if (!has_own_weights(ws))
        return;
    mnist_free(ws->weights);
    mnist_free(ws->stage);
    use_network(ws);
}

static mnist_status place_weights(mnist_workspace *ws, mnist_purpose purpose)
{
    use_network(ws);
    if (purpose != MNIST_LEARN || !mnist_network_has_panels(ws->net))
        return MNIST_OK;
    return mnist_workspace_use_panels(ws) ? MNIST_OK : MNIST_ERROR_MEMORY;
}

static mnist_status place_images(mnist_workspace *ws)
{
    uint8_t pixel[256];
    if (!takes_images(ws->net))
        return MNIST_OK;
    ws->image = mnist_alloc(ws->batch, sizeof *ws->image);
    for (size_t p = 0; p < 256; p++)
        pixel[p] = (uint8_t)p;
    ws->images.row = ws->image;
    ws->images.scale = ws->net->scale;
    mnist_kernels_now()->pixels(256, pixel, ws->net->scale, ws->images.value);
    ws->pass.images = &ws->images;
    return ws->image ? MNIST_OK : MNIST_ERROR_MEMORY;
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
        place_weights(ws, purpose) || place_images(ws) ||
        start_engine(ws, threads) || (learning && take_backward(ws)))
        goto no_memory;
    place_arrays(ws, learning);
    *out = ws;
    return MNIST_OK;

no_memory:
    mnist_workspace_free(ws);
    return mnist_fail(err, MNIST_ERROR_MEMORY,
                      "out of memory for batches of %zu images; try a "
                      "smaller batch",
                      batch);
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
    mnist_pool_free(ws->alone.pool);
    mnist_workspace_leave_panels(ws);
    mnist_free(ws->tiled_memory);
    mnist_free(ws->image);
    mnist_free(ws->block);
    mnist_free(ws->kept);
    mnist_free(ws->pass.shared);
    mnist_free(ws->pass.scratch);
    mnist_free(ws->gradient);
    mnist_free(ws->memory);
    mnist_free(ws->y);
    mnist_free(ws->x);
    mnist_free(ws);
}

void mnist_workspace_take(mnist_workspace *ws)
{
    if (has_own_weights(ws))
        mnist_network_arrange(ws->net, true, ws->net->block, ws->weights);
}

void mnist_workspace_give(const mnist_workspace *ws)
{
    if (has_own_weights(ws))
        mnist_network_arrange(ws->net, false, ws->weights, ws->net->block);
}

float *mnist_workspace_weights(mnist_workspace *ws)
{
    return ws->weights;
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

const mnist_engine *mnist_workspace_engine(const mnist_workspace *ws)
{
    return &ws->engine;
}

double mnist_network_penalty(mnist_workspace *ws)
{
    double sum = 0;
    for (size_t s = 0; s < ws->net->stages; s++)
        sum += mnist_penalty(ws->engine.kernels, &ws->stage[s]);
    return sum;
}

const float *mnist_workspace_gradient(const mnist_workspace *ws, size_t i)
{
    const mnist_tensor *tensor = mnist_network_tensor(ws->net, i);
    return tensor && ws->gradient
               ? ws->gradient + (tensor->data - ws->net->block)
               : NULL;
}
