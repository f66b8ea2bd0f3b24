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
 * whole training, and inputs that are 0 are left out of the sums. Source:
 * Bishop, Pattern Recognition and Machine Learning, section 5.3.
 */
#include "layers/affine.h"
#include "layers/init.h"
#include "layers/kinds.h"
#include "layers/zeros.h"

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

/* ---- Memory ---- */

/* Each worker: a panel of dy, N rows of a tile's columns, and the sums of db.
 */
static size_t dense_scratch(const mnist_layer *layer, size_t N)
{
    return N * MNIST_TILE_COLS + layer->units;
}

static size_t largest(size_t a, size_t b, size_t c)
{
    size_t most = a > b ? a : b;
    return most > c ? most : c;
}

/* All workers: lists of terms (of rows of x forward, of its columns backward),
   the terms of a product without lists and of dx, and the transpose of w. */
typedef struct {
    mnist_lists list;
    mnist_term *term, *input_term;
    float *transpose;
} dense_memory;

static size_t lists_bytes(size_t N, size_t I)
{
    return largest(mnist_lists_bytes(N, I), mnist_lists_bytes(I, N), 0);
}

static size_t terms_bytes(size_t N, size_t I, size_t J)
{
    return largest(N, I, J) * sizeof(mnist_term);
}

static size_t dense_shared(const mnist_layer *layer, size_t N)
{
    size_t I = layer->in.c, J = layer->units;
    return lists_bytes(N, I) + 2 * terms_bytes(N, I, J) + I * J * sizeof(float);
}

static dense_memory place_memory(void *shared, size_t N, size_t I, size_t J)
{
    char *lists = shared, *terms = lists + lists_bytes(N, I);
    char *input_terms = terms + terms_bytes(N, I, J);
    void *transpose = input_terms + terms_bytes(N, I, J);
    return (dense_memory){mnist_lists_place(lists, N, I), (void *)terms,
                          (void *)input_terms, transpose};
}

/* ---- What the jobs below share ---- */

typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    size_t N, I, J;
    const mnist_tile *tile;
    bool lists; /* leave out zeros of x */
    dense_memory memory;
    const mnist_sink *sink;
    const float *x, *y;
    float *dy, *dx;
    mnist_product product, input;
} dense_job;

static dense_job describe(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, const float *y)
{
    const mnist_kernels *kernels = pass->engine->kernels;
    dense_job job = {
        .layer = layer,
        .pass = pass,
        .kernels = kernels,
        .N = pass->N,
        .I = layer->in.c,
        .J = layer->units,
        .tile = mnist_product_tile(kernels, layer->units),
        .x = x,
        .y = y,
    };
    /* With more columns every set takes its wide tile. The same for all sets,
       because where numbers overflow it shows: 0 times infinity is not 0. */
    job.lists = job.J > MNIST_NARROW_COLS;
    job.memory = place_memory(pass->shared, job.N, job.I, job.J);
    return job;
}

/* The units that a worker owns, in w and in all that has a column a unit; where
   they are too few for all workers, each has all, and rows are shared. */
static bool columns_are_shared(const dense_job *job, unsigned workers)
{
    return job->J >= (size_t)workers * 16;
}

static mnist_range own_columns(const dense_job *job, unsigned worker,
                               unsigned workers)
{
    if (columns_are_shared(job, workers))
        return mnist_share(job->J, 16, worker, workers);
    return (mnist_range){0, job->J};
}

static mnist_range own_rows(const dense_job *job, size_t rows, unsigned worker,
                            unsigned workers)
{
    if (columns_are_shared(job, workers))
        return (mnist_range){0, rows};
    return mnist_share(rows, job->tile->rows, worker, workers);
}

static mnist_range own_groups(size_t rows, unsigned worker, unsigned workers)
{
    return mnist_share((rows + MNIST_LIST_ROWS - 1) / MNIST_LIST_ROWS, 1,
                       worker, workers);
}

static void use_lists(const mnist_lists *list, mnist_product *product)
{
    product->term = list->term;
    product->count = list->count;
    product->term_row = list->row;
}

static void use_terms(mnist_term *term, size_t K, mnist_axis a, mnist_axis b,
                      mnist_product *product)
{
    mnist_terms(K, a, b, term);
    product->term = term;
    product->chains = 1;
    product->K_last = K;
}

/* ---- Forward ---- */

static void list_rows_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    mnist_lists_of_rows(&job->memory.list, own_groups(job->N, worker, workers),
                        job->x, job->N, job->I, job->J);
}

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const dense_job *job = context;
    mnist_range rows = own_rows(job, job->N, worker, workers);
    mnist_range cols = own_columns(job, worker, workers);
    mnist_product_run(&job->product, job->tile, rows, cols);
    mnist_affine_finish(job->layer, job->kernels, rows.end - rows.first, cols,
                        job->product.c + rows.first * job->J + cols.first,
                        job->J);
}

static void dense_forward(const mnist_layer *layer, const mnist_pass *pass,
                          const float *x, float *y)
{
    dense_job job = describe(layer, pass, x, y);
    job.product = (mnist_product){
        .a = x,
        .rows = mnist_axis_stride(job.I),
        .b = layer->tensor[MNIST_KERNEL].data,
        .c = y,
        .c_row = job.J,
    };
    if (job.lists) {
        mnist_pool_run(pass->engine->pool, list_rows_part, &job);
        use_lists(&job.memory.list, &job.product);
    } else {
        use_terms(job.memory.term, job.I, mnist_axis_stride(1),
                  mnist_axis_stride(job.J), &job.product);
    }
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
                                       cols.end - cols.first, job->y + at,
                                       job->dy + at);
    }
    if (job->lists)
        mnist_lists_of_columns(&job->memory.list,
                               own_groups(job->I, worker, workers), job->x,
                               job->N, job->I, job->tile->cols);
    if (job->dx)
        mnist_affine_transpose(job->layer->tensor[MNIST_KERNEL].data, job->I,
                               job->J, mnist_share(job->J, 1, worker, workers),
                               job->memory.transpose);
}

/* dx = dy w^T */
static void describe_input(dense_job *job)
{
    job->input = (mnist_product){
        .a = job->dy,
        .rows = mnist_axis_stride(job->J),
        .b = job->memory.transpose,
        .c = job->dx,
        .c_row = job->I,
    };
    use_terms(job->memory.input_term, job->J, mnist_axis_stride(1),
              mnist_axis_stride(job->I), &job->input);
}

static void run_input(const dense_job *job, unsigned worker, unsigned workers)
{
    const mnist_tile *tile = mnist_product_tile(job->kernels, job->I);
    mnist_product_run(&job->input, tile,
                      mnist_share(job->N, tile->rows, worker, workers),
                      (mnist_range){0, job->I});
}

/* dw = x^T dy */
static void describe_gradient(dense_job *job)
{
    job->product = (mnist_product){
        .a = job->x,
        .rows = mnist_axis_stride(1),
    };
    if (job->lists)
        use_lists(&job->memory.list, &job->product);
    else
        use_terms(job->memory.term, job->N, mnist_axis_stride(job->I),
                  mnist_axis_stride(job->tile->cols), &job->product);
}

/* dw for some columns of a tile's width at most, from a panel of dy: the same
   numbers, but side by side, so that they stay in the first-level cache. */
static void gradient_panel(const dense_job *job, mnist_range rows,
                           mnist_range cols, float *panel)
{
    size_t width = cols.end - cols.first, row = job->tile->cols;
    for (size_t n = 0; n < job->N; n++)
        memcpy(panel + n * row, job->dy + n * job->J + cols.first,
               width * sizeof *panel);
    mnist_affine_gradient gradient = {job->layer, job->kernels, job->sink,
                                      job->J, cols.first};
    mnist_product product = job->product;
    product.b = panel;
    product.take = mnist_affine_take_gradient;
    product.context = &gradient;
    mnist_product_run(&product, job->tile, rows, (mnist_range){0, width});
}

/* dw, and db by who has its columns. */
static void run_gradient(const dense_job *job, unsigned worker,
                         unsigned workers)
{
    const mnist_pass *pass = job->pass;
    float *panel = pass->scratch + worker * pass->scratch_size;
    float *db = panel + job->N * MNIST_TILE_COLS;
    mnist_range cols = own_columns(job, worker, workers);
    mnist_range rows = own_rows(job, job->I, worker, workers);
    for (size_t j = cols.first; j < cols.end; j += job->tile->cols) {
        size_t end = j + job->tile->cols;
        gradient_panel(job, rows,
                       (mnist_range){j, end < cols.end ? end : cols.end},
                       panel);
    }
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
    dense_job job = describe(layer, pass, x, y);
    job.dy = dy;
    job.dx = dx;
    job.sink = sink;
    job.memory.list = mnist_lists_place(pass->shared, job.I, job.N);
    describe_input(&job);
    describe_gradient(&job);
    mnist_pool_run(pass->engine->pool, prepare_part, &job);
    mnist_pool_run(pass->engine->pool, backward_part, &job);
}

const mnist_layer_kind mnist_layer_dense = {
    .keyword = "dense",
    .name = "dense",
    .title = "Dense",
    .grammar = "dense:UNITS[:ACTIVATION][:l1=R][:l2=R]",
    .wants_flat = true,
    .parse = dense_parse,
    .shape = dense_shape,
    .init = dense_init,
    .scratch = dense_scratch,
    .shared = dense_shared,
    .forward = dense_forward,
    .backward = dense_backward,
};
