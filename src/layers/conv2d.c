/*
 * Convolution of pictures, "valid" and with stride 1.
 *
 *     y[n][oy][ox][f]   = sum over ky, kx, c of
 *                         x[n][oy + ky][ox + kx][c] w[ky][kx][c][f], + b[f]
 *     dw[ky][kx][c][f]  = sum over n, oy, ox of
 *                         x[n][oy + ky][ox + kx][c] dy[n][oy][ox][f]
 *     db[f]             = sum over n, oy, ox of dy[n][oy][ox][f]
 *     dx[n][iy][ix][c]  = sum over oy, ox of (sum over f of
 *                         dy[n][oy][ox][f] w[iy - oy][ix - ox][c][f])
 *
 * x: N x H x W x C, w: KH x KW x C x F, y: N x OH x OW x F with OH = H - KH + 1
 * and OW = W - KW + 1. In the words of products (kernels/pack.h): a patch is
 * what the kernel covers, E = KH KW C elements; y is patches times w, dw is
 * patches transposed times dy, and dx is dy times w transposed, E values a
 * patch, added up where patches overlap.
 * Source: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section II.A; without flipping the kernel, as in Keras.
 */
#include "kernels/gemm.h"
#include "layers/init.h"
#include "layers/kinds.h"
#include "layers/penalty.h"

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

/* The sizes by their names above, and the arrays of one pass. */
typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    mnist_window window;
    size_t P; /* patches of one image, OH OW */
    size_t E, F;
    const float *x, *dy;
    float *y, *dw, *db, *dx;
} conv2d_job;

static conv2d_job describe(const mnist_layer *layer, const mnist_pass *pass)
{
    const mnist_shape *in = &layer->in;
    return (conv2d_job){
        .layer = layer,
        .pass = pass,
        .window = {in->h, in->w, in->c, layer->height, layer->width},
        .P = layer->out.h * layer->out.w,
        .E = layer->height * layer->width * in->c,
        .F = layer->units,
    };
}

static mnist_axis stride(size_t floats)
{
    return (mnist_axis){MNIST_AXIS_STRIDE, floats, NULL};
}

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    const mnist_engine *engine = job->pass->engine;
    const float *w = job->layer->tensor[MNIST_KERNEL].data;
    const float *b = job->layer->tensor[MNIST_BIAS].data;
    size_t P = job->P, F = job->F;
    mnist_range own = mnist_share(job->pass->N, 1, worker, workers);
    mnist_product product = {
        .a = {job->x,
              {MNIST_AXIS_PATCHES, 0, &job->window},
              {MNIST_AXIS_ELEMENTS, 0, &job->window}},
        .b = {w, stride(1), stride(F)},
        .c = job->y,
        .c_row = F,
        .c_col = 1,
        .K = job->E,
    };
    mnist_block block = {{own.first * P, own.end * P}, {0, F}};
    mnist_product_block(engine, &product, block, worker);
    engine->kernels->add_rows((own.end - own.first) * P, F, b, 0,
                              job->y + own.first * P * F, F);
}

static void conv2d_forward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, float *y)
{
    conv2d_job job = describe(layer, pass);
    job.x = x;
    job.y = y;
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* dw and its penalty; db by the thread that has the filters. */
static void gradient_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    const mnist_engine *engine = job->pass->engine;
    const mnist_layer *layer = job->layer;
    size_t F = job->F, patches = job->pass->N * job->P;
    mnist_product product = {
        .a = {job->x,
              {MNIST_AXIS_ELEMENTS, 0, &job->window},
              {MNIST_AXIS_PATCHES, 0, &job->window}},
        .b = {job->dy, stride(1), stride(F)},
        .c = job->dw,
        .c_row = F,
        .c_col = 1,
        .K = patches,
        .in_blocks = true,
    };
    mnist_block own =
        mnist_product_part(engine, &product, job->E, F, worker, workers);
    for (size_t e = own.rows.first; e < own.rows.end; e++) {
        size_t at = e * F + own.cols.first;
        mnist_penalty_backward(
            engine->kernels, layer, own.cols.end - own.cols.first,
            layer->tensor[MNIST_KERNEL].data + at, job->dw + at);
    }
    mnist_range filters = mnist_share(F, 16, worker, workers);
    engine->kernels->sum_rows(patches, filters.end - filters.first,
                              job->dy + filters.first, F,
                              job->db + filters.first);
}

/* Images whose patches are multiplied at a time on the way to dx: enough for a
   block of rows. */
static size_t images_at_once(const mnist_layer *layer)
{
    enum { ROWS = 128 };
    size_t P = layer->out.h * layer->out.w;
    return P < ROWS ? ROWS / P : 1;
}

static size_t conv2d_scratch(const mnist_layer *layer)
{
    size_t P = layer->out.h * layer->out.w;
    size_t E = layer->height * layer->width * layer->in.c;
    return images_at_once(layer) * P * E;
}

/* Adds the patches of one image, P x E, where they lie in the image. */
static void add_patches(const conv2d_job *job, const float *patches, float *dx)
{
    const mnist_window *w = &job->window;
    size_t run = w->width * w->C, line = w->W * w->C;
    for (size_t oy = 0; oy < job->layer->out.h; oy++)
        for (size_t ox = 0; ox < job->layer->out.w; ox++) {
            job->pass->engine->kernels->add_rows(
                w->height, run, patches, run, dx + oy * line + ox * w->C, line);
            patches += job->E;
        }
}

static void input_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    const mnist_pass *pass = job->pass;
    const float *w = job->layer->tensor[MNIST_KERNEL].data;
    size_t P = job->P, E = job->E, F = job->F;
    size_t image = mnist_shape_size(job->layer->in);
    size_t step = images_at_once(job->layer);
    float *patches = pass->scratch + worker * pass->scratch_size;
    mnist_range own = mnist_share(pass->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n += step) {
        size_t count = own.end - n < step ? own.end - n : step;
        mnist_product product = {
            .a = {job->dy + n * P * F, stride(F), stride(1)},
            .b = {w, stride(F), stride(1)},
            .c = patches,
            .c_row = E,
            .c_col = 1,
            .K = F,
        };
        mnist_block block = {{0, count * P}, {0, E}};
        mnist_product_block(pass->engine, &product, block, worker);
        memset(job->dx + n * image, 0, count * image * sizeof *job->dx);
        for (size_t i = 0; i < count; i++)
            add_patches(job, patches + i * P * E, job->dx + (n + i) * image);
    }
}

static void conv2d_backward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, const float *y, float *dy,
                            float *dx, float *const *gradient)
{
    (void)y;
    conv2d_job job = describe(layer, pass);
    job.x = x;
    job.dy = dy;
    job.dw = gradient[MNIST_KERNEL];
    job.db = gradient[MNIST_BIAS];
    job.dx = dx;
    mnist_pool_run(pass->engine->pool, gradient_part, &job);
    if (dx)
        mnist_pool_run(pass->engine->pool, input_part, &job);
}

const mnist_layer_kind mnist_layer_conv2d = {
    .keyword = "conv2d",
    .name = "conv2d",
    .title = "Conv2D",
    .grammar = "conv2d:FILTERS:KHxKW[:ACTIVATION][:l1=R][:l2=R]",
    .parse = conv2d_parse,
    .shape = conv2d_shape,
    .init = conv2d_init,
    .scratch = conv2d_scratch,
    .forward = conv2d_forward,
    .backward = conv2d_backward,
};
