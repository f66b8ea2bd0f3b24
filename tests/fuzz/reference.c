#include "fuzz/reference.h"

#include <mnist/random.h>

#include <math.h>
#include <string.h>

/* The values of one image on their way, H x W x C; learned: some parameter has
   a part in them. */
typedef struct values {
    size_t h, w, c;
    int learned;
    double at[REFERENCE_VALUES];
} values;

static double *value(values *v, size_t y, size_t x, size_t c)
{
    return &v->at[(y * v->w + x) * v->c + c];
}

/* A corner at `distance`, taken to one side of it or the other. */
static void take_way(reference_result *out, uint64_t way, double distance)
{
    out->ways = (out->ways ^ way) * UINT64_C(0x100000001b3);
    out->margin = fmin(out->margin, distance);
}

static void conv2d(const reference_layer *layer, values *v)
{
    values y = {.h = v->h - layer->height + 1,
                .w = v->w - layer->width + 1,
                .c = layer->units,
                .learned = 1};
    for (size_t oy = 0; oy < y.h; oy++)
        for (size_t ox = 0; ox < y.w; ox++)
            for (size_t f = 0; f < y.c; f++) {
                const double *w = layer->kernel + f;
                double sum = layer->bias[f];
                for (size_t ky = 0; ky < layer->height; ky++)
                    for (size_t kx = 0; kx < layer->width; kx++)
                        for (size_t c = 0; c < v->c; c++, w += y.c)
                            sum += *value(v, oy + ky, ox + kx, c) * *w;
                *value(&y, oy, ox, f) = sum;
            }
    *v = y;
}

/* A dense layer is the convolution of one point that has all as channels. */
static void dense(const reference_layer *layer, values *v)
{
    reference_layer point = *layer;
    point.height = point.width = 1;
    v->c *= v->h * v->w;
    v->h = v->w = 1;
    conv2d(&point, v);
}

static double pool_window(const reference_layer *layer, values *v, size_t oy,
                          size_t ox, size_t c, reference_result *out)
{
    double sum = 0, largest = -HUGE_VAL, second = -HUGE_VAL;
    uint64_t best = 0;
    for (size_t y = 0; y < layer->height; y++)
        for (size_t x = 0; x < layer->width; x++) {
            double z =
                *value(v, oy * layer->height + y, ox * layer->width + x, c);
            sum += z;
            if (z > largest) {
                second = largest;
                largest = z;
                best = y * layer->width + x;
            } else {
                second = fmax(second, z);
            }
        }
    if (layer->kind == REFERENCE_AVGPOOL)
        return sum / (double)(layer->height * layer->width);
    /* No gradient passes a window of pixels, nor one that relu or dropout has
       made 0: no corner. */
    if (v->learned && (largest != 0 || second != 0))
        take_way(out, best, largest - second);
    return largest;
}

static void pool(const reference_layer *layer, values *v, reference_result *out)
{
    values y = {.h = v->h / layer->height,
                .w = v->w / layer->width,
                .c = v->c,
                .learned = v->learned};
    for (size_t oy = 0; oy < y.h; oy++)
        for (size_t ox = 0; ox < y.w; ox++)
            for (size_t c = 0; c < y.c; c++)
                *value(&y, oy, ox, c) = pool_window(layer, v, oy, ox, c, out);
    *v = y;
}

/* Which values are dropped: see layers/dropout.c. `number` counts layers. */
static void dropout(const reference *net, size_t number, size_t image,
                    values *v)
{
    const double rate = net->layer[number].rate;
    const uint64_t threshold = (uint64_t)(rate * 0x1p32);
    mnist_random random = mnist_random_stream(net->seed, MNIST_RANDOM_DROPOUT,
                                              net->epoch << 32 | image);
    random.count = (uint64_t)number << 32;
    uint64_t bits = 0;
    for (size_t i = 0; i < v->h * v->w * v->c; i++) {
        bits = i % 2 ? bits << 32 : mnist_random_bits(&random);
        v->at[i] = bits >> 32 >= threshold ? v->at[i] / (1 - rate) : 0;
    }
}

static void softmax_rows(values *v)
{
    for (size_t row = 0; row < v->h * v->w; row++) {
        double *z = v->at + row * v->c, max = z[0], sum = 0;
        for (size_t k = 1; k < v->c; k++)
            max = fmax(max, z[k]);
        for (size_t k = 0; k < v->c; k++)
            sum += z[k] = exp(z[k] - max);
        for (size_t k = 0; k < v->c; k++)
            z[k] /= sum;
    }
}

static void activate(reference_activation activation, values *v,
                     reference_result *out)
{
    if (activation == REFERENCE_SOFTMAX) {
        softmax_rows(v);
        return;
    }
    for (size_t i = 0; i < v->h * v->w * v->c; i++) {
        double z = v->at[i];
        if (activation == REFERENCE_RELU) {
            take_way(out, z > 0, fabs(z));
            v->at[i] = fmax(z, 0);
        } else if (activation == REFERENCE_TANH) {
            v->at[i] = tanh(z);
        } else if (activation == REFERENCE_SIGMOID) {
            v->at[i] = 1 / (1 + exp(-z));
        }
    }
}

/* Leaves the logits. */
static void forward(const reference *net, size_t image, values *v,
                    reference_result *out)
{
    for (size_t i = 0; i < net->layers; i++) {
        const reference_layer *layer = &net->layer[i];
        switch (layer->kind) {
        case REFERENCE_DENSE:
            dense(layer, v);
            break;
        case REFERENCE_CONV2D:
            conv2d(layer, v);
            break;
        case REFERENCE_AVGPOOL:
        case REFERENCE_MAXPOOL:
            pool(layer, v, out);
            break;
        case REFERENCE_DROPOUT:
            dropout(net, i, image, v);
        }
        for (size_t k = 0; k < v->h * v->w * v->c; k++)
            out->largest = fmax(out->largest, fabs(v->at[k]));
        if (layer->kind <= REFERENCE_CONV2D)
            activate(layer->activation, v, out);
    }
}

static double cross_entropy(const double *z, size_t classes, size_t label)
{
    double max = z[0], sum = 0;
    for (size_t k = 1; k < classes; k++)
        max = fmax(max, z[k]);
    for (size_t k = 0; k < classes; k++)
        sum += exp(z[k] - max);
    return log(sum) + max - z[label];
}

/* `in` is how many values the layer gets: the rest of its kernel's size. */
static double penalty(const reference_layer *layer, size_t in)
{
    double sum = 0;
    for (size_t i = 0; i < in * layer->units; i++)
        sum += layer->l1 * fabs(layer->kernel[i]) +
               layer->l2 * layer->kernel[i] * layer->kernel[i];
    return sum;
}

static double penalties(const reference *net)
{
    size_t h = net->rows, w = net->cols, c = 1;
    double sum = 0;
    for (size_t i = 0; i < net->layers; i++) {
        const reference_layer *layer = &net->layer[i];
        switch (layer->kind) {
        case REFERENCE_DENSE:
            sum += penalty(layer, h * w * c);
            h = w = 1, c = layer->units;
            break;
        case REFERENCE_CONV2D:
            sum += penalty(layer, layer->height * layer->width * c);
            h -= layer->height - 1, w -= layer->width - 1, c = layer->units;
            break;
        case REFERENCE_AVGPOOL:
        case REFERENCE_MAXPOOL:
            h /= layer->height, w /= layer->width;
            break;
        case REFERENCE_DROPOUT:
            break;
        }
    }
    return sum;
}

void reference_run(const reference *net, const uint8_t *pixels,
                   const uint8_t *labels, size_t count, reference_result *out)
{
    const size_t size = net->rows * net->cols;
    out->ways = UINT64_C(0xcbf29ce484222325);
    out->margin = HUGE_VAL;
    out->largest = out->loss = 0;
    for (size_t n = 0; n < count; n++) {
        values v = {.h = net->rows, .w = net->cols, .c = 1};
        for (size_t i = 0; i < size; i++)
            v.at[i] = pixels[n * size + i] / net->scale;
        forward(net, n, &v, out);
        memcpy(out->logits[n], v.at, v.c * sizeof *v.at);
        out->loss += cross_entropy(v.at, v.c, labels[n]) / (double)count;
    }
    out->loss += penalties(net);
}
