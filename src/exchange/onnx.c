/*
 * ONNX: the network as a graph of operators, in IR version 7 with operator set
 * 13, which ONNX 1.8 brought and everything since then reads.
 *
 *     image [N,1,H,W]     Div by scale
 *     conv2d              Conv, then its activation
 *     avgpool, maxpool    AveragePool, MaxPool
 *     flatten             Flatten; also where it is implied
 *     dense               Gemm, then its activation
 *     dropout             nothing
 *     the last softmax    Softmax, to probabilities [N,classes]
 *
 * Pictures are channels first there: kernels of conv2d are turned, and of a
 * dense layer behind a flatten the rows.
 *
 * Numbers of fields are those of onnx.proto3. Source: the ONNX project,
 * onnx/onnx.proto3 and docs/Operators.md.
 */
#include <mnist/exchange.h>
#include <mnist/version.h>

#include "base/memory.h"
#include "exchange/permute.h"
#include "exchange/proto.h"
#include "layers/kinds.h"
#include "model/chain.h"

#include <stdio.h>
#include <string.h>

enum { IR_VERSION = 7, OPSET = 13 };

/* Fields by message. */
enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    MODEL_METADATA = 14,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2,
    OPSET_VERSION = 2,
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_INTEGER = 3,
    ATTRIBUTE_INTEGERS = 8,
    ATTRIBUTE_TYPE = 20,
    TENSOR_SIZES = 1,
    TENSOR_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_BYTES = 9,
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    VALUE_DOC = 3,
    TYPE_TENSOR = 1,
    TENSOR_TYPE_ELEMENT = 1,
    TENSOR_TYPE_SHAPE = 2,
    SHAPE_DIMENSION = 1,
    DIMENSION_VALUE = 1,
    DIMENSION_NAME = 2,
};

/* Values of such fields. */
enum { ELEMENT_FLOAT = 1, ATTRIBUTE_IS_INTEGER = 2, ATTRIBUTE_IS_INTEGERS = 7 };

/* Names of values: "conv2d_63.flatten". */
#define NAME 48

/* The graph in work. Nodes go to the file at once; initializers stand behind
   them, in the same message. */
typedef struct graph {
    mnist_buffer *out, initializers;
    char value[NAME];    /* the one that the next node takes */
    mnist_shape picture; /* of what a flatten made a row, until a dense layer
                            has taken it; else 1 x 1 x its values */
} graph;

/* ---- Parts ---- */

static void put_tensor(graph *g, const char *name, unsigned dims,
                       const size_t *size, const float *values, size_t count)
{
    mnist_buffer *out = &g->initializers;
    size_t tensor = mnist_proto_begin(out, GRAPH_INITIALIZER);
    for (unsigned d = 0; d < dims; d++)
        mnist_proto_integer(out, TENSOR_SIZES, size[d]);
    mnist_proto_integer(out, TENSOR_TYPE, ELEMENT_FLOAT);
    mnist_proto_text(out, TENSOR_NAME, name);
    size_t bytes = mnist_proto_begin(out, TENSOR_BYTES);
    mnist_buffer_floats(out, values, count);
    mnist_proto_end(out, bytes);
    mnist_proto_end(out, tensor);
}

/* A tensor of the network in the order that the view says. */
static void put_permuted(graph *g, const mnist_tensor *tensor,
                         const size_t *size, const mnist_view *view)
{
    float *values = mnist_alloc(tensor->count, sizeof *values);
    if (!values) {
        g->initializers.failed = true;
        return;
    }
    mnist_permute(values, tensor->data, view);
    put_tensor(g, tensor->name, tensor->dims, size, values, tensor->count);
    mnist_free(values);
}

/* Begins a node that takes the value in work and up to two initializers. What
   it gives is called `output`, as it is itself, and is the value from now on.
 */
static size_t begin_node(graph *g, const char *type, const char *output,
                         const char *first, const char *second)
{
    size_t node = mnist_proto_begin(g->out, GRAPH_NODE);
    mnist_proto_text(g->out, NODE_INPUT, g->value);
    if (first)
        mnist_proto_text(g->out, NODE_INPUT, first);
    if (second)
        mnist_proto_text(g->out, NODE_INPUT, second);
    snprintf(g->value, sizeof g->value, "%s", output);
    mnist_proto_text(g->out, NODE_OUTPUT, output);
    mnist_proto_text(g->out, NODE_NAME, output);
    mnist_proto_text(g->out, NODE_TYPE, type);
    return node;
}

static void put_integer(graph *g, const char *name, size_t value)
{
    size_t attribute = mnist_proto_begin(g->out, NODE_ATTRIBUTE);
    mnist_proto_text(g->out, ATTRIBUTE_NAME, name);
    mnist_proto_integer(g->out, ATTRIBUTE_INTEGER, value);
    mnist_proto_integer(g->out, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INTEGER);
    mnist_proto_end(g->out, attribute);
}

static void put_window(graph *g, const char *name, size_t height, size_t width)
{
    size_t attribute = mnist_proto_begin(g->out, NODE_ATTRIBUTE);
    mnist_proto_text(g->out, ATTRIBUTE_NAME, name);
    mnist_proto_integer(g->out, ATTRIBUTE_INTEGERS, height);
    mnist_proto_integer(g->out, ATTRIBUTE_INTEGERS, width);
    mnist_proto_integer(g->out, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INTEGERS);
    mnist_proto_end(g->out, attribute);
}

/* Flatten and Softmax: what is before the axis are the images. */
static void put_with_axis(graph *g, const char *type, const char *output)
{
    size_t node = begin_node(g, type, output, NULL, NULL);
    put_integer(g, "axis", 1);
    mnist_proto_end(g->out, node);
}

/* ---- Layers ---- */

/* A node of its own, "dense.relu". */
static void put_activation(graph *g, const mnist_layer_kind *kind,
                           const char *layer)
{
    char output[NAME];
    snprintf(output, sizeof output, "%s.%s", layer, kind->keyword);
    if (kind == &mnist_layer_softmax) {
        put_with_axis(g, "Softmax", output);
        return;
    }
    const char *type = kind == &mnist_layer_relu   ? "Relu"
                       : kind == &mnist_layer_tanh ? "Tanh"
                                                   : "Sigmoid";
    mnist_proto_end(g->out, begin_node(g, type, output, NULL, NULL));
}

static void put_bias(graph *g, const mnist_tensor *bias)
{
    put_tensor(g, bias->name, bias->dims, bias->size, bias->data, bias->count);
}

static void put_dense(graph *g, const mnist_layer *layer)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    const mnist_tensor *bias = &layer->tensor[MNIST_BIAS];
    mnist_view view = mnist_view_rows_first(g->picture, layer->units);
    mnist_proto_end(
        g->out, begin_node(g, "Gemm", layer->name, kernel->name, bias->name));
    put_permuted(g, kernel, kernel->size, &view);
    put_bias(g, bias);
    g->picture = layer->out;
}

static void put_conv2d(graph *g, const mnist_layer *layer)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    const mnist_tensor *bias = &layer->tensor[MNIST_BIAS];
    mnist_view view = mnist_view_conv2d_first(kernel->size);
    size_t node = begin_node(g, "Conv", layer->name, kernel->name, bias->name);
    put_window(g, "kernel_shape", layer->height, layer->width);
    mnist_proto_end(g->out, node);
    put_permuted(g, kernel, view.size, &view);
    put_bias(g, bias);
}

static void put_pool(graph *g, const mnist_layer *layer, const char *type)
{
    size_t node = begin_node(g, type, layer->name, NULL, NULL);
    put_window(g, "kernel_shape", layer->height, layer->width);
    put_window(g, "strides", layer->height, layer->width);
    mnist_proto_end(g->out, node);
}

/* Also where a dense layer implies it. */
static void put_flatten(graph *g, const mnist_layer *layer, mnist_shape picture)
{
    char output[NAME];
    bool implied = layer->kind != &mnist_layer_flatten;
    snprintf(output, sizeof output, "%s%s", layer->name,
             implied ? ".flatten" : "");
    put_with_axis(g, "Flatten", output);
    g->picture = picture;
}

/* in: what the stage before left, before it was made a row. */
static void put_stage(graph *g, const mnist_layer *layer, mnist_shape in)
{
    if (layer->kind->wants_flat && !in.flat)
        put_flatten(g, layer, in);
    if (layer->kind == &mnist_layer_dense)
        put_dense(g, layer);
    else if (layer->kind == &mnist_layer_conv2d)
        put_conv2d(g, layer);
    else if (layer->kind == &mnist_layer_avgpool)
        put_pool(g, layer, "AveragePool");
    else if (layer->kind == &mnist_layer_maxpool)
        put_pool(g, layer, "MaxPool");
    else if (layer->kind->activation)
        put_activation(g, layer->kind, layer->name);
    /* An activation that works value by value is no stage of its own. */
    if (layer->activation && layer->activation->values)
        put_activation(g, layer->activation, layer->name);
}

/* ---- The file ---- */

static void put_scale(graph *g, float scale)
{
    mnist_proto_end(g->out, begin_node(g, "Div", "scaled", "scale", NULL));
    put_tensor(g, "scale", 0, NULL, &scale, 1);
}

/* An input or output of the graph: N x the sizes, float. */
static void put_value(mnist_buffer *out, unsigned field, const char *name,
                      unsigned dims, const size_t *size, const char *doc)
{
    size_t value = mnist_proto_begin(out, field);
    mnist_proto_text(out, VALUE_NAME, name);
    size_t type = mnist_proto_begin(out, VALUE_TYPE);
    size_t tensor = mnist_proto_begin(out, TYPE_TENSOR);
    mnist_proto_integer(out, TENSOR_TYPE_ELEMENT, ELEMENT_FLOAT);
    size_t shape = mnist_proto_begin(out, TENSOR_TYPE_SHAPE);
    size_t first = mnist_proto_begin(out, SHAPE_DIMENSION);
    mnist_proto_text(out, DIMENSION_NAME, "N");
    mnist_proto_end(out, first);
    for (unsigned d = 0; d < dims; d++) {
        size_t dimension = mnist_proto_begin(out, SHAPE_DIMENSION);
        mnist_proto_integer(out, DIMENSION_VALUE, size[d]);
        mnist_proto_end(out, dimension);
    }
    mnist_proto_end(out, shape);
    mnist_proto_end(out, tensor);
    mnist_proto_end(out, type);
    mnist_proto_text(out, VALUE_DOC, doc);
    mnist_proto_end(out, value);
}

static void put_graph(mnist_buffer *out, const mnist_network *net)
{
    graph g = {.out = out, .value = "image"};
    mnist_shape in = {net->rows, net->cols, 1, 0};
    const size_t image[3] = {1, net->rows, net->cols};
    const size_t classes = mnist_network_classes(net);
    size_t whole = mnist_proto_begin(out, MODEL_GRAPH);

    if (net->scale != 1)
        put_scale(&g, net->scale);
    for (size_t s = 0; s < net->stages; s++) {
        put_stage(&g, &net->stage[s], in);
        in = net->stage[s].out;
    }
    put_with_axis(&g, "Softmax", "probabilities");
    mnist_proto_text(out, GRAPH_NAME, "mnist");
    mnist_buffer_add(out, g.initializers.bytes, g.initializers.length);
    out->failed |= g.initializers.failed;
    put_value(out, GRAPH_INPUT, "image", 3, image,
              "pixels as they are in the file, 0 to 255");
    put_value(out, GRAPH_OUTPUT, "probabilities", 1, &classes,
              "of each class; they add up to 1");
    mnist_proto_end(out, whole);
    mnist_buffer_free(&g.initializers);
}

static void put_metadata(mnist_buffer *out, const char *key, const char *value)
{
    size_t entry = mnist_proto_begin(out, MODEL_METADATA);
    mnist_proto_text(out, ENTRY_KEY, key);
    mnist_proto_text(out, ENTRY_VALUE, value);
    mnist_proto_end(out, entry);
}

static void put_model(mnist_buffer *out, const mnist_network *net,
                      const mnist_notes *notes)
{
    const mnist_note *note;
    mnist_proto_integer(out, MODEL_IR_VERSION, IR_VERSION);
    mnist_proto_text(out, MODEL_PRODUCER, "mnist");
    mnist_proto_text(out, MODEL_PRODUCER_VERSION, mnist_version());
    put_graph(out, net);
    size_t opset = mnist_proto_begin(out, MODEL_OPSET);
    mnist_proto_integer(out, OPSET_VERSION, OPSET);
    mnist_proto_end(out, opset);
    put_metadata(out, "network", net->line);
    for (size_t i = 0; notes && (note = mnist_notes_get(notes, i)); i++)
        if (strncmp(note->key, "checkpoint_", strlen("checkpoint_")) != 0)
            put_metadata(out, note->key, note->value);
}

mnist_status mnist_export_onnx(const mnist_network *net,
                               const mnist_notes *notes, const char *path,
                               mnist_error *err)
{
    mnist_buffer file = {0};
    put_model(&file, net, notes);
    mnist_status status = mnist_buffer_save(&file, path, err);
    mnist_buffer_free(&file);
    return status;
}
