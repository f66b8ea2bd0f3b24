/*
 * A network from another program's file: its line, then for each of its layers
 * the one of the file (exchange/match.h), then the values in our order.
 */
#include <mnist/exchange.h>
#include <mnist/spec.h>

#include "base/memory.h"
#include "base/text.h"
#include "exchange/match.h"
#include "exchange/permute.h"
#include "layers/kinds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

mnist_import_options mnist_import_defaults(void)
{
    return (mnist_import_options){.scale = 255, .deviation = 1};
}

/* An import in work. */
typedef struct work {
    const mnist_import_options *options;
    mnist_safetensors *file;
    mnist_foreigns *layers;
    mnist_network *net; /* a plan, then the network */
    mnist_match match;
} work;

/* ---- The network ---- */

/* The side of a square picture of so many pixels, or 0. */
static size_t side_of(size_t pixels)
{
    size_t side = 1;
    while (side < pixels / side)
        side++;
    return side * side == pixels ? side : 0;
}

/* For the line of a named network: what the last dense layer gives, which its
   bias has whatever the layout; 10 where nothing tells. */
static size_t guess_classes(const mnist_foreigns *layers)
{
    for (size_t i = layers->count; i-- > 0;)
        if (layers->layer[i].kernel->dims == 2 && layers->layer[i].bias)
            return layers->layer[i].bias->size[0];
    return 10;
}

/* Where the line is given, and begins with a dense layer, that of the file
   tells the size of the pictures. */
static size_t guess_inputs(const mnist_foreigns *layers, const char *line)
{
    enum { USUAL = 28 * 28 };
    const mnist_foreign *first = &layers->layer[0];
    if (first->kernel->dims != 2 || strncmp(line, "dense", 5) != 0)
        return USUAL;
    return mnist_foreign_inputs(first, mnist_foreign_layout(layers));
}

static mnist_status choose_size(const work *w, size_t inputs, size_t *rows,
                                size_t *cols, mnist_error *err)
{
    *rows = w->options->rows;
    *cols = w->options->cols;
    if (*rows || *cols)
        return MNIST_OK;
    *rows = *cols = side_of(inputs);
    if (*rows)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "%s: the first layer takes %zu values, no square "
                      "picture; say which with --input, as 28x28",
                      w->file->name, inputs);
}

static mnist_status plan(work *w, mnist_error *err)
{
    char line[MNIST_LINE_MAX];
    size_t inputs, rows, cols;
    mnist_status status;
    if (!w->options->line) {
        status = mnist_foreign_line(line, &inputs, w->layers,
                                    w->options->layout, err);
    } else {
        status = mnist_spec_resolve(line, w->options->line,
                                    guess_classes(w->layers), err);
        inputs = status ? 0 : guess_inputs(w->layers, line);
    }
    if (!status)
        status = choose_size(w, inputs, &rows, &cols, err);
    if (!status)
        status = mnist_network_plan(&w->net, line, rows, cols,
                                    w->options->scale, err);
    return status;
}

/* ---- Values ---- */

static mnist_status no_memory(const work *w, size_t values, mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory: %zu values",
                      w->file->name, values);
}

static mnist_status check_finite(const work *w, const mnist_tensor_info *from,
                                 const float *values, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];
    for (size_t i = 0; i < from->count; i++)
        if (!isfinite(values[i]))
            return mnist_fail(
                err, MNIST_ERROR_WEIGHTS,
                "%s: value %zu of tensor %s is not finite%s", w->file->name, i,
                mnist_quote(quoted, from->name, strlen(from->name)),
                from->dtype->size > sizeof(float) ? " as a float32" : "");
    return MNIST_OK;
}

/* picture: what was made a row before the layer. */
static mnist_status copy_kernel(const work *w, const mnist_layer *layer,
                                const mnist_tensor_info *from,
                                mnist_shape picture, mnist_error *err)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    float *values = mnist_alloc(from->count, sizeof *values);
    if (!values)
        return no_memory(w, from->count, err);
    mnist_safetensors_copy(w->file, from, values);
    mnist_status status = check_finite(w, from, values, err);
    if (!status && w->match.layout == MNIST_IMPORT_PYTORCH) {
        mnist_view view = layer->kind == &mnist_layer_conv2d
                              ? mnist_view_conv2d_last(kernel->size)
                              : mnist_view_units_last(picture, layer->units);
        mnist_permute(kernel->data, values, &view);
    } else if (!status) {
        memcpy(kernel->data, values, kernel->count * sizeof *values);
    }
    mnist_free(values);
    return status;
}

static mnist_status copy_bias(const work *w, const mnist_layer *layer,
                              const mnist_tensor_info *from, mnist_error *err)
{
    const mnist_tensor *bias = &layer->tensor[MNIST_BIAS];
    if (!from)
        return MNIST_OK; /* it is zeros */
    mnist_safetensors_copy(w->file, from, bias->data);
    return check_finite(w, from, bias->data, err);
}

static mnist_status copy_layers(const work *w, mnist_error *err)
{
    const mnist_network *net = w->net;
    mnist_shape picture = {net->rows, net->cols, 1, 0};
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_layer *layer = &net->stage[s];
        if (layer->tensors) {
            mnist_status status =
                copy_kernel(w, layer, w->match.from[s]->kernel, picture, err);
            if (!status)
                status = copy_bias(w, layer, w->match.from[s]->bias, err);
            if (status)
                return status;
        }
        /* A picture is one until a dense layer has taken it. */
        if (!layer->out.flat || layer->tensors)
            picture = layer->out;
    }
    return MNIST_OK;
}

/*
 * The first layer takes (x - mean) / deviation in place of x:
 *
 *     sum of w (x - mean) / deviation, + b
 *         = sum of (w / deviation) x, + b - mean / deviation * sum of w
 *
 * also of a convolution, whose windows lie whole in the picture, and behind
 * pooling, which commutes with it. False if a value leaves the range of floats.
 */
static bool take_normalization(mnist_network *net, double mean,
                               double deviation)
{
    size_t s = 0;
    bool finite = true;
    while (!net->stage[s].tensors)
        s++;
    const mnist_tensor *kernel = &net->stage[s].tensor[MNIST_KERNEL];
    const mnist_tensor *bias = &net->stage[s].tensor[MNIST_BIAS];
    for (size_t j = 0; j < bias->count; j++) {
        double sum = 0;
        for (size_t i = j; i < kernel->count; i += bias->count) {
            float *w = &kernel->data[i];
            sum += *w;
            *w = mnist_narrow(*w / deviation);
            finite &= isfinite(*w) != 0;
        }
        float *b = &bias->data[j];
        *b = mnist_narrow(*b - mean / deviation * sum);
        finite &= isfinite(*b) != 0;
    }
    return finite;
}

static mnist_status normalize(const work *w, mnist_error *err)
{
    double mean = w->options->mean, deviation = w->options->deviation;
    if (mean == 0 && deviation == 1)
        return MNIST_OK;
    if (take_normalization(w->net, mean, deviation))
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: with mean %g and standard deviation %g, weights of "
                      "the first layer leave the range of float32",
                      w->file->name, mean, deviation);
}

/* from: NULL for a bias that is not there. */
static void report_tensor(mnist_import_report *report,
                          const mnist_tensor *tensor,
                          const mnist_tensor_info *from)
{
    mnist_imported *to = &report->tensor[report->count++];
    *to = (mnist_imported){.tensor = tensor};
    if (!from)
        return;
    snprintf(to->from, sizeof to->from, "%s", from->name);
    to->dims = from->dims;
    memcpy(to->size, from->size, sizeof to->size);
}

static void fill_report(mnist_import_report *report, const work *w)
{
    const mnist_network *net = w->net;
    report->layout = w->match.layout;
    report->layout_by_names = w->match.layout_by_names;
    report->order_by_names = w->match.order_by_names;
    report->line_inferred = w->options->line == NULL;
    report->count = 0;
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_tensor *tensor = net->stage[s].tensor;
        const mnist_foreign *from = w->match.from[s];
        if (!net->stage[s].tensors)
            continue;
        report_tensor(report, &tensor[MNIST_KERNEL], from->kernel);
        report_tensor(report, &tensor[MNIST_BIAS], from->bias);
    }
}

/* ---- All of it ---- */

static mnist_status check_options(const mnist_import_options *options,
                                  mnist_error *err)
{
    if (!options->rows != !options->cols)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "input of %zux%zu: give both sizes or neither",
                          options->rows, options->cols);
    if (!isfinite(options->mean) || !isfinite(options->deviation) ||
        options->deviation <= 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "mean %g, standard deviation %g: expected numbers, "
                          "the second above 0",
                          options->mean, options->deviation);
    return MNIST_OK;
}

static mnist_status import_file(work *w, mnist_error *err)
{
    mnist_status status = mnist_foreign_find(w->layers, w->file, err);
    if (!status)
        status = plan(w, err);
    w->match.net = w->net;
    w->match.layers = w->layers;
    if (!status)
        status = mnist_match_layers(&w->match, w->options->layout, err);
    if (!status)
        status = mnist_network_place(w->net, err);
    if (!status)
        status = copy_layers(w, err);
    if (!status)
        status = normalize(w, err);
    return status;
}

mnist_status mnist_import(mnist_network **out, const char *path,
                          const mnist_import_options *options,
                          mnist_import_report *report, mnist_error *err)
{
    work w = {.options = options};
    mnist_status status = check_options(options, err);
    if (!status)
        status = mnist_safetensors_read_foreign(&w.file, path, err);
    if (status)
        return status;
    w.layers = mnist_calloc(1, sizeof *w.layers);
    status =
        w.layers ? import_file(&w, err) : no_memory(&w, sizeof *w.layers, err);
    if (!status && report)
        fill_report(report, &w);
    mnist_free(w.layers);
    mnist_safetensors_free(w.file);
    if (status)
        mnist_network_free(w.net);
    else
        *out = w.net;
    return status;
}
