/*
 * Dense layer: every output looks at every input.
 *
 *     y[n][j]  = sum over i of x[n][i] w[i][j], + b[j]
 *     dw[i][j] = sum over n of x[n][i] dy[n][j]
 *     db[j]    = sum over n of dy[n][j]
 *     dx[n][i] = sum over j of dy[n][j] w[i][j]
 *
 * N images, I inputs, J units. x: N x I, w: I x J, b: J, y: N x J, row-major.
 * Where there are enough units, each thread keeps its columns of w for the
 * whole training, in panels of its own (kernels/panels.h); and where x is the
 * images, what is 0 in them is left out of the sums (kernels/packed.h).
 * Source: Bishop, Pattern Recognition and Machine Learning, section 5.3.
 */
#include "kernels/packed.h"
#include "layers/affine.h"
#include "layers/dense_fast.h"
#include "layers/init.h"
#include "layers/kinds.h"

#include <string.h>

static mnist_status dense_parse(mnist_layer *layer, const mnist_fields *fields,
                                mnist_error *err)
{
    mnist_status status =
        mnist_layer_parse_count(layer, &layer->units, fields, 0, "units", err);
    if (status)
        return status;
    return mnist_layer_parse_common(layer, fields, 1, err);
}

static mnist_status dense_shape(mnist_layer *layer, mnist_error *err)
{
    (void)err;
    layer->out = (mnist_shape){1, 1, layer->units, 1};
    layer->tensors = 2;
    layer->tensor[MNIST_KERNEL] =
        (mnist_tensor){.dims = 2, .size = {layer->in.c, layer->units}};
    layer->tensor[MNIST_BIAS] =
        (mnist_tensor){.dims = 1, .size = {layer->units}};
    return MNIST_OK;
}

static void dense_init(mnist_layer *layer, mnist_random *random)
{
    mnist_init_glorot(&layer->tensor[MNIST_KERNEL], layer->in.c, layer->units,
                      random);
}

/* With enough units to pay for packing them. The same for all sets of kernels,
   because where numbers overflow it shows: 0 times infinity is not 0. */
static bool dense_takes_images(const mnist_layer *layer)
{
    return layer->units > MNIST_NARROW_COLS;
}

/* Whether x is the images, and they come in tiles. */
static bool in_tiles(const mnist_pass *pass, const float *x)
{
    return !x && pass->tiled;
}

/* ---- Memory ---- */

/* Each worker: a panel of dy, N rows, and the sums of db. */
static size_t dense_scratch(const mnist_layer *layer, size_t N)
{
    return N * MNIST_PANEL + layer->units;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* All workers: the images packed (by rows forward, by columns backward), and
   the transpose of w. */
typedef struct {
    mnist_packed x;
    float *transpose;
} dense_memory;

/* Multiples of a cache line, so that what follows begins with one. */
static size_t lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t packed_bytes(size_t N, size_t I)
{
    return lines(larger(mnist_packed_bytes(N, I), mnist_packed_bytes(I, N)));
}

static size_t dense_shared(const mnist_layer *layer, size_t N)
{
    size_t I = layer->in.c, J = layer->units;
    return packed_bytes(N, I) + I * J * sizeof(float);
}

static dense_memory place_memory(void *shared, size_t N, size_t I)
{
    void *transpose = (char *)shared + packed_bytes(N, I);
    return (dense_memory){mnist_packed_place(shared, N, I), transpose};
}

/* ---- What the jobs below share ---- */

typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    size_t N, I, J;
    bool packed; /* x is the images */
    dense_memory memory;
    mnist_matrix w;
    const mnist_sink *sink;
    const float *x;
    float *y;               /* forward */
    const float *activated; /* backward: y */
    float *dy, *dx;
} dense_job;

static dense_job describe(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, float *y)
{
    dense_job job = {
        .layer = layer,
        .pass = pass,
        .kernels = pass->engine->kernels,
        .N = pass->N,
        .I = layer->in.c,
        .J = layer->units,
        .w = mnist_affine_kernel(layer, layer->in.c, layer->units),
        .packed = x == NULL,
        .x = x,
        .y = y,
    };
    job.memory = place_memory(pass->shared, job.N, job.I);
    return job;
}

/* Columns are owned panel by panel. */
enum { OWN_COLUMNS = MNIST_PANEL };

/* The units that a worker owns, in w and in all that has a column a unit; where
   they are too few for all workers, each has all, and rows are shared. */
static bool columns_are_shared(const dense_job *job, unsigned workers)
{
    return job->J >= (size_t)workers * OWN_COLUMNS;
}

static mnist_range own_columns(const dense_job *job, unsigned worker,
                               unsigned workers)
{
    if (columns_are_shared(job, workers))
        return mnist_share(job->J, OWN_COLUMNS, worker, workers);
    return (mnist_range){0, job->J};
}

/* In multiples of any tile's rows. */
static mnist_range own_rows(const dense_job *job, size_t rows, unsigned worker,
                            unsigned workers)
{
    if (columns_are_shared(job, workers))
        return (mnist_range){0, rows};
    return mnist_share(rows, MNIST_TILE_ROWS, worker, workers);
}

static mnist_range own_groups(size_t rows, unsigned worker, unsigned workers)
{
    return mnist_share(mnist_packed_groups(rows), 1, worker, workers);
}

/* The groups of packed rows that such rows are. */
static mnist_range groups_of(mnist_range rows)
{
    return (mnist_range){rows.first / MNIST_PACKED_ROWS,
                         mnist_packed_groups(rows.end)};
}

/* ---- Forward ---- */

static void pack_rows_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    mnist_pack_image_rows(&job->memory.x, own_groups(job->N, worker, workers),
                          job->pass->images, job->kernels, job->N, job->I);
}

/* Columns j .. of y = x w, for some rows. */
static void multiply(const dense_job *job, mnist_range rows, size_t j,
                     const mnist_columns *w)
{
    const mnist_product product = {
        .a = job->x,
        .a_row = job->I,
        .a_step = 1,
        .b = w->at,
        .b_row = w->row,
        .K = job->I,
        .c = job->y + j,
        .c_row = job->J,
    };
    mnist_product_run(&product, mnist_product_tile(job->kernels, w->cols), rows,
                      (mnist_range){0, w->cols});
}

/* Columns j .. of y, of images that were packed. */
typedef struct {
    const dense_job *job;
    size_t j;
} packed_output;

static void take_output(void *context, const mnist_product_block *part)
{
    const packed_output *to = context;
    const dense_job *job = to->job;
    const mnist_range cols = {to->j, to->j + part->cols};
    const uint32_t *row = job->memory.x.row + part->i;
    mnist_affine_finish(job->layer, job->kernels, part->rows, cols, part->c,
                        part->c_row);
    for (size_t r = 0; r < part->rows; r++)
        memcpy(job->y + row[r] * job->J + to->j, part->c + r * part->c_row,
               part->cols * sizeof *job->y);
}

static void multiply_packed(const dense_job *job, mnist_range rows, size_t j,
                            const mnist_columns *w)
{
    packed_output to = {job, j};
    const mnist_packed_product product = {
        .a = &job->memory.x,
        .rows = job->N,
        .b = w->at,
        .b_row = w->row,
        .cols = w->cols,
        .take = take_output,
        .context = &to,
    };
    mnist_packed_run(&product, job->kernels, groups_of(rows));
}

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    mnist_range rows = own_rows(job, job->N, worker, workers);
    mnist_range cols = own_columns(job, worker, workers);
    for (size_t j = cols.first; j < cols.end;) {
        mnist_columns w = mnist_matrix_columns(&job->w, j, cols.end);
        (job->packed ? multiply_packed : multiply)(job, rows, j, &w);
        j += w.cols;
    }
    if (!job->packed)
        mnist_affine_finish(job->layer, job->kernels, rows.end - rows.first,
                            cols, job->y + rows.first * job->J + cols.first,
                            job->J);
}

static void dense_forward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, float *y)
{
    if (in_tiles(pass, x)) {
        mnist_dense_forward_fast(layer, pass, y);
        return;
    }
    dense_job job = describe(layer, pass, x, y);
    if (job.packed)
        mnist_pool_run(pass->engine->pool, pack_rows_part, &job);
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* ---- Backward ---- */

/* dy before the activation, for the worker's columns or rows; and, since dx is
   still to come, the transpose of w. */
static void prepare_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    mnist_range cols = own_columns(job, worker, workers);
    mnist_range rows = own_rows(job, job->N, worker, workers);
    for (size_t n = rows.first; n < rows.end; n++) {
        size_t at = n * job->J + cols.first;
        mnist_affine_before_activation(job->layer, job->kernels,
                                       cols.end - cols.first,
                                       job->activated + at, job->dy + at);
    }
    if (job->packed)
        mnist_pack_image_columns(
            &job->memory.x, own_groups(job->I, worker, workers),
            job->pass->images, job->kernels, job->N, job->I);
    if (job->dx)
        mnist_affine_transpose(&job->w, mnist_share(job->J, 1, worker, workers),
                               job->memory.transpose);
}

/* dx = dy w^T; by columns where there are enough: those that a dense layer
   below owns, whose worker finds them in its own cache then. */
static void run_input(const dense_job *job, unsigned worker, unsigned workers)
{
    const mnist_tile *tile = mnist_product_tile(job->kernels, job->I);
    const mnist_product product = {
        .a = job->dy,
        .a_row = job->J,
        .a_step = 1,
        .b = job->memory.transpose,
        .b_row = job->I,
        .K = job->J,
        .c = job->dx,
        .c_row = job->I,
    };
    mnist_range rows = {0, job->N}, cols = {0, job->I};
    if (job->I >= (size_t)workers * OWN_COLUMNS)
        cols = mnist_share(job->I, OWN_COLUMNS, worker, workers);
    else
        rows = mnist_share(job->N, tile->rows, worker, workers);
    mnist_product_run(&product, tile, rows, cols);
}

/* dw = x^T dy for some columns, from those of dy in a panel: the same numbers,
   but side by side, so that they stay in the first-level cache. */
static void gradient(const dense_job *job, mnist_range rows,
                     const mnist_columns *w, const float *panel)
{
    mnist_affine_gradient to = {job->layer, job->kernels, job->sink, w->at,
                                w->row};
    const mnist_product product = {
        .a = job->x,
        .a_row = 1,
        .a_step = job->I,
        .b = panel,
        .b_row = MNIST_PANEL,
        .K = job->N,
        .take = mnist_affine_take_gradient,
        .context = &to,
    };
    mnist_product_run(&product, mnist_product_tile(job->kernels, w->cols), rows,
                      (mnist_range){0, w->cols});
}

static void gradient_packed(const dense_job *job, mnist_range rows,
                            const mnist_columns *w, const float *panel)
{
    mnist_affine_gradient to = {job->layer, job->kernels, job->sink, w->at,
                                w->row};
    const mnist_packed_product product = {
        .a = &job->memory.x,
        .rows = job->I,
        .b = panel,
        .b_row = MNIST_PANEL,
        .cols = w->cols,
        .take = mnist_affine_take_gradient,
        .context = &to,
    };
    mnist_packed_run(&product, job->kernels, groups_of(rows));
}

/* With few units the vectors run along the inputs: dw^T = dy^T x, 64 columns at
   a time, and turned over when it is done. */
static void gradient_of_few(const dense_job *job, mnist_range rows)
{
    float turned[MNIST_NARROW_COLS * MNIST_TILE_COLS];
    float dw[MNIST_NARROW_COLS * MNIST_TILE_COLS];
    mnist_affine_gradient to = {job->layer, job->kernels, job->sink,
                                job->w.data, job->J};
    for (size_t i = rows.first; i < rows.end; i += MNIST_TILE_COLS) {
        size_t left = rows.end - i;
        size_t count = left < MNIST_TILE_COLS ? left : MNIST_TILE_COLS;
        const mnist_product product = {
            .a = job->dy,
            .a_row = 1,
            .a_step = job->J,
            .b = job->x + i,
            .b_row = job->I,
            .K = job->N,
            .c = turned,
            .c_row = MNIST_TILE_COLS,
        };
        mnist_product_run(&product, &job->kernels->wide,
                          (mnist_range){0, job->J}, (mnist_range){0, count});
        for (size_t c = 0; c < count; c++)
            for (size_t j = 0; j < job->J; j++)
                dw[c * job->J + j] = turned[j * MNIST_TILE_COLS + c];
        mnist_affine_take_gradient(
            &to, &(mnist_product_block){i, count, 0, job->J, dw, job->J,
                                        job->N == 0});
    }
}

/* From the last panel that the forward used to the first that the next one
   will: what is still in the cache of those too many for it. */
static void run_panels(const dense_job *job, mnist_range rows, mnist_range cols,
                       float *panel)
{
    for (size_t end = cols.end; end > cols.first;) {
        size_t panel_begin = (end - 1) / MNIST_PANEL * MNIST_PANEL;
        size_t j = panel_begin > cols.first ? panel_begin : cols.first;
        mnist_columns w = mnist_matrix_columns(&job->w, j, end);
        for (size_t n = 0; n < job->N; n++)
            memcpy(panel + n * MNIST_PANEL, job->dy + n * job->J + j,
                   w.cols * sizeof *panel);
        (job->packed ? gradient_packed : gradient)(job, rows, &w, panel);
        end = j;
    }
}

/* dw, and db by who has its columns. */
static void run_gradient(const dense_job *job, unsigned worker,
                         unsigned workers)
{
    const mnist_pass *pass = job->pass;
    float *panel = pass->scratch + worker * pass->scratch_size;
    float *db = panel + job->N * MNIST_PANEL;
    mnist_range cols = own_columns(job, worker, workers);
    mnist_range rows = own_rows(job, job->I, worker, workers);
    if (job->J <= MNIST_NARROW_COLS)
        gradient_of_few(job, rows);
    else
        run_panels(job, rows, cols, panel);
    if (!columns_are_shared(job, workers) && worker > 0)
        return;
    size_t count = cols.end - cols.first;
    job->kernels->sum_rows(job->N, count, job->dy + cols.first, job->J, db);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, cols.first,
                           count, db);
}

/* The gradients may change w at once: dx is made of its transpose. */
static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    if (job->dx)
        run_input(job, worker, workers);
    run_gradient(job, worker, workers);
}

static void dense_backward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, const float *y, float *dy, float *dx,
                           const mnist_sink *sink)
{
    if (in_tiles(pass, x)) {
        mnist_dense_backward_fast(layer, pass, y, dy, sink);
        return;
    }
    dense_job job = describe(layer, pass, x, NULL);
    job.activated = y;
    job.dy = dy;
    job.dx = dx;
    job.sink = sink;
    job.memory.x = mnist_packed_place(pass->shared, job.I, job.N);
    mnist_pool_run(pass->engine->pool, prepare_part, &job);
    mnist_pool_run(pass->engine->pool, backward_part, &job);
}

const mnist_layer_kind mnist_layer_dense = {
    .keyword = "dense",
    .name = "dense",
    .title = "Dense",
    .grammar = "dense:UNITS[:ACTIVATION][:l1=R][:l2=R]",
    .wants_flat = true,
    .panels = true,
    .parse = dense_parse,
    .shape = dense_shape,
    .init = dense_init,
    .takes_images = dense_takes_images,
    .scratch = dense_scratch,
    .shared = dense_shared,
    .forward = dense_forward,
    .backward = dense_backward,
};
