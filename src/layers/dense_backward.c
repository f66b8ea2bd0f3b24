/*
 * The gradients of a dense layer:
 *
 *     dw[i][j] = sum over n of x[n][i] dy[n][j]
 *     db[j]    = sum over n of dy[n][j]
 *     dx[n][i] = sum over j of dy[n][j] w[i][j]
 *
 * with dy before the activation.
 */
#include "layers/affine.h"
#include "layers/dense_job.h"

#include <string.h>

typedef mnist_dense_job dense_job;

/* ---- A worker's own memory ---- */

/* The columns of dy in a panel, N rows; and columns of the images, packed. */
typedef struct {
    float *panel;
    void *columns;
} memory;

/* Groups of columns that are packed at once: those of MNIST's images for a
   batch of 128 all are. More at a time would only be more memory. */
static size_t groups_at_once(size_t N, size_t I)
{
    enum { BYTES = 512 * 1024 };
    size_t all = mnist_packed_groups(I);
    size_t some = BYTES / mnist_packed_bytes(MNIST_PACKED_ROWS, N);
    return some == 0 ? 1 : some < all ? some : all;
}

size_t mnist_dense_scratch(const mnist_layer *layer, size_t N)
{
    size_t rows = groups_at_once(N, layer->in.c) * MNIST_PACKED_ROWS;
    size_t bytes = mnist_packed_bytes(rows, N);
    return N * MNIST_PANEL + (bytes + sizeof(float) - 1) / sizeof(float);
}

static memory memory_of(const dense_job *job, unsigned worker)
{
    const mnist_pass *pass = job->pass;
    float *panel = pass->scratch + worker * pass->scratch_size;
    return (memory){panel, panel + job->N * MNIST_PANEL};
}

/* Few enough that vectors along them would be mostly empty. */
static bool has_few_units(const dense_job *job)
{
    return job->J <= MNIST_NARROW_COLS;
}

/* ---- dx ---- */

/* By columns where there are enough: those that a dense layer below owns, whose
   worker finds them in its own cache then. */
static bool input_by_columns(const dense_job *job, unsigned workers)
{
    return job->I >= (size_t)workers * MNIST_OWN_COLUMNS;
}

/* Whether a worker needs of w only the rows that it will change itself: then it
   turns them over itself, too. */
static bool turns_own_rows(const dense_job *job, unsigned workers)
{
    return has_few_units(job) && input_by_columns(job, workers);
}

/* dx = dy w^T. */
static void run_input(const dense_job *job, unsigned worker, unsigned workers)
{
    const mnist_tile *tile = mnist_product_tile(job->kernels, job->I);
    const mnist_product product = {
        .a = job->dy,
        .a_row = job->J,
        .a_step = 1,
        .b = job->transpose,
        .b_row = job->I,
        .K = job->J,
        .c = job->dx,
        .c_row = job->I,
    };
    mnist_range rows = {0, job->N}, cols = {0, job->I};
    if (input_by_columns(job, workers)) {
        cols = mnist_share(job->I, MNIST_OWN_COLUMNS, worker, workers);
    } else {
        rows = mnist_share(job->N, tile->rows, worker, workers);
    }
    if (turns_own_rows(job, workers))
        mnist_affine_transpose(&job->w, cols, (mnist_range){0, job->J},
                               job->transpose);
    mnist_product_run(&product, tile, rows, cols);
}

/* What all must have done before any goes on: dy before the activation, where
   dx or few columns of dw are made of it; and the transpose of w. */
static bool must_prepare(const dense_job *job, unsigned workers)
{
    if (mnist_affine_has_values(job->layer) && (job->dx || has_few_units(job)))
        return true;
    return job->dx && !turns_own_rows(job, workers);
}

static void prepare_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    mnist_range cols = mnist_dense_columns(job, worker, workers);
    mnist_range rows = mnist_dense_rows(job, job->N, worker, workers);
    for (size_t n = rows.first; n < rows.end; n++) {
        size_t at = n * job->J + cols.first;
        mnist_affine_before_activation(
            job->layer, job->kernels, cols.end - cols.first,
            job->activated + at, job->dy + at, job->dy + at);
    }
    if (job->dx && !turns_own_rows(job, workers))
        mnist_affine_transpose(&job->w, (mnist_range){0, job->I},
                               mnist_share(job->J, 1, worker, workers),
                               job->transpose);
}

/* ---- dw and db ---- */

/* dw of some rows = x^T dy, from dy's columns in a panel. */
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

static void gradient_of_images(const dense_job *job, mnist_range rows,
                               const mnist_columns *w, const float *panel,
                               const mnist_packed *columns)
{
    mnist_affine_gradient to = {job->layer, job->kernels, job->sink, w->at,
                                w->row};
    const mnist_packed_product product = {
        .a = columns,
        .rows = job->I,
        .b = panel,
        .b_row = MNIST_PANEL,
        .cols = w->cols,
        .take = mnist_affine_take_gradient,
        .context = &to,
    };
    mnist_packed_run(&product, job->kernels, mnist_dense_groups(rows));
}

/* Columns j .. of dy before the activation, side by side, so that they stay in
   the first-level cache. With dx, dy is that already. */
static void fill_panel(const dense_job *job, size_t j, size_t cols,
                       float *panel)
{
    for (size_t n = 0; n < job->N; n++, panel += MNIST_PANEL) {
        const float *dy = job->dy + n * job->J + j;
        if (job->dx)
            memcpy(panel, dy, cols * sizeof *panel);
        else
            mnist_affine_before_activation(job->layer, job->kernels, cols,
                                           job->activated + n * job->J + j, dy,
                                           panel);
    }
}

/* Whether db comes with these rows of dw: of those who share the columns, the
   one that has the first row has it. */
static bool has_bias(mnist_range rows)
{
    return rows.first == 0 && rows.end > 0;
}

static void sink_bias(const dense_job *job, size_t j, size_t cols,
                      const float *panel)
{
    float db[MNIST_PANEL];
    job->kernels->sum_rows(job->N, cols, panel, MNIST_PANEL, db);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, j, cols, db);
}

/* From the last panel that the forward used to the first that the next one
   will: what is still in the cache of those too many for it. `columns` is NULL
   where x is not images. */
static void run_panels(const dense_job *job, mnist_range rows, mnist_range cols,
                       float *panel, const mnist_packed *columns)
{
    for (size_t end = cols.end; end > cols.first;) {
        size_t panel_begin = (end - 1) / MNIST_PANEL * MNIST_PANEL;
        size_t j = panel_begin > cols.first ? panel_begin : cols.first;
        mnist_columns w = mnist_matrix_columns(&job->w, j, end);
        fill_panel(job, j, w.cols, panel);
        if (columns)
            gradient_of_images(job, rows, &w, panel, columns);
        else
            gradient(job, rows, &w, panel);
        if (has_bias(rows))
            sink_bias(job, j, w.cols, panel);
        end = j;
    }
}

/* Each worker packs what it needs: lists that others wrote would have to come
   from their caches. */
static void run_images(const dense_job *job, mnist_range rows, mnist_range cols,
                       const memory *own)
{
    size_t at_once = groups_at_once(job->N, job->I) * MNIST_PACKED_ROWS;
    mnist_packed columns = mnist_packed_place(own->columns, at_once, job->N);
    for (size_t i = rows.first; i < rows.end; i += at_once) {
        size_t left = rows.end - i;
        mnist_range some = {i, i + (left < at_once ? left : at_once)};
        mnist_range groups = mnist_dense_groups(some);
        columns.first = groups.first;
        mnist_pack_image_columns(&columns, groups, job->pass->images,
                                 job->kernels, job->N, job->I);
        run_panels(job, some, cols, own->panel, &columns);
    }
}

/* The rows of w that a worker changes, where there are few units: those that it
   needs for dx. */
static mnist_range rows_of_few(const dense_job *job, unsigned worker,
                               unsigned workers)
{
    return mnist_share(job->I, MNIST_OWN_COLUMNS, worker, workers);
}

/* With few units the vectors run along the inputs: dw^T = dy^T x, as many
   columns at a time as a tile has, turned over when they are done. */
static void run_few(const dense_job *job, mnist_range rows)
{
    float turned[MNIST_NARROW_COLS * MNIST_TILE_COLS];
    float dw[MNIST_NARROW_COLS * MNIST_TILE_COLS], db[MNIST_NARROW_COLS];
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
    if (!has_bias(rows))
        return;
    job->kernels->sum_rows(job->N, job->J, job->dy, job->J, db);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, 0, job->J, db);
}

static void run_gradient(const dense_job *job, unsigned worker,
                         unsigned workers)
{
    const memory own = memory_of(job, worker);
    mnist_range cols = mnist_dense_columns(job, worker, workers);
    mnist_range rows = mnist_dense_rows(job, job->I, worker, workers);
    if (job->packed)
        run_images(job, rows, cols, &own);
    else if (has_few_units(job))
        run_few(job, rows_of_few(job, worker, workers));
    else
        run_panels(job, rows, cols, own.panel, NULL);
}

/* The gradients may change w at once: dx is made of its transpose. */
static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    if (job->dx)
        run_input(job, worker, workers);
    run_gradient(job, worker, workers);
}

void mnist_dense_backward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, const float *y, float *dy, float *dx,
                          const mnist_sink *sink)
{
    mnist_pool *pool = pass->engine->pool;
    dense_job job = mnist_dense_describe(layer, pass, x);
    job.activated = y;
    job.sink = sink;
    job.dy = dy;
    job.dx = dx;
    if (must_prepare(&job, mnist_pool_size(pool)))
        mnist_pool_run(pool, prepare_part, &job);
    mnist_pool_run(pool, backward_part, &job);
}
