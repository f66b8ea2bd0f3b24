#include <mnist/network.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/chain.h"
#include "model/line.h"

#include <stdio.h>
#include <string.h>

/* Tensors begin at a multiple of this many floats. */
enum { TENSOR_UNIT = MNIST_ALIGNMENT / sizeof(float) };

/* Keras' name for a layer: that of its kind, then _1, _2, ... for the further
   ones of its kind. */
static void name_layer(const mnist_network *net, mnist_layer *layer)
{
    size_t earlier = 0;
    for (size_t i = 0; i < net->stages; i++)
        earlier += net->stage[i].kind == layer->kind;
    if (earlier == 0)
        snprintf(layer->name, sizeof layer->name, "%s", layer->kind->name);
    else
        snprintf(layer->name, sizeof layer->name, "%s_%zu", layer->kind->name,
                 earlier);
}

static void name_tensors(mnist_layer *layer)
{
    static const char *const parts[] = {"kernel", "bias"};
    for (size_t t = 0; t < layer->tensors; t++)
        snprintf(layer->tensor[t].name, sizeof layer->tensor[t].name, "%s.%s",
                 layer->name, parts[t]);
}

/* Counts the layer's parameters into the network's, within the bound. Sizes of
   a dimension are at most 2^24 (images of 4096 x 4096), so with the bound
   checked after each factor no product here can wrap. */
static mnist_status count_parameters(mnist_network *net, mnist_layer *layer,
                                     mnist_error *err)
{
    for (size_t t = 0; t < layer->tensors; t++) {
        mnist_tensor *tensor = &layer->tensor[t];
        tensor->count = 1;
        for (unsigned d = 0; d < tensor->dims; d++)
            if (!mnist_size_mul(&tensor->count, tensor->count,
                                tensor->size[d]) ||
                tensor->count > MNIST_MAX_PARAMETERS - net->parameters)
                return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                                  "layer %s: the network would have more than "
                                  "%zu parameters, the most that is allowed",
                                  layer->name, MNIST_MAX_PARAMETERS);
        net->parameters += tensor->count;
        net->size +=
            (tensor->count + TENSOR_UNIT - 1) / TENSOR_UNIT * TENSOR_UNIT;
    }
    return MNIST_OK;
}

/* Bounds the values of one output, so that products with it cannot wrap. */
static mnist_status check_size(const mnist_layer *layer, mnist_error *err)
{
    size_t size;
    const mnist_shape *out = &layer->out;
    if (!mnist_size_mul(&size, out->h * out->w, out->c) ||
        size > MNIST_MAX_PARAMETERS)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: an output of %zux%zux%zu is larger than "
                          "the %zu values that are allowed",
                          layer->name, out->h, out->w, out->c,
                          MNIST_MAX_PARAMETERS);
    return MNIST_OK;
}

/* Layers of the line so far; activations are not counted. */
static size_t count_layers(const mnist_network *net)
{
    size_t count = 0;
    for (size_t s = 0; s < net->stages; s++)
        count += !net->stage[s].kind->activation;
    return count;
}

/* Adds one layer of the line behind the chain, whose output it takes. */
static mnist_status add_layer(mnist_network *net, const mnist_line_layer *from,
                              mnist_error *err)
{
    mnist_status status = MNIST_OK;
    mnist_layer layer = {.kind = from->kind, .number = count_layers(net)};
    if (net->stages)
        layer.in = net->stage[net->stages - 1].out;
    else
        layer.in = (mnist_shape){net->rows, net->cols, 1, 0};
    if (layer.kind->wants_flat)
        layer.in = (mnist_shape){1, 1, mnist_shape_size(layer.in), 1};
    layer.out = layer.in;
    name_layer(net, &layer);
    if (layer.kind->parse)
        status = layer.kind->parse(&layer, &from->fields, err);
    if (!status && layer.kind->shape)
        status = layer.kind->shape(&layer, err);
    if (!status)
        status = check_size(&layer, err);
    if (!status)
        status = count_parameters(net, &layer, err);
    if (status)
        return status;
    name_tensors(&layer);
    net->stage[net->stages++] = layer;
    if (layer.activation && !layer.activation->values) {
        net->stage[net->stages] = (mnist_layer){.kind = layer.activation,
                                                .in = layer.out,
                                                .out = layer.out,
                                                .number = layer.number};
        memcpy(net->stage[net->stages].name, layer.name, sizeof layer.name);
        net->stages++;
    }
    return MNIST_OK;
}

/* Checks that the chain ends in a softmax over classes, and takes that softmax
   off: the loss has it. */
static mnist_status end_chain(mnist_network *net, mnist_error *err)
{
    const mnist_layer *last = &net->stage[net->stages - 1];
    if (strcmp(last->kind->keyword, "softmax") != 0 || !last->out.flat)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "network \"%.200s\": its last layer must be dense "
                          "and end in :softmax, so that it gives "
                          "probabilities; for 10 classes dense:10:softmax",
                          net->line);
    if (last->out.c < 2 || last->out.c > 256)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "network \"%.200s\": its last layer has %zu units; "
                          "there can be 2 to 256 classes",
                          net->line, last->out.c);
    net->stages--;
    return MNIST_OK;
}

/* Adds layer after layer until *cursor, which is at the layer in work, has come
   to the end of the line. */
static mnist_status add_layers(mnist_network *net, const char **cursor,
                               mnist_error *err)
{
    const char *next = *cursor;
    mnist_line_layer layer;
    char shown[MNIST_LINE_SHOWN];
    for (size_t layers = 0; next; layers++) {
        *cursor = next;
        if (layers == MNIST_MAX_LAYERS)
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "network \"%s...\": more than %d layers",
                              mnist_line_shown(shown, net->line),
                              MNIST_MAX_LAYERS);
        mnist_status status = mnist_line_next(net->line, &next, &layer, err);
        if (!status)
            status = add_layer(net, &layer, err);
        if (status)
            return status;
    }
    return MNIST_OK;
}

static mnist_status build_chain(mnist_network *net, mnist_error *err)
{
    const char *cursor = net->line;
    mnist_status status = add_layers(net, &cursor, err);
    if (!status)
        status = end_chain(net, err);
    return status ? mnist_line_blame((size_t)(cursor - net->line) + 1, err)
                  : MNIST_OK;
}

mnist_status mnist_network_place(mnist_network *net, mnist_error *err)
{
    net->block = mnist_calloc(net->size, sizeof *net->block);
    if (!net->block)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for %zu parameters", net->parameters);
    float *at = net->block;
    for (size_t s = 0; s < net->stages; s++)
        for (size_t t = 0; t < net->stage[s].tensors; t++) {
            mnist_tensor *tensor = &net->stage[s].tensor[t];
            tensor->data = at;
            at += (tensor->count + TENSOR_UNIT - 1) / TENSOR_UNIT * TENSOR_UNIT;
        }
    return MNIST_OK;
}

mnist_status mnist_network_plan(mnist_network **out, const char *line,
                                size_t rows, size_t cols, float scale,
                                mnist_error *err)
{
    enum { SIDE_MAX = 4096 };
    if (rows < 1 || rows > SIDE_MAX || cols < 1 || cols > SIDE_MAX)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "images of %zux%zu; each side must be 1 to %d", rows,
                          cols, SIDE_MAX);
    if (!(scale >= 0x1p-60f && scale <= 0x1p60f))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "scale %g: expected a number above 0, for instance "
                          "255 (pixels become 0 to 1) or 1 (raw pixels)",
                          (double)scale);
    if (strlen(line) >= MNIST_LINE_MAX)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "network line of %zu characters; at most %d are read",
                          strlen(line), MNIST_LINE_MAX - 1);
    mnist_network *net = mnist_calloc(1, sizeof *net);
    if (net)
        net->stage =
            mnist_calloc(2 * (size_t)MNIST_MAX_LAYERS, sizeof *net->stage);
    if (!net || !net->stage) {
        mnist_network_free(net);
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for a network");
    }
    memcpy(net->line, line, strlen(line) + 1);
    net->rows = rows;
    net->cols = cols;
    net->scale = scale;
    mnist_status status = build_chain(net, err);
    if (status) {
        mnist_network_free(net);
        return status;
    }
    *out = net;
    return MNIST_OK;
}

mnist_status mnist_network_new(mnist_network **out, const char *line,
                               size_t rows, size_t cols, float scale,
                               mnist_error *err)
{
    mnist_network *net;
    mnist_status status =
        mnist_network_plan(&net, line, rows, cols, scale, err);
    if (status)
        return status;
    status = mnist_network_place(net, err);
    if (status) {
        mnist_network_free(net);
        return status;
    }
    *out = net;
    return MNIST_OK;
}

void mnist_network_free(mnist_network *net)
{
    if (!net)
        return;
    mnist_free(net->block);
    mnist_free(net->stage);
    mnist_free(net);
}

void mnist_network_init(mnist_network *net, uint64_t seed)
{
    memset(net->block, 0, net->size * sizeof *net->block);
    for (size_t s = 0; s < net->stages; s++) {
        mnist_random random =
            mnist_random_stream(seed, MNIST_RANDOM_INIT, net->stage[s].number);
        if (net->stage[s].kind->init)
            net->stage[s].kind->init(&net->stage[s], &random);
    }
}

const char *mnist_network_line(const mnist_network *net)
{
    return net->line;
}

float mnist_network_scale(const mnist_network *net)
{
    return net->scale;
}

size_t mnist_network_rows(const mnist_network *net)
{
    return net->rows;
}

size_t mnist_network_cols(const mnist_network *net)
{
    return net->cols;
}

size_t mnist_network_classes(const mnist_network *net)
{
    return net->stage[net->stages - 1].out.c;
}

size_t mnist_network_parameters(const mnist_network *net)
{
    return net->parameters;
}

const mnist_tensor *mnist_network_tensor(const mnist_network *net, size_t i)
{
    for (size_t s = 0; s < net->stages; s++) {
        if (i < net->stage[s].tensors)
            return &net->stage[s].tensor[i];
        i -= net->stage[s].tensors;
    }
    return NULL;
}

int mnist_network_layer(const mnist_network *net, size_t i,
                        mnist_layer_info *out)
{
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_layer *layer = &net->stage[s];
        if (layer->kind->activation || i-- > 0)
            continue;
        *out =
            (mnist_layer_info){layer->name, layer->kind->title, layer->out, 0};
        for (size_t t = 0; t < layer->tensors; t++)
            out->parameters += layer->tensor[t].count;
        return 1;
    }
    return 0;
}
