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
 * and OW = W - KW + 1. In the words of products (kernels/product.h): a patch is
 * what the kernel covers, E = KH KW C elements; y is patches times w, dw is
 * patches transposed times dy, and dx is dy times w transposed, E values a
 * patch, added up where patches overlap.
 * Source: LeCun et al., "Gradient-based learning applied to document
 * recognition", 1998, section II.A; without flipping the kernel, as in Keras.
 */
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

/* ---- Memory ---- */

static size_t patches_of(const mnist_layer *layer)
{
    return layer->out.h * layer->out.w;
}

static size_t elements_of(const mnist_layer *layer)
{
    return layer->height * layer->width * layer->in.c;
}

/* Images whose patches make a chain of dw's sum: as few as give it 64 terms. A
   chain over all images would lose digits, and one over less takes longer. */
static size_t images_a_chain(const mnist_layer *layer)
{
    enum { TERMS = 64 };
    return (TERMS + patches_of(layer) - 1) / patches_of(layer);
}

/* Images whose patches are multiplied at a time on the way to dx: enough for
   tiles to be full. */
static size_t images_at_once(const mnist_layer *layer)
{
    enum { ROWS = 128 };
    return (ROWS + patches_of(layer) - 1) / patches_of(layer);
}

/* Each worker: the patches of dx, or the sums of db. */
static size_t conv2d_scratch(const mnist_layer *layer, size_t N)
{
    (void)N;
    size_t floats =
        images_at_once(layer) * patches_of(layer) * elements_of(layer);
    return floats > layer->units ? floats : layer->units;
}

static size_t most_terms(const mnist_layer *layer)
{
    size_t patches = images_a_chain(layer) * patches_of(layer);
    size_t elements = elements_of(layer), filters = layer->units;
    size_t most = patches > elements ? patches : elements;
    return most > filters ? most : filters;
}

/* All workers: the terms of a product and of dx, the transpose of w, and the
   sums of db image by image. */
typedef struct {
    mnist_term *term, *input_term;
    float *transpose;
    float *db; /* N x F */
} conv2d_memory;

static size_t conv2d_shared(const mnist_layer *layer, size_t N)
{
    return 2 * most_terms(layer) * sizeof(mnist_term) +
           (elements_of(layer) + N) * layer->units * sizeof(float);
}

static conv2d_memory place_memory(const mnist_layer *layer, void *shared)
{
    mnist_term *term = shared, *input_term = term + most_terms(layer);
    void *transpose = input_term + most_terms(layer);
    return (conv2d_memory){term, input_term, transpose,
                           (float *)transpose +
                               elements_of(layer) * layer->units};
}

/* ---- What the jobs below share ---- */

/* The sizes by their names above, and the arrays of one pass. */
typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const mnist_kernels *kernels;
    mnist_window window;
    size_t P; /* patches of one image, OH OW */
    size_t E, F;
    size_t image; /* values of one image of x */
    conv2d_memory memory;
    const mnist_sink *sink;
    const float *x, *y;
    float *dy, *dx;
    mnist_product product, input;
} conv2d_job;

static conv2d_job describe(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, const float *y)
{
    const mnist_shape *in = &layer->in;
    return (conv2d_job){
        .layer = layer,
        .pass = pass,
        .kernels = pass->engine->kernels,
        .window = {in->h, in->w, in->c, layer->height, layer->width},
        .P = patches_of(layer),
        .E = elements_of(layer),
        .F = layer->units,
        .image = mnist_shape_size(*in),
        .memory = place_memory(layer, pass->shared),
        .x = x,
        .y = y,
    };
}

static void use_terms(mnist_term *term, size_t K, mnist_axis a, mnist_axis b,
                      mnist_product *product)
{
    mnist_terms(K, a, b, term);
    product->term = term;
    product->chains = 1;
    product->K = product->K_last = K;
}

/* ---- Forward: y = patches w ---- */

static void forward_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    size_t P = job->P, F = job->F;
    const mnist_tile *tile = mnist_product_tile(job->kernels, F);
    mnist_range own = mnist_share(job->pass->N, 1, worker, workers);
    /* Image by image, so that the bias is added while y is in the cache. */
    for (size_t n = own.first; n < own.end; n++) {
        mnist_product_run(&job->product, tile, (mnist_range){n * P, n * P + P},
                          (mnist_range){0, F});
        mnist_affine_finish(job->layer, job->kernels, P, (mnist_range){0, F},
                            job->product.c + n * P * F, F);
    }
}

static void conv2d_forward(const mnist_layer *layer, const mnist_pass *pass,
                           const float *x, float *y)
{
    conv2d_job job = describe(layer, pass, x, y);
    job.product = (mnist_product){
        .a = x,
        .rows = mnist_axis_patches(&job.window),
        .b = layer->tensor[MNIST_KERNEL].data,
        .c = y,
        .c_row = job.F,
    };
    use_terms(job.memory.term, job.E, mnist_axis_elements(&job.window),
              mnist_axis_stride(job.F), &job.product);
    mnist_pool_run(pass->engine->pool, forward_part, &job);
}

/* ---- Backward ---- */

/* dy before the activation, and its sums, of the worker's images; and, since dx
   is still to come, the transpose of w. */
static void prepare_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    size_t row = job->P * job->F;
    mnist_range own = mnist_share(job->pass->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++) {
        float *dy = job->dy + n * row;
        mnist_affine_before_activation(job->layer, job->kernels, row,
                                       job->y + n * row, dy);
        mnist_affine_sum_rows(job->kernels, job->P, job->F, dy,
                              job->memory.db + n * job->F);
    }
    if (job->dx)
        mnist_affine_transpose(job->layer->tensor[MNIST_KERNEL].data, job->E,
                               job->F, mnist_share(job->F, 1, worker, workers),
                               job->memory.transpose);
}

/* Adds the patches of one image, P x E, where they lie in the image. */
static void add_patches(const conv2d_job *job, const float *patches, float *dx)
{
    const mnist_window *w = &job->window;
    size_t run = w->width * w->C, line = w->W * w->C;
    for (size_t oy = 0; oy < job->layer->out.h; oy++)
        for (size_t ox = 0; ox < job->layer->out.w; ox++) {
            job->kernels->add_rows(w->height, run, patches, run,
                                   dx + oy * line + ox * w->C, line);
            patches += job->E;
        }
}

/* dx = dy w^T, added up where patches overlap */
static void describe_input(conv2d_job *job)
{
    job->input = (mnist_product){
        .rows = mnist_axis_stride(job->F),
        .b = job->memory.transpose,
        .c_row = job->E,
    };
    use_terms(job->memory.input_term, job->F, mnist_axis_stride(1),
              mnist_axis_stride(job->E), &job->input);
}

static void run_input(const conv2d_job *job, unsigned worker, unsigned workers)
{
    const mnist_pass *pass = job->pass;
    size_t P = job->P, E = job->E, step = images_at_once(job->layer);
    float *patches = pass->scratch + worker * pass->scratch_size;
    mnist_product product = job->input;
    product.c = patches;
    mnist_range own = mnist_share(pass->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n += step) {
        size_t count = own.end - n < step ? own.end - n : step;
        product.a = job->dy + n * P * job->F;
        mnist_product_run(&product, mnist_product_tile(job->kernels, E),
                          (mnist_range){0, count * P}, (mnist_range){0, E});
        float *dx = job->dx + n * job->image;
        memset(dx, 0, count * job->image * sizeof *dx);
        for (size_t i = 0; i < count; i++)
            add_patches(job, patches + i * P * E, dx + i * job->image);
    }
}

/* dw = patches^T dy, some images a chain */
static void describe_gradient(conv2d_job *job)
{
    size_t N = job->pass->N, images = images_a_chain(job->layer);
    job->product = (mnist_product){
        .a = job->x,
        .rows = mnist_axis_elements(&job->window),
        .b = job->dy,
        .take = mnist_affine_take_gradient,
    };
    use_terms(job->memory.term, images * job->P,
              mnist_axis_patches(&job->window), mnist_axis_stride(job->F),
              &job->product);
    job->product.chains = (N + images - 1) / images;
    job->product.K_last = ((N - 1) % images + 1) * job->P;
    job->product.a_step = images * job->image;
    job->product.b_step = images * job->P * job->F;
}

/* dw, and db by the first worker. */
static void run_gradient(const conv2d_job *job, unsigned worker,
                         unsigned workers)
{
    const mnist_pass *pass = job->pass;
    const mnist_tile *tile = mnist_product_tile(job->kernels, job->F);
    mnist_affine_gradient gradient = {job->layer, job->kernels, job->sink,
                                      job->F, 0};
    mnist_product product = job->product;
    product.context = &gradient;
    mnist_product_run(&product, tile,
                      mnist_share(job->E, tile->rows, worker, workers),
                      (mnist_range){0, job->F});
    if (worker > 0)
        return;
    job->kernels->sum_rows(pass->N, job->F, job->memory.db, job->F,
                           pass->scratch);
    mnist_affine_sink_bias(job->layer, job->kernels, job->sink, 0, job->F,
                           pass->scratch);
}

/* The gradients may change w at once: dx is made of its transpose. */
static void backward_part(void *context, unsigned worker, unsigned workers)
{
    const conv2d_job *job = context;
    if (job->dx)
        run_input(job, worker, workers);
    run_gradient(job, worker, workers);
}

static void conv2d_backward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, const float *y, float *dy,
                            float *dx, const mnist_sink *sink)
{
    conv2d_job job = describe(layer, pass, x, y);
    job.dy = dy;
    job.dx = dx;
    job.sink = sink;
    describe_input(&job);
    describe_gradient(&job);
    mnist_pool_run(pass->engine->pool, prepare_part, &job);
    mnist_pool_run(pass->engine->pool, backward_part, &job);
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
    .shared = conv2d_shared,
    .forward = conv2d_forward,
    .backward = conv2d_backward,
};
