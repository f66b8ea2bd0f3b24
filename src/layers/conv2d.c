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
 * indexes above, ascending. Those of dw and db are made of groups of 64
 * pictures: in each, for each lane, chains over some 36 places, n, oy, ox
 * ascending, are added in order, then the lanes in pairs, and at last the
 * groups in order.
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

/* Blocks whose dw is summed by itself. Where a batch has such a group for each
   worker, they find in their own caches what they made before. */
enum { GROUP = 4 };

static size_t groups_of(size_t N)
{
    return (mnist_blocks_of(N) + GROUP - 1) / GROUP;
}

/* Tiles along the values of a window that a worker sums up at a time. */
enum { TILES_AT_ONCE = 18 };

/* Each worker: sums of dw, and of db, lane by lane. */
static size_t conv2d_scratch(const mnist_layer *layer, size_t N)
{
    (void)layer;
    (void)N;
    return (TILES_AT_ONCE * MNIST_GRADIENT_VALUES + 1) *
           MNIST_GRADIENT_FILTERS * MNIST_LANES;
}

/* All workers: the gradients by groups. */
typedef struct {
    float *dw; /* groups x E x F; the first becomes the sum of all */
    float *db; /* groups x F; likewise */
} conv2d_memory;

static size_t conv2d_shared(const mnist_layer *layer, size_t N)
{
    return groups_of(N) * (elements_of(layer) + 1) * layer->units *
           sizeof(float);
}

static conv2d_memory place_memory(const mnist_layer *layer, size_t N,
                                  void *shared)
{
    float *dw = shared;
    return (conv2d_memory){dw, dw + groups_of(N) * elements_of(layer) *
                                        layer->units};
}

/* The kernel turned around for dx: KH x KW x F x C, the last ky and kx first.
 */
static size_t conv2d_kept(const mnist_layer *layer)
{
    return elements_of(layer) * layer->units;
}

/* ---- What the jobs below share ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

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
    const float *x, *dy;
    float *y, *dx;
} conv2d_job;

static conv2d_job describe(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x)
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
    };
}

/* ---- Forward ---- */

/* Row by row, so that the activation finds it in the cache. */
static void forward_row(const conv2d_job *job, size_t block, size_t oy)
{
    float *y = job->y + block * job->y_block + oy * job->y_row;
    const mnist_layer *layer = job->layer;
    const bool relu = layer->activation == &mnist_layer_relu;
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

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    mnist_range own = mnist_share(job->blocks * job->OH, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        forward_row(job, i / job->OH, i % job->OH);
}

static void conv2d_forward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, float *y)
{
    conv2d_job job = describe(layer, pass, x);
    job.y = y;
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* ---- Backward: the kernel turned around ---- */

static void turn_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    size_t tap = job->C * job->F, last = job->KH * job->KW - 1;
    mnist_range own = mnist_share(last + 1, 1, worker, workers);
    const float *w = job->layer->tensor[MNIST_KERNEL].data;
    for (size_t t = own.first; t < own.end; t++)
        mnist_affine_transpose(w + t * tap, job->C, job->F,
                               (mnist_range){0, job->F},
                               job->pass->kept + (last - t) * tap);
}

static void conv2d_prepare(const mnist_layer *layer, const mnist_pass *pass)
{
    conv2d_job job = describe(layer, pass, NULL);
    mnist_pool_run(pass->engine->pool, turn_part, &job);
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
        .x = job->y + block * job->y_block + oy.first * job->y_row +
             ox.first * pixel,
        .x_pixel = pixel,
        .x_row = job->y_row,
        .w = job->pass->kept + (ky * job->KW + kx) * tap,
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

static void input_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    mnist_range own = mnist_share(job->blocks * job->H, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        input_row(job, i / job->H, i % job->H);
}

/* dy before the activation, in place of y. */
static void activation_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    const mnist_layer_kind *activation = job->layer->activation;
    mnist_range own = mnist_share(job->blocks * job->OH, 1, worker, workers);
    size_t at = own.first * job->y_row;
    size_t n = (own.end - own.first) * job->y_row;
    if (activation && activation->values)
        activation->values->backward(job->kernels, n, job->y + at, job->dy + at,
                                     job->y + at);
    else
        memcpy(job->y + at, job->dy + at, n * sizeof *job->y);
}

static void conv2d_backward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y, const float *dy,
                            float *dx)
{
    conv2d_job job = describe(layer, pass, x);
    job.y = y;
    job.dy = dy;
    job.dx = dx;
    mnist_pool_run(pass->engine->pool, activation_part, &job);
    if (dx)
        mnist_pool_run(pass->engine->pool, input_part, &job);
}

/* ---- dw and db ---- */

/* Places of a chain: few enough that dy, for the filters of a tile, stays in
   the first-level cache for all values of a window. */
enum { CHAIN_PLACES = 36 };

/* The next chain, from row r of block k on: some whole rows of a block, or some
   whole blocks before `end`. */
static mnist_places chain_at(const conv2d_job *job, size_t end, size_t k,
                             size_t r)
{
    size_t rows = (CHAIN_PLACES + job->OW - 1) / job->OW;
    size_t blocks = rows / job->OH;
    return (mnist_places){
        .blocks = blocks == 0 ? 1 : smaller(blocks, end - k),
        .rows = smaller(rows, job->OH - r),
        .pixels = job->OW,
        .x_block = job->x_block,
        .x_row = job->x_row,
        .x_pixel = job->C * MNIST_LANES,
        .dy_block = job->y_block,
        .dy_row = job->y_row,
        .dy_pixel = job->F * MNIST_LANES,
    };
}

/* Tiles of one group and some filters, along the values of a window; before the
   first of them comes db. */
typedef struct {
    size_t group, filter, filters;
    size_t first, end; /* values; from 0 on: and db */
} gradient_piece;

/* Adds a chain to the sums of the piece. x and dy begin at the chain's first
   row, dy at the piece's first filter. */
static void add_chain(const conv2d_job *job, const gradient_piece *piece,
                      const mnist_places *places, const float *x,
                      const float *dy, float *sum)
{
    const mnist_picture_kernels *kernels = job->kernels->pictures;
    size_t run = job->KW * job->C, tile = piece->filters * MNIST_LANES;
    if (piece->first == 0)
        kernels->add_places(places, dy, piece->filters, sum);
    sum += tile;
    size_t in_run = piece->first % run;
    x += piece->first / run * job->x_row + in_run * MNIST_LANES;
    for (size_t e = piece->first; e < piece->end; e += MNIST_GRADIENT_VALUES) {
        const float *at[MNIST_GRADIENT_VALUES];
        for (size_t i = 0; i < MNIST_GRADIENT_VALUES; i++) {
            at[i] = x;
            bool last = e + i + 1 >= job->E; /* it stands for those beyond */
            if (!last && ++in_run < run) {
                x += MNIST_LANES;
            } else if (!last) {
                x += job->x_row - (run - 1) * MNIST_LANES;
                in_run = 0;
            }
        }
        kernels->gradient(places, at, dy, piece->filters, sum);
        sum += MNIST_GRADIENT_VALUES * tile;
    }
}

/* The sums of a piece, first lane by lane. */
static void sum_piece(const conv2d_job *job, const gradient_piece *piece,
                      float *sum)
{
    size_t values = piece->end - piece->first + 1, E = job->E;
    size_t F = job->F, filters = piece->filters, tile = filters * MNIST_LANES;
    size_t end = smaller((piece->group + 1) * GROUP, job->blocks);
    memset(sum, 0, values * tile * sizeof *sum);
    mnist_places chain;
    for (size_t k = piece->group * GROUP; k < end; k += chain.blocks)
        for (size_t r = 0; r < job->OH; r += chain.rows) {
            chain = chain_at(job, end, k, r);
            add_chain(job, piece, &chain,
                      job->x + k * job->x_block + r * job->x_row,
                      job->dy + k * job->y_block + r * job->y_row +
                          piece->filter * MNIST_LANES,
                      sum);
        }
    if (piece->first == 0)
        job->kernels->pictures->sum_lanes(
            filters, sum, job->memory.db + piece->group * F + piece->filter);
    for (size_t e = piece->first; e < piece->end && e < E; e++)
        job->kernels->pictures->sum_lanes(
            filters, sum += tile,
            job->memory.dw + (piece->group * E + e) * F + piece->filter);
}

/* Tiles are counted group by group, filters by filters, and along the values of
   a window. */
static void gradient_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    enum { VALUES = MNIST_GRADIENT_VALUES, MOST = MNIST_GRADIENT_FILTERS };
    const mnist_pass *pass = job->pass;
    float *sum = pass->scratch + worker * pass->scratch_size;
    size_t tiles = (job->E + VALUES - 1) / VALUES;
    size_t lines = (job->F + MOST - 1) / MOST;
    size_t filters = (job->F + lines - 1) / lines; /* as even as can be */
    mnist_range own =
        mnist_share(groups_of(pass->N) * lines * tiles, 1, worker, workers);
    for (size_t i = own.first, count; i < own.end; i += count) {
        size_t tile = i % tiles, filter = i / tiles % lines * filters;
        count = smaller(smaller(tiles - tile, own.end - i), TILES_AT_ONCE);
        const gradient_piece piece = {
            .group = i / tiles / lines,
            .filter = filter,
            .filters = smaller(filters, job->F - filter),
            .first = tile * VALUES,
            .end = (tile + count) * VALUES,
        };
        sum_piece(job, &piece, sum);
    }
}

/* Adds up the groups and hands over the gradients: of the kernel some by each
   worker, of the bias by the first. */
static void finish_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    size_t groups = groups_of(job->pass->N), size = job->E * job->F;
    mnist_range own = mnist_share(size, 16, worker, workers);
    size_t count = own.end - own.first;
    float *dw = job->memory.dw + own.first, *db = job->memory.db;
    for (size_t g = 1; g < groups; g++)
        job->kernels->add_rows(1, count, dw + g * size, 0, dw, 0);
    mnist_affine_gradient gradient = {job->layer, job->kernels, job->sink, size,
                                      0};
    const mnist_product_block part = {
        .rows = 1, .j = own.first, .cols = count, .c = dw, .c_row = count};
    mnist_affine_take_gradient(&gradient, &part);
    if (worker > 0)
        return;
    for (size_t g = 1; g < groups; g++)
        job->kernels->add_rows(1, job->F, db + g * job->F, 0, db, 0);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, 0, job->F, db);
}

static void conv2d_learn(const mnist_layer *layer, const mnist_pass *pass,
                         const float *x, const float *dy,
                         const mnist_sink *sink)
{
    conv2d_job job = describe(layer, pass, x);
    job.dy = dy;
    job.sink = sink;
    mnist_pool_run(pass->engine->pool, gradient_part, &job);
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
    .kept = conv2d_kept,
    .prepare = conv2d_prepare,
    .backward_blocks = conv2d_backward,
    .learn = conv2d_learn,
};
