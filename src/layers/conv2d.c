/*
 * Convolution of pictures, "valid" and with stride 1.
 *
 *     y[n][oy][ox][f]   = sum over ky, kx, c of
 *                         x[n][oy + ky][ox + kx][c] w[ky][kx][c][f], + b[f]
 *     dx[n][iy][ix][c]  = sum over oy, ox, f of
 *                         dy[n][oy][ox][f] w[iy - oy][ix - ox][c][f]
 *
 * and dw and db in conv2d_gradient.c. N pictures of H x W x C in blocks
 * (kernels/pictures.h), w: KH x KW x C x F, y: OH x OW x F with OH = H - KH + 1
 * and OW = W - KW + 1. Each sum is one chain of fma in the order of its
 * indexes, ascending; vectors run across pictures.
 * Source: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section II.A; without flipping the kernel, as in Keras.
 */
#include "layers/conv2d.h"

#include "layers/affine.h"
#include "layers/init.h"
#include "layers/kinds.h"

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

/* The kernel turned around for dx: KH x KW x F x C, the last ky and kx first.
 */
static size_t conv2d_kept(const mnist_layer *layer)
{
    return mnist_conv2d_elements(layer) * layer->units;
}

/* ---- What the jobs share ---- */

mnist_conv2d_job mnist_conv2d_describe(const mnist_layer *layer,
                                       const mnist_pass *pass, const float *x)
{
    const mnist_shape *in = &layer->in, *out = &layer->out;
    return (mnist_conv2d_job){
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
        .E = mnist_conv2d_elements(layer),
        .F = layer->units,
        .x_row = in->w * in->c * MNIST_LANES,
        .y_row = out->w * out->c * MNIST_LANES,
        .x_block = mnist_shape_size(*in) * MNIST_LANES,
        .y_block = mnist_shape_size(*out) * MNIST_LANES,
        .x = x,
    };
}

/* ---- Forward ---- */

/* Row by row, so that the activation finds it in the cache. */
static void forward_row(const mnist_conv2d_job *job, size_t block, size_t oy)
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
    const mnist_conv2d_job *job = context;
    mnist_range own = mnist_share(job->blocks * job->OH, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        forward_row(job, i / job->OH, i % job->OH);
}

static void conv2d_forward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, float *y)
{
    mnist_conv2d_job job = mnist_conv2d_describe(layer, pass, x);
    job.y = y;
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* ---- Backward: the kernel turned around ---- */

static void turn_part(void *context, unsigned worker, unsigned workers)
{
    const mnist_conv2d_job *job = context;
    size_t tap = job->C * job->F, last = job->KH * job->KW - 1;
    mnist_range own = mnist_share(last + 1, 1, worker, workers);
    float *w = job->layer->tensor[MNIST_KERNEL].data;
    for (size_t t = own.first; t < own.end; t++) {
        const mnist_matrix values = {w + t * tap, job->C, job->F, false};
        mnist_affine_transpose(&values, (mnist_range){0, job->C},
                               (mnist_range){0, job->F},
                               job->pass->kept + (last - t) * tap);
    }
}

static void conv2d_prepare(const mnist_layer *layer, const mnist_pass *pass)
{
    mnist_conv2d_job job = mnist_conv2d_describe(layer, pass, NULL);
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
static void input_pixels(const mnist_conv2d_job *job, size_t block, size_t iy,
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
static void input_row(const mnist_conv2d_job *job, size_t block, size_t iy)
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
    const mnist_conv2d_job *job = context;
    mnist_range own = mnist_share(job->blocks * job->H, 1, worker, workers);
    for (size_t i = own.first; i < own.end; i++)
        input_row(job, i / job->H, i % job->H);
}

/* dy before the activation, in place of y. */
static void activation_part(void *context, unsigned worker, unsigned workers)
{
    const mnist_conv2d_job *job = context;
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
    mnist_conv2d_job job = mnist_conv2d_describe(layer, pass, x);
    job.y = y;
    job.dy = dy;
    job.dx = dx;
    mnist_pool_run(pass->engine->pool, activation_part, &job);
    if (dx)
        mnist_pool_run(pass->engine->pool, input_part, &job);
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
    .scratch = mnist_conv2d_scratch,
    .shared = mnist_conv2d_shared,
    .forward = conv2d_forward,
    .kept = conv2d_kept,
    .prepare = conv2d_prepare,
    .backward_blocks = conv2d_backward,
    .learn = mnist_conv2d_learn,
};
