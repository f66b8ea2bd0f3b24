/*
 * Dropout: in training each value is dropped with probability `rate`, and what
 * is kept is scaled up, so that nothing has to be done in evaluation.
 *
 *     y  = keep x / (1 - rate),   keep is 1 with probability 1 - rate, else 0
 *     dx = keep dy / (1 - rate)
 *
 * Which values of an image are kept is decided by the seed, the epoch, the
 * image's number and the layer, never by the batch or the thread. Backward
 * draws the same numbers again. Source: Srivastava et al., "Dropout: a simple
 * way to prevent neural networks from overfitting", JMLR 15, 2014; "inverted",
 * as in Keras.
 */
#include "layers/kinds.h"

#include "base/text.h"

#include <string.h>

static mnist_status dropout_parse(mnist_layer *layer,
                                  const mnist_fields *fields, mnist_error *err)
{
    float rate;
    mnist_field field =
        fields->count == 1 ? fields->field[0] : (mnist_field){"", 0};
    char quoted[MNIST_QUOTE_MAX];
    if (!mnist_text_float(&rate, field.text, field.length) || rate < 0 ||
        rate >= 1)
        return mnist_layer_blame(
            fields, fields->count > 1,
            mnist_fail(err, MNIST_ERROR_ARGUMENT,
                       "layer %s: found \"%s\", expected a rate from 0 to "
                       "below 1, as in dropout:0.5",
                       layer->name,
                       mnist_quote(quoted, field.text, field.length)),
            err);
    layer->rate = rate;
    return MNIST_OK;
}

/* The stream of one image in one layer: of the images' numbers below 2^32 and
   of the epoch one number is made; layers are far apart in it. */
static mnist_random image_stream(const mnist_layer *layer,
                                 const mnist_pass *pass, size_t n)
{
    uint64_t image = pass->image ? pass->image[n] : n;
    mnist_random random = mnist_random_stream(pass->seed, MNIST_RANDOM_DROPOUT,
                                              pass->epoch << 32 | image);
    random.count = (uint64_t)layer->number << 32;
    return random;
}

/* to = keep from / (1 - rate), for the `count` values of one image. Each 64
   random bits decide two of them. */
static void drop(float rate, mnist_random *random, size_t count,
                 const float *from, float *to)
{
    const float scale = 1.0f / (1.0f - rate);
    const uint64_t threshold = (uint64_t)((double)rate * 0x1p32);
    for (size_t i = 0; i < count; i += 2) {
        uint64_t bits = mnist_random_bits(random);
        to[i] = (bits >> 32) >= threshold ? from[i] * scale : 0.0f;
        if (i + 1 < count)
            to[i + 1] =
                (bits & 0xffffffff) >= threshold ? from[i + 1] * scale : 0.0f;
    }
}

typedef struct {
    const mnist_layer *layer;
    const mnist_pass *pass;
    const float *from;
    float *to;
} dropout_job;

static void drop_part(void *context, unsigned worker, unsigned workers)
{
    const dropout_job *job = context;
    size_t count = mnist_shape_size(job->layer->in);
    mnist_range own = mnist_share(job->pass->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++) {
        mnist_random random = image_stream(job->layer, job->pass, n);
        drop(job->layer->rate, &random, count, job->from + n * count,
             job->to + n * count);
    }
}

static void dropout_forward(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y)
{
    dropout_job job = {layer, pass, x, y};
    if (pass->training)
        mnist_pool_run(pass->engine->pool, drop_part, &job);
    else
        memcpy(y, x, pass->N * mnist_shape_size(layer->in) * sizeof *y);
}

static void dropout_backward(const mnist_layer *layer, const mnist_pass *pass,
                             const float *x, const float *y, float *dy,
                             float *dx, const mnist_sink *sink)
{
    (void)x;
    (void)y;
    (void)sink;
    dropout_job job = {layer, pass, dy, dx};
    if (!dx)
        return;
    if (pass->training)
        mnist_pool_run(pass->engine->pool, drop_part, &job);
    else
        memcpy(dx, dy, pass->N * mnist_shape_size(layer->in) * sizeof *dx);
}

const mnist_layer_kind mnist_layer_dropout = {
    .keyword = "dropout",
    .name = "dropout",
    .title = "Dropout",
    .grammar = "dropout:RATE",
    .parse = dropout_parse,
    .forward = dropout_forward,
    .backward = dropout_backward,
};
