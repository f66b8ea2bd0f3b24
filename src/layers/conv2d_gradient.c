/*
 * The gradients of a convolution's kernel and bias.
 *
 *     dw[ky][kx][c][f]  = sum over n, oy, ox of
 *                         x[n][oy + ky][ox + kx][c] dy[n][oy][ox][f]
 *     db[f]             = sum over n, oy, ox of dy[n][oy][ox][f]
 *
 * Sizes as in conv2d.c, E = KH KW C values in a window. The sums are made of
 * groups of four blocks: in each, for each lane, chains of fma over n, oy, ox,
 * ascending, are added in order, then the lanes in pairs (sum_lanes), and at
 * last the groups in order. A chain has as many whole rows of a picture's
 * places as make 36 of them or, where that is a picture or more, as many whole
 * blocks as are in these rows.
 */
#include "layers/affine.h"
#include "layers/conv2d.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
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
size_t mnist_conv2d_scratch(const mnist_layer *layer, size_t N)
{
    (void)layer;
    (void)N;
    return (TILES_AT_ONCE * MNIST_GRADIENT_VALUES + 1) *
           MNIST_GRADIENT_FILTERS * MNIST_LANES;
}

/* All workers: the gradients by groups. */
size_t mnist_conv2d_shared(const mnist_layer *layer, size_t N)
{
    return groups_of(N) * (mnist_conv2d_elements(layer) + 1) * layer->units *
           sizeof(float);
}

/* A job, and the gradients by groups. */
typedef struct {
    mnist_conv2d_job conv2d;
    const mnist_sink *sink;
    float *dw; /* groups x E x F; the first becomes the sum of all */
    float *db; /* groups x F; likewise */
} gradient_job;

/* ---- Sums ---- */

/* Places of a chain: few enough that dy, for the filters of a tile, stays in
   the first-level cache for all values of a window. */
enum { CHAIN_PLACES = 36 };

/* The next chain, from row r of block k on: some whole rows of a block, or some
   whole blocks before `end`. */
static mnist_places chain_at(const mnist_conv2d_job *job, size_t end, size_t k,
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
static void add_chain(const mnist_conv2d_job *job, const gradient_piece *piece,
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
static void sum_piece(const gradient_job *gradient, const gradient_piece *piece,
                      float *sum)
{
    const mnist_conv2d_job *job = &gradient->conv2d;
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
            filters, sum, gradient->db + piece->group * F + piece->filter);
    for (size_t e = piece->first; e < piece->end && e < E; e++)
        job->kernels->pictures->sum_lanes(
            filters, sum += tile,
            gradient->dw + (piece->group * E + e) * F + piece->filter);
}

/* Tiles are counted group by group, filters by filters, and along the values of
   a window. */
static void gradient_part(void *context, unsigned worker, unsigned workers)
{
    const gradient_job *gradient = context;
    const mnist_conv2d_job *job = &gradient->conv2d;
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
        sum_piece(gradient, &piece, sum);
    }
}

/* Adds up the groups and hands over the gradients: of the kernel some by each
   worker, of the bias by the first. */
static void finish_part(void *context, unsigned worker, unsigned workers)
{
    const gradient_job *sums = context;
    const mnist_conv2d_job *job = &sums->conv2d;
    size_t groups = groups_of(job->pass->N), size = job->E * job->F;
    mnist_range own = mnist_share(size, 16, worker, workers);
    size_t count = own.end - own.first;
    float *dw = sums->dw + own.first, *db = sums->db;
    for (size_t g = 1; g < groups; g++)
        job->kernels->add_rows(1, count, dw + g * size, 0, dw, 0);
    mnist_affine_gradient gradient = {job->layer, job->kernels, sums->sink,
                                      job->layer->tensor[MNIST_KERNEL].data,
                                      size};
    const mnist_product_block part = {
        .rows = 1, .j = own.first, .cols = count, .c = dw, .c_row = count};
    mnist_affine_take_gradient(&gradient, &part);
    if (worker > 0)
        return;
    for (size_t g = 1; g < groups; g++)
        job->kernels->add_rows(1, job->F, db + g * job->F, 0, db, 0);
    mnist_affine_sink_bias(job->layer, job->kernels, sums->sink, 0, job->F, db);
}

void mnist_conv2d_learn(const mnist_layer *layer, const mnist_pass *pass,
                        const float *x, const float *dy, const mnist_sink *sink)
{
    float *dw = pass->shared;
    gradient_job job = {
        .conv2d = mnist_conv2d_describe(layer, pass, x),
        .sink = sink,
        .dw = dw,
    };
    job.conv2d.dy = dy;
    job.db = dw + groups_of(pass->N) * job.conv2d.E * job.conv2d.F;
    mnist_pool_run(pass->engine->pool, gradient_part, &job);
    mnist_pool_run(pass->engine->pool, finish_part, &job);
}
