/*
 * Convolution of pictures, "valid" and with stride 1.
 *
 *     y[n][oy][ox][f]   = sum over ky, kx, c of
 *                         x[n][oy + ky][ox + kx][c] w[ky][kx][c][f], + b[f]
 *     dw[ky][kx][c][f]  = sum over n, oy, ox of
 *                         x[n][oy + ky][ox + kx][c] dy[n][oy][ox][f]
 *     db[f]             = sum over n, oy, ox of dy[n][oy][ox][f]
 *     dx[n][iy][ix][c]  = sum over oy, ox, f of
 *                         dy[n][oy][ox][f] w[iy - oy][ix - ox][c][f]
 *
 * N pictures of H x W x C in blocks (kernels/pictures.h), w: KH x KW x C x F,
 * y: OH x OW x F with OH = H - KH + 1 and OW = W - KW + 1; E = KH KW C values
 * in a window. The sums of y and dx are one chain each, in the order of the
 * indexes above, ascending. Those of dw are, for each lane, chains over some 72
 * places, added in order, and then the lanes are added in pairs; those of db
 * likewise, the chains as sum_rows has them in each block.
 * Source: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section II.A; without flipping the kernel, as in Keras.
 */
#include "kernels/pictures.h"
#include "layers/affine.h"
#include "layers/init.h"
#include "layers/kinds.h"

#include <string.h>

#include <string.h>

static mnist_status conv2d_parse(mnist_layer *layer, const mnist_fields *fields,
                                 mnist_error *err)
{
    mnist_status status = mnist_layer_parse_count(layer, &layer->units, fields,
                                                  0, "filters", err);
    if (!status)
        status = mnist_layer_parse_window(layer, fields, 1, err);
    if (!status)
        status = mnist_layer_parse_common(layer, fields, 2, err);
    return status;
}

static mnist_status conv2d_shape(mnist_layer *layer, mnist_error *err)
{
    mnist_status status = mnist_layer_check_window(layer, err);
    if (status)
        return status;
    layer->out = (mnist_shape){layer->in.h - layer->height + 1,
                               layer->in.w - layer->width + 1, layer->units, 0};
    layer->tensors = 2;
    layer->tensor[MNIST_KERNEL] = (mnist_tensor){
        .dims = 4,
        .size = {layer->height, layer->width, layer->in.c, layer->units}};
    layer->tensor[MNIST_BIAS] =
        (mnist_tensor){.dims = 1, .size = {layer->units}};
    return MNIST_OK;
}

static void conv2d_init(mnist_layer *layer, mnist_random *random)
{
    size_t area = layer->height * layer->width;
    mnist_init_glorot(&layer->tensor[MNIST_KERNEL], area * layer->in.c,
                      area * layer->units, random);
}

/* ---- Memory ---- */

static size_t elements_of(const mnist_layer *layer)
{
    return layer->height * layer->width * layer->in.c;
}

/* Tiles of values of a window whose gradients a worker sums up at a time: as
   many as its cache takes along with the pictures. */
enum { VALUES_AT_ONCE = 48 * MNIST_GRADIENT_VALUES };

/* Each worker: sums of dw, or of db, lane by lane. */
static size_t conv2d_scratch(const mnist_layer *layer, size_t N)
{
    (void)N;
    size_t of_dw = VALUES_AT_ONCE * MNIST_GRADIENT_FILTERS * MNIST_LANES;
    size_t of_db = layer->units * (MNIST_LANES + 1);
    return of_dw > of_db ? of_dw : of_db;
}

/* All workers: the sums of db block by block, the kernel turned around for dx,
   and dw. */
typedef struct {
    float *db;     /* blocks x F x 16 */
    float *turned; /* KH x KW x F x C, the last ky and kx first */
    float *dw;     /* E x F */
} conv2d_memory;

static size_t conv2d_shared(const mnist_layer *layer, size_t N)
{
    size_t of_db = mnist_blocks_of(N) * MNIST_LANES;
    return (2 * elements_of(layer) + of_db) * layer->units * sizeof(float);
}

static conv2d_memory place_memory(const mnist_layer *layer, size_t N,
                                  void *shared)
{
    size_t kernel = elements_of(layer) * layer->units;
    float *db = shared;
    float *turned = db + mnist_blocks_of(N) * layer->units * MNIST_LANES;
    return (conv2d_memory){db, turned, turned + kernel};
}

/* ---- What the jobs below share ---- */

/* The sizes by their names above, and the arrays of one pass. */
typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    size_t blocks, H, W, C, OH, OW, KH, KW, E, F;
    size_t x_row, y_row;     /* floats of a row of pixels */
    size_t x_block, y_block; /* floats of a block */
    conv2d_memory memory;
    const mnist_sink *sink;
    const float *x, *y;
    float *dy, *dx;
} conv2d_job;

static conv2d_job describe(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, const float *y)
{
    const mnist_shape *in = &layer->in, *out = &layer->out;
    return (conv2d_job){
        .layer = layer,
        .pass = pass,
        .kernels = pass->engine->kernels,
        .blocks = mnist_blocks_of(pass->N),
        .H = in->h,
        .W = in->w,
        .C = in->c,
        .OH = out->h,
        .OW = out->w,
        .KH = layer->height,
        .KW = layer->width,
        .E = elements_of(layer),
        .F = layer->units,
        .x_row = in->w * in->c * MNIST_LANES,
        .y_row = out->w * out->c * MNIST_LANES,
        .x_block = mnist_shape_size(*in) * MNIST_LANES,
        .y_block = mnist_shape_size(*out) * MNIST_LANES,
        .memory = place_memory(layer, pass->N, pass->shared),
        .x = x,
        .y = y,
    };
}

/* ---- Forward ---- */

/* Row by row, so that the activation finds it in the cache. */
static void forward_row(const conv2d_job *job, size_t block, size_t oy,
                        float *y)
{
    const mnist_layer *layer = job->layer;
    const bool relu = layer->activation == &mnist_layer_relu;
    y += block * job->y_block + oy * job->y_row;
    const mnist_convolution row = {
        .pixels = job->OW,
        .filters = job->F,
        .rows = job->KH,
        .run = job->KW * job->C,
        .x = job->x + block * job->x_block + oy * job->x_row,
        .x_pixel = job->C * MNIST_LANES,
        .x_row = job->x_row,
        .w = layer->tensor[MNIST_KERNEL].data,
        .w_row = job->KW * job->C * job->F,
        .w_value = job->F,
        .b = layer->tensor[MNIST_BIAS].data,
        .relu = relu,
        .y = y,
        .y_pixel = job->F * MNIST_LANES,
    };
    job->kernels->pictures->convolve(&row);
    if (!relu)
        mnist_affine_activate(layer, job->kernels, job->y_row, y);
}

typedef struct {
    conv2d_job job;
    float *y;
} forward_job;

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const forward_job *forward = context;
    const conv2d_job *job = &forward->job;
    mnist_range own = mnist_share(job->blocks * job->OH, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        forward_row(job, i / job->OH, i % job->OH, forward->y);
}

static void conv2d_forward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, float *y)
{
    forward_job forward = {describe(layer, pass, x, y), y};
    mnist_pool_run(pass->engine->pool, forward_part, &forward);
}

/* ---- Backward: dy before the activation, its sums, the kernel turned ---- */

static void turn_kernel(const conv2d_job *job, mnist_range taps)
{
    size_t tap = job->C * job->F, last = job->KH * job->KW - 1;
    const float *w = job->layer->tensor[MNIST_KERNEL].data;
    for (size_t t = taps.first; t < taps.end; t++)
        mnist_affine_transpose(w + t * tap, job->C, job->F,
                               (mnist_range){0, job->F},
                               job->memory.turned + (last - t) * tap);
}

static void prepare_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    size_t values = job->F * MNIST_LANES;
    mnist_range own = mnist_share(job->blocks, 1, worker, workers);
    for (size_t k = own.first; k < own.end; k++) {
        float *dy = job->dy + k * job->y_block;
        mnist_affine_before_activation(job->layer, job->kernels, job->y_block,
                                       job->y + k * job->y_block, dy);
        job->kernels->sum_rows(job->OH * job->OW, values, dy, values,
                               job->memory.db + k * values);
    }
    if (job->dx)
        turn_kernel(job, mnist_share(job->KH * job->KW, 1, worker, workers));
}

/* ---- dx ---- */

/* Places 0 .. out-1 whose window of `length` covers place i. */
static mnist_range covering(size_t i, size_t length, size_t out)
{
    return (mnist_range){i < length ? 0 : i - length + 1,
                         i < out ? i + 1 : out};
}

/* `pixels` pixels of dx from ix on, which are covered alike. */
static void input_pixels(const conv2d_job *job, size_t block, size_t iy,
                         size_t ix, size_t pixels)
{
    size_t tap = job->C * job->F, pixel = job->F * MNIST_LANES;
    mnist_range oy = covering(iy, job->KH, job->OH);
    mnist_range ox = covering(ix, job->KW, job->OW);
    size_t ky = job->KH - 1 - (iy - oy.first); /* of the turned kernel */
    size_t kx = job->KW - 1 - (ix - ox.first);
    const mnist_convolution row = {
        .pixels = pixels,
        .filters = job->C,
        .rows = oy.end - oy.first,
        .run = (ox.end - ox.first) * job->F,
        .x = job->dy + block * job->y_block + oy.first * job->y_row +
             ox.first * pixel,
        .x_pixel = pixel,
        .x_row = job->y_row,
        .w = job->memory.turned + (ky * job->KW + kx) * tap,
        .w_row = job->KW * tap,
        .w_value = job->C,
        .y = job->dx + block * job->x_block + iy * job->x_row +
             ix * job->C * MNIST_LANES,
        .y_pixel = job->C * MNIST_LANES,
    };
    job->kernels->pictures->convolve(&row);
}

/* Pixels that a whole row of the kernel covers go together. */
static void input_row(const conv2d_job *job, size_t block, size_t iy)
{
    size_t pixels;
    for (size_t ix = 0; ix < job->W; ix += pixels) {
        bool inside = ix + 1 >= job->KW && ix < job->OW;
        pixels = inside ? job->OW - ix : 1;
        input_pixels(job, block, iy, ix, pixels);
    }
}

static void run_input(const conv2d_job *job, unsigned worker, unsigned workers)
{
    mnist_range own = mnist_share(job->blocks * job->H, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        input_row(job, i / job->H, i % job->H);
}

/* ---- dw ---- */

/* Places of a chain of dw's sums, at least, unless that are all that there are:
   few enough that dy, for the filters of a tile, stays in the first-level cache
   for all values of a window. */
enum { CHAIN_PLACES = 72 };

/* The next chain, from row r of block k on: some whole rows of a block, or some
   whole blocks. */
static mnist_places chain_at(const conv2d_job *job, size_t k, size_t r)
{
    size_t rows = (CHAIN_PLACES + job->OW - 1) / job->OW;
    size_t blocks = rows / job->OH, left = job->blocks - k;
    blocks = blocks == 0 ? 1 : blocks < left ? blocks : left;
    return (mnist_places){
        .blocks = blocks,
        .rows = rows < job->OH - r ? rows : job->OH - r,
        .pixels = job->OW,
        .x_block = job->x_block,
        .x_row = job->x_row,
        .x_pixel = job->C * MNIST_LANES,
        .dy_block = job->y_block,
        .dy_row = job->y_row,
        .dy_pixel = job->F * MNIST_LANES,
    };
}

/* Tiles that so many values of a window take. */
static size_t tiles_of(size_t values)
{
    return (values + MNIST_GRADIENT_VALUES - 1) / MNIST_GRADIENT_VALUES;
}

/* Adds a chain to the sums of these values of a window and filters. x and dy
   begin at the chain's first row. */
static void add_chain(const conv2d_job *job, const mnist_places *places,
                      const float *x, const float *dy, mnist_range values,
                      mnist_range filters, float *sum)
{
    size_t line = job->KW * job->C, count = filters.end - filters.first;
    for (size_t e = values.first; e < values.end; e += MNIST_GRADIENT_VALUES) {
        const float *at[MNIST_GRADIENT_VALUES];
        for (size_t i = 0; i < MNIST_GRADIENT_VALUES; i++) {
            size_t value = e + i < values.end ? e + i : values.end - 1;
            at[i] = x + value / line * job->x_row + value % line * MNIST_LANES;
        }
        job->kernels->pictures->gradient(
            places, at, dy + filters.first * MNIST_LANES, count, sum);
        sum += MNIST_GRADIENT_VALUES * count * MNIST_LANES;
    }
}

/* dw of these values of a window and filters, from all places. */
static void gradient_block(const conv2d_job *job, mnist_range values,
                           mnist_range filters, float *sum)
{
    size_t count = filters.end - filters.first;
    size_t tiles = tiles_of(values.end - values.first);
    memset(sum, 0,
           tiles * MNIST_GRADIENT_VALUES * count * MNIST_LANES * sizeof *sum);
    mnist_places chain;
    for (size_t k = 0; k < job->blocks; k += chain.blocks)
        for (size_t r = 0; r < job->OH; r += chain.rows) {
            chain = chain_at(job, k, r);
            add_chain(job, &chain, job->x + k * job->x_block + r * job->x_row,
                      job->dy + k * job->y_block + r * job->y_row, values,
                      filters, sum);
        }
    for (size_t e = values.first; e < values.end;
         e++, sum += count * MNIST_LANES)
        job->kernels->pictures->sum_lanes(
            count, sum, job->memory.dw + e * job->F + filters.first);
}

/* Filters of a tile: as even as can be, and few enough for all workers to have
   some tiles. */
static size_t filters_a_tile(const conv2d_job *job, size_t rows,
                             unsigned workers)
{
    size_t F = job->F;
    size_t tiles = (F + MNIST_GRADIENT_FILTERS - 1) / MNIST_GRADIENT_FILTERS;
    if (workers > 1 && rows * tiles < 2 * (size_t)workers)
        tiles = 2 * tiles < F ? 2 * tiles : F;
    return (F + tiles - 1) / tiles;
}

/* Tiles are counted along the values of a window, filters by filters. */
static void run_gradient(const conv2d_job *job, unsigned worker,
                         unsigned workers)
{
    const mnist_pass *pass = job->pass;
    float *sum = pass->scratch + worker * pass->scratch_size;
    size_t rows = tiles_of(job->E);
    size_t filters = filters_a_tile(job, rows, workers);
    size_t tiles = (job->F + filters - 1) / filters * rows;
    mnist_range own = mnist_share(tiles, 1, worker, workers);
    for (size_t tile = own.first, end; tile < own.end; tile = end) {
        size_t f = tile / rows * filters, row = tile % rows;
        size_t most = VALUES_AT_ONCE / MNIST_GRADIENT_VALUES;
        end = tile - row + (row + most < rows ? row + most : rows);
        end = end < own.end ? end : own.end;
        size_t e = row * MNIST_GRADIENT_VALUES;
        size_t e_end = e + (end - tile) * MNIST_GRADIENT_VALUES;
        gradient_block(
            job, (mnist_range){e, e_end < job->E ? e_end : job->E},
            (mnist_range){f, f + filters < job->F ? f + filters : job->F}, sum);
    }
}

/* dx is made of the kernel turned, so w may change once that is there. */
static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    if (job->dx)
        run_input(job, worker, workers);
    run_gradient(job, worker, workers);
}

/* Hands over dw, some of it by each worker, and db by the first. */
static void finish_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    mnist_range own = mnist_share(job->E * job->F, 16, worker, workers);
    mnist_affine_gradient gradient = {job->layer, job->kernels, job->sink,
                                      job->E * job->F, 0};
    const mnist_product_block part = {.rows = 1,
                                      .j = own.first,
                                      .cols = own.end - own.first,
                                      .c = job->memory.dw + own.first,
                                      .c_row = own.end - own.first};
    mnist_affine_take_gradient(&gradient, &part);
    if (worker > 0)
        return;
    float *lanes = job->pass->scratch, *db = lanes + job->F * MNIST_LANES;
    job->kernels->sum_rows(job->blocks, job->F * MNIST_LANES, job->memory.db,
                           job->F * MNIST_LANES, lanes);
    job->kernels->pictures->sum_lanes(job->F, lanes, db);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, 0, job->F, db);
}

static void conv2d_backward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, const float *y, float *dy,
                            float *dx, const mnist_sink *sink)
{
    conv2d_job job = describe(layer, pass, x, y);
    job.dy = dy;
    job.dx = dx;
    job.sink = sink;
    mnist_pool_run(pass->engine->pool, prepare_part, &job);
    mnist_pool_run(pass->engine->pool, backward_part, &job);
    mnist_pool_run(pass->engine->pool, finish_part, &job);
}

const mnist_layer_kind mnist_layer_conv2d = {
    .keyword = "conv2d",
    .name = "conv2d",
    .title = "Conv2D",
    .grammar = "conv2d:FILTERS:KHxKW[:ACTIVATION][:l1=R][:l2=R]",
    .blocks = true,
    .parse = conv2d_parse,
    .shape = conv2d_shape,
    .init = conv2d_init,
    .scratch = conv2d_scratch,
    .shared = conv2d_shared,
    .forward = conv2d_forward,
    .backward = conv2d_backward,
};
