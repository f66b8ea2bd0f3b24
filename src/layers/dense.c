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
#include "layers/affine.h"
#include "layers/dense_fast.h"
#include "layers/dense_job.h"
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

/* ---- Forward ---- */

/* Whether x is the images, and they come in tiles. */
static bool in_tiles(const mnist_pass *pass, const float *x)
{
    return !x && pass->tiled;
}

static void pack_rows_part(void *context, unsigned worker, unsigned workers)
{
    const mnist_dense_job *job = context;
    mnist_range own =
        mnist_share(mnist_packed_groups(job->N), 1, worker, workers);
    mnist_pack_image_rows(&job->images, own, job->pass->images, job->kernels,
                          job->N, job->I);
}

/* Columns j .. of y = x w, for some rows. */
static void multiply(const mnist_dense_job *job, mnist_range rows, size_t j,
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
    const mnist_dense_job *job;
    size_t j;
} packed_output;

static void take_output(void *context, const mnist_product_block *part)
{
    const packed_output *to = context;
    const mnist_dense_job *job = to->job;
    const mnist_range cols = {to->j, to->j + part->cols};
    const uint32_t *row = job->images.row + part->i;
    mnist_affine_finish(job->layer, job->kernels, part->rows, cols, part->c,
                        part->c_row);
    for (size_t r = 0; r < part->rows; r++)
        memcpy(job->y + row[r] * job->J + to->j, part->c + r * part->c_row,
               part->cols * sizeof *job->y);
}

static void multiply_packed(const mnist_dense_job *job, mnist_range rows,
                            size_t j, const mnist_columns *w)
{
    packed_output to = {job, j};
    const mnist_packed_product product = {
        .a = &job->images,
        .rows = job->N,
        .b = w->at,
        .b_row = w->row,
        .cols = w->cols,
        .take = take_output,
        .context = &to,
    };
    mnist_packed_run(&product, job->kernels, mnist_dense_groups(rows));
}

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const mnist_dense_job *job = context;
    mnist_range rows = mnist_dense_rows(job, job->N, worker, workers);
    mnist_range cols = mnist_dense_columns(job, worker, workers);
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
    mnist_dense_job job = mnist_dense_describe(layer, pass, x);
    job.y = y;
    if (job.packed)
        mnist_pool_run(pass->engine->pool, pack_rows_part, &job);
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

static void dense_backward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, const float *y, float *dy, float *dx,
                           const mnist_sink *sink)
{
    if (in_tiles(pass, x))
        mnist_dense_backward_fast(layer, pass, y, dy, sink);
    else
        mnist_dense_backward(layer, pass, x, y, dy, dx, sink);
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
    .scratch = mnist_dense_scratch,
    .shared = mnist_dense_shared,
    .forward = dense_forward,
    .backward = dense_backward,
};
