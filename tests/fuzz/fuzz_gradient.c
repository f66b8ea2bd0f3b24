/*
 * Forward and backward of small networks of any layers. The logits and the loss
 * are those of the formulas in double, and each gradient looked at is the
 * central difference of that loss:
 *
 *     |dw - (loss(w + h) - loss(w - h)) / 2h| <= 1e-3 (largest |dw| + 1e-2)
 *
 * The difference itself, with h = 2^-14 in double, is good to 1e-7; the bound
 * is for the library's float, where a gradient of 1e-2 is a sum of terms near 1
 * that are each known to 1e-7. Values above 256 are known to 1e-5 at best, and
 * so are the probabilities that they make: such an input is passed over. A
 * corner (relu at 0, two largest values in a window) between w - h and w + h
 * has no gradient there: that element is passed over, and so is an input where
 * float may take a corner to the other side.
 */
#include "fuzz/fuzz.h"
#include "fuzz/reference.h"

#include <mnist/loss.h>
#include <mnist/network.h>
#include <mnist/spec.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    IMAGES = 3,
    SIDE = 6,
    PARAMETERS = 8192,
    LOOKED_AT = 4 /* elements of each tensor */
};

static const double step = 0x1p-14, near_corner = 1e-4, too_large = 256;

/* A network in both forms, with what it is to learn. */
typedef struct problem {
    char line[MNIST_LINE_MAX];
    reference net;
    double parameter[PARAMETERS]; /* of all tensors, one behind the other */
    uint8_t pixels[IMAGES * SIDE * SIDE], labels[IMAGES];
    size_t count;
} problem;

/* ---- A network from an input ---- */

static void say(problem *p, const char *text)
{
    size_t used = strlen(p->line);
    snprintf(p->line + used, sizeof p->line - used, "%s", text);
}

static void choose_common(problem *p, reference_layer *layer,
                          fuzz_choices *choices)
{
    static const char *const names[] = {"", ":relu", ":tanh", ":sigmoid",
                                        ":softmax"};
    uint8_t penalties = fuzz_byte(choices);
    layer->activation = (reference_activation)fuzz_below(choices, 5);
    say(p, names[layer->activation]);
    if (penalties & 1) {
        layer->l1 = 0.015625;
        say(p, ":l1=0.015625");
    }
    if (penalties & 2) {
        layer->l2 = 0.03125;
        say(p, ":l2=0.03125");
    }
}

/* A layer that fits behind the picture of h x w, or dense, which always does.
   Updates the sizes; h is 0 behind a dense layer. */
static void choose_layer(problem *p, size_t *h, size_t *w,
                         fuzz_choices *choices)
{
    static const char *const pools[] = {"avgpool", "maxpool"};
    reference_layer *layer = &p->net.layer[p->net.layers++];
    char text[64];
    *layer = (reference_layer){.kind = (reference_kind)fuzz_below(choices, 5)};
    if (*h == 0 && layer->kind != REFERENCE_DROPOUT)
        layer->kind = REFERENCE_DENSE;
    layer->height = 1 + fuzz_below(choices, *h < 3 ? *h + !*h : 3);
    layer->width = 1 + fuzz_below(choices, *w < 3 ? *w + !*w : 3);
    switch (layer->kind) {
    case REFERENCE_DENSE:
        layer->units = 1 + fuzz_below(choices, 9);
        snprintf(text, sizeof text, "dense:%zu", layer->units);
        *h = *w = 0;
        break;
    case REFERENCE_CONV2D:
        layer->units = 1 + fuzz_below(choices, 5);
        snprintf(text, sizeof text, "conv2d:%zu:%zux%zu", layer->units,
                 layer->height, layer->width);
        *h -= layer->height - 1;
        *w -= layer->width - 1;
        break;
    case REFERENCE_AVGPOOL:
    case REFERENCE_MAXPOOL:
        snprintf(text, sizeof text, "%s:%zux%zu",
                 pools[layer->kind == REFERENCE_MAXPOOL], layer->height,
                 layer->width);
        *h /= layer->height;
        *w /= layer->width;
        break;
    case REFERENCE_DROPOUT:
        layer->rate = (double)fuzz_below(choices, 4) / 4;
        snprintf(text, sizeof text, "dropout:%g", layer->rate);
    }
    say(p, text);
    if (layer->kind <= REFERENCE_CONV2D)
        choose_common(p, layer, choices);
    say(p, ",");
}

static void choose_network(problem *p, fuzz_choices *choices)
{
    size_t h = 1 + fuzz_below(choices, SIDE), w = 1 + fuzz_below(choices, SIDE);
    p->net = (reference){.rows = h, .cols = w, .scale = 255};
    p->net.seed = fuzz_byte(choices);
    p->net.epoch = fuzz_below(choices, 2);
    for (size_t i = fuzz_below(choices, REFERENCE_LAYERS - 2); i > 0; i--)
        choose_layer(p, &h, &w, choices);
    reference_layer *last = &p->net.layer[p->net.layers++];
    *last = (reference_layer){.kind = REFERENCE_DENSE,
                              .units = 2 + fuzz_below(choices, 5)};
    char text[64];
    snprintf(text, sizeof text, "dense:%zu:softmax", last->units);
    say(p, text);
}

static void choose_data(problem *p, fuzz_choices *choices)
{
    size_t classes = p->net.layer[p->net.layers - 1].units;
    p->count = 1 + fuzz_below(choices, IMAGES);
    for (size_t n = 0; n < p->count; n++)
        p->labels[n] = (uint8_t)fuzz_below(choices, classes);
    for (size_t i = 0; i < p->count * p->net.rows * p->net.cols; i++)
        p->pixels[i] = fuzz_byte(choices);
}

/* Fills a tensor of the library's, and the same in double. Never 0, and where
   the choices have ended not all alike. */
static void choose_values(const mnist_tensor *tensor, double *to,
                          fuzz_choices *choices)
{
    size_t in =
        tensor->dims == 1 ? 4 : tensor->count / tensor->size[tensor->dims - 1];
    double limit = 2 / sqrt((double)in);
    for (size_t i = 0; i < tensor->count; i++) {
        uint8_t byte =
            choices->left ? fuzz_byte(choices) : (uint8_t)((i + 7) * 151 % 256);
        tensor->data[i] = (float)(((double)byte - 127.5) / 127.5 * limit);
        to[i] = (double)tensor->data[i];
    }
}

/* Gives all layers their parameters. Returns whether there is room. */
static int choose_parameters(problem *p, mnist_network *net,
                             fuzz_choices *choices)
{
    const mnist_tensor *tensor;
    size_t used = 0, i = 0;
    if (mnist_network_parameters(net) > PARAMETERS)
        return 0;
    for (size_t l = 0; l < p->net.layers; l++) {
        reference_layer *layer = &p->net.layer[l];
        if (layer->kind > REFERENCE_CONV2D)
            continue;
        for (size_t part = 0; part < 2; part++) {
            tensor = mnist_network_tensor(net, i++);
            choose_values(tensor, p->parameter + used, choices);
            *(part ? &layer->bias : &layer->kernel) = p->parameter + used;
            used += tensor->count;
        }
    }
    fuzz_require(!mnist_network_tensor(net, i));
    return 1;
}

/* ---- Checks ---- */

static void run(const problem *p, reference_result *out)
{
    reference_run(&p->net, p->pixels, p->labels, p->count, out);
}

/* The logits and the loss; leaves the library's gradients in the workspace. */
static void check_forward(const problem *p, const reference_result *expected,
                          mnist_workspace *ws, const mnist_dataset *data)
{
    const size_t classes = data->classes;
    const mnist_batch batch = {.from = data, .count = p->count};
    float losses[IMAGES], dlogits[IMAGES * 8];
    double loss = mnist_network_penalty(ws), largest = 1;
    const float *logits =
        mnist_network_forward_training(ws, &batch, p->net.seed, p->net.epoch);
    for (size_t n = 0; n < p->count; n++)
        for (size_t k = 0; k < classes; k++)
            largest = fmax(largest, fabs(expected->logits[n][k]));
    for (size_t n = 0; n < p->count; n++)
        for (size_t k = 0; k < classes; k++)
            fuzz_require(fabs((double)logits[n * classes + k] -
                              expected->logits[n][k]) <= 1e-4 * largest);
    mnist_softmax_cross_entropy(logits, p->labels, p->count, classes, losses,
                                dlogits);
    for (size_t n = 0; n < p->count; n++)
        loss += (double)losses[n] / (double)p->count;
    fuzz_require(fabs(loss - expected->loss) <= 1e-4 * (largest + loss));
    mnist_network_backward(ws, dlogits);
}

static void check_element(problem *p, const reference_result *here, size_t at,
                          double dw, double largest)
{
    static reference_result above, below;
    const double w = p->parameter[at];
    p->parameter[at] = w + step;
    run(p, &above);
    p->parameter[at] = w - step;
    run(p, &below);
    p->parameter[at] = w;
    if (above.ways != here->ways || below.ways != here->ways ||
        fabs(w) <= step) /* the corner of l1 */
        return;
    double numeric = (above.loss - below.loss) / (2 * step);
    double off = fabs(dw - numeric);
    if (!(off <= 1e-3 * (largest + 1e-2)))
        fprintf(stderr,
                "%s, %zu images of %zux%zu: parameter %zu = %g: gradient %.9g, "
                "difference %.9g, off by %.3g, the largest is %.3g\n",
                p->line, p->count, p->net.rows, p->net.cols, at, w, dw, numeric,
                off, largest);
    fuzz_require(off <= 1e-3 * (largest + 1e-2));
}

static void check_gradients(problem *p, const reference_result *here,
                            mnist_network *net, const mnist_workspace *ws,
                            size_t from)
{
    const mnist_tensor *tensor;
    double largest = 0;
    size_t used = 0;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        for (size_t j = 0; j < tensor->count; j++) {
            double dw = (double)mnist_workspace_gradient(ws, i)[j];
            fuzz_require(isfinite(dw));
            largest = fmax(largest, fabs(dw));
        }
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
        const float *dw = mnist_workspace_gradient(ws, i);
        size_t stride = 1 + tensor->count / LOOKED_AT;
        for (size_t j = from % stride; j < tensor->count; j += stride)
            check_element(p, here, used + j, (double)dw[j], largest);
        used += tensor->count;
    }
}

static void check(problem *p, mnist_network *net, size_t from)
{
    static reference_result here;
    mnist_workspace *ws;
    mnist_error err;
    const mnist_dataset data = {.count = p->count,
                                .rows = p->net.rows,
                                .cols = p->net.cols,
                                .pixels = p->pixels,
                                .labels = p->labels,
                                .classes = mnist_network_classes(net)};
    run(p, &here);
    fuzz_require(mnist_workspace_new(&ws, net, p->count, 1, 1, &err) ==
                 MNIST_OK);
    check_forward(p, &here, ws, &data);
    if (here.margin > near_corner && here.largest < too_large)
        check_gradients(p, &here, net, ws, from);
    mnist_workspace_free(ws);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static problem p;
    fuzz_choices choices = {bytes, length};
    mnist_network *net;
    mnist_error err;
    p.line[0] = '\0';
    choose_network(&p, &choices);
    fuzz_require(mnist_network_new(&net, p.line, p.net.rows, p.net.cols, 255,
                                   &err) == MNIST_OK);
    size_t from = fuzz_byte(&choices);
    choose_data(&p, &choices);
    if (choose_parameters(&p, net, &choices))
        check(&p, net, from);
    mnist_network_free(net);
    return 0;
}
