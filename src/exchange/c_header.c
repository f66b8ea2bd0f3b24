/*
 * A network as a C header: constants, one function for each kind of layer that
 * it has, and NAME_predict, which calls them. It needs nothing else, no libc
 * and no libm, and is C++ as well.
 *
 * Numbers are decimal, the shortest that read back as the same float: C++
 * knows hexadecimal ones only since 2017.
 */
#include <mnist/exchange.h>
#include <mnist/version.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "exchange/c_parts.h"
#include "layers/kinds.h"
#include "model/chain.h"

#include <string.h>

/* The header in work. */
typedef struct header {
    mnist_buffer *out;
    const mnist_network *net;
    const char *name;                /* digits */
    char capitals[MNIST_C_NAME_MAX]; /* DIGITS */
} header;

/* Text with the header's name in place of '@' and '$'. */
static void put(header *h, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "@$");
        mnist_buffer_add(h->out, text, plain);
        text += plain;
        if (*text)
            mnist_buffer_text(h->out, *text++ == '@' ? h->name : h->capitals);
    }
}

static char capital(char c)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz";
    static const char large[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = strchr(small, c);
    if (c == '\0' || !at)
        return c;
    return large[at - small];
}

/* ---- Numbers ---- */

/* As a constant of type float: "0.5f", "1.0f", "1e-07f". */
static void put_float(mnist_buffer *out, float value)
{
    char text[MNIST_FLOAT_TEXT];
    mnist_float_text(text, value);
    mnist_buffer_text(out, text);
    mnist_buffer_text(out, strpbrk(text, ".e") ? "f" : ".0f");
}

/* digits_dense_kernel of "dense.kernel". */
static void put_array_name(header *h, const char *tensor)
{
    put(h, "@_");
    for (; *tensor; tensor++)
        mnist_buffer_byte(h->out, *tensor == '.' ? '_' : (uint8_t)*tensor);
}

static void put_array(header *h, const mnist_tensor *tensor)
{
    enum { IN_LINE = 6 };
    mnist_buffer_text(h->out, "\nstatic const float ");
    put_array_name(h, tensor->name);
    mnist_buffer_format(h->out, "[%zuul] = {", tensor->count);
    for (size_t i = 0; i < tensor->count && !h->out->failed; i++) {
        mnist_buffer_text(h->out, i % IN_LINE ? " " : "\n    ");
        put_float(h->out, tensor->data[i]);
        mnist_buffer_byte(h->out, ',');
    }
    mnist_buffer_text(h->out, "\n};\n");
}

/* ---- What is needed ---- */

/* Stages give their output to two arrays in turn, but those that work in place
   and the last dense one, which gives it to the caller. */
typedef struct scratch {
    size_t values[2];
} scratch;

static bool gives_output(const mnist_layer *layer)
{
    return !layer->kind->in_place && layer->kind != &mnist_layer_dropout;
}

static scratch measure(const mnist_network *net)
{
    scratch s = {{net->rows * net->cols, 0}};
    unsigned to = 1;
    for (size_t i = 0; i + 1 < net->stages; i++) {
        size_t size = mnist_shape_size(net->stage[i].out);
        if (!gives_output(&net->stage[i]))
            continue;
        if (size > s.values[to])
            s.values[to] = size;
        to = !to;
    }
    return s;
}

static void put_functions(header *h)
{
    bool needed[MNIST_C_PARTS + 1] = {
        [MNIST_C_EXP] = true, [MNIST_C_SOFTMAX] = true};
    for (size_t i = 0; i < h->net->stages; i++) {
        needed[mnist_c_part_of(h->net->stage[i].kind)] = true;
        needed[mnist_c_part_of(h->net->stage[i].activation)] = true;
    }
    for (mnist_c_part part = 0; part < MNIST_C_PARTS; part++)
        if (needed[part])
            put(h, mnist_c_text[part]);
}

/* ---- Text ---- */

static void put_comment(header *h)
{
    const mnist_network *net = h->net;
    scratch s = measure(net);
    size_t constants = 0;
    const mnist_tensor *tensor;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        constants += tensor->count;
    mnist_buffer_format(h->out,
                        "/*\n"
                        " * A classifier of pictures, made by mnist %s. C99, "
                        "also C++; it needs no other\n"
                        " * header, no library and no heap.\n"
                        " *\n"
                        " *     network  ",
                        mnist_version());
    mnist_buffer_text(h->out, net->line);
    mnist_buffer_format(h->out,
                        "\n"
                        " *     picture  %zux%zu bytes\n"
                        " *     classes  %zu\n"
                        " *     size     %zu bytes of constants, %zu of "
                        "scratch\n"
                        " *\n",
                        net->rows, net->cols, mnist_network_classes(net),
                        constants * sizeof(float),
                        (s.values[0] + s.values[1]) * sizeof(float));
    put(h, mnist_c_usage);
}

static void put_constants(header *h)
{
    const mnist_tensor *tensor;
    put(h, "#ifndef MNIST_NETWORK_$\n"
           "#define MNIST_NETWORK_$\n"
           "\n"
           "#ifndef $_SCRATCH\n"
           "#define $_SCRATCH static\n"
           "#endif\n"
           "\n");
    put(h, "enum { $_ROWS = ");
    mnist_buffer_format(h->out, "%zu", h->net->rows);
    put(h, ", $_COLS = ");
    mnist_buffer_format(h->out, "%zu", h->net->cols);
    put(h, ", $_CLASSES = ");
    mnist_buffer_format(h->out, "%zu };\n", mnist_network_classes(h->net));
    for (size_t i = 0; (tensor = mnist_network_tensor(h->net, i)); i++)
        put_array(h, tensor);
}

/* "dense": "    digits_dense(". */
static void put_call(header *h, const mnist_layer_kind *kind)
{
    put(h, "    @_");
    mnist_buffer_format(h->out, "%s(", kind->keyword);
}

static void put_parameters(header *h, const mnist_layer *layer)
{
    put_array_name(h, layer->tensor[MNIST_KERNEL].name);
    mnist_buffer_text(h->out, ", ");
    put_array_name(h, layer->tensor[MNIST_BIAS].name);
    mnist_buffer_text(h->out, ", ");
}

/* Calls the function of a layer that reads x and writes y. */
static void put_layer(header *h, const mnist_layer *layer, const char *x,
                      const char *y)
{
    mnist_buffer *out = h->out;
    put_call(h, layer->kind);
    if (layer->kind == &mnist_layer_dense) {
        mnist_buffer_format(out, "%s, %zuul, ", x, layer->in.c);
        put_parameters(h, layer);
        mnist_buffer_format(out, "%zuul, %s);\n", layer->units, y);
        return;
    }
    mnist_buffer_format(out, "%s, %zuul, %zuul, %zuul, ", x, layer->in.h,
                        layer->in.w, layer->in.c);
    if (layer->tensors)
        put_parameters(h, layer);
    mnist_buffer_format(out, "%zuul, %zuul, ", layer->height, layer->width);
    if (layer->tensors)
        mnist_buffer_format(out, "%zuul, ", layer->units);
    mnist_buffer_format(out, "%s);\n", y);
}

/* Calls that of an activation, in place. */
static void put_activation(header *h, const mnist_layer_kind *kind,
                           mnist_shape shape, const char *y)
{
    put_call(h, kind);
    if (kind == &mnist_layer_softmax)
        mnist_buffer_format(h->out, "%s, %zuul, %zuul);\n", y,
                            shape.h * shape.w, shape.c);
    else
        mnist_buffer_format(h->out, "%s, %zuul);\n", y,
                            mnist_shape_size(shape));
}

static void put_stages(header *h)
{
    static const char *const arrays[] = {"a", "b"};
    const mnist_network *net = h->net;
    unsigned from = 0;
    for (size_t i = 0; i < net->stages; i++) {
        const mnist_layer *layer = &net->stage[i];
        const char *y = i + 1 < net->stages ? arrays[!from] : "probabilities";
        if (gives_output(layer)) {
            put_layer(h, layer, arrays[from], y);
            from = !from;
        } else if (layer->kind->activation) {
            put_activation(h, layer->kind, layer->out, arrays[from]);
        }
        if (layer->activation && layer->activation->values)
            put_activation(h, layer->activation, layer->out, y);
    }
    put_activation(h, &mnist_layer_softmax, net->stage[net->stages - 1].out,
                   "probabilities");
}

static void put_predict(header *h)
{
    scratch s = measure(h->net);
    put(h, "\nstatic int @_predict(const unsigned char *pixels, "
           "float *probabilities)\n{\n");
    put(h, "    $_SCRATCH float ");
    mnist_buffer_format(h->out, "a[%zuul]", s.values[0]);
    if (s.values[1])
        mnist_buffer_format(h->out, ", b[%zuul]", s.values[1]);
    put(h, ";\n"
           "    unsigned long i;\n"
           "    int best = 0;\n"
           "    for (i = 0; i < (unsigned long)$_ROWS * $_COLS; i++)\n"
           "        a[i] = (float)pixels[i] / ");
    put_float(h->out, h->net->scale);
    mnist_buffer_text(h->out, ";\n");
    put_stages(h);
    put(h, "    for (i = 1; i < (unsigned long)$_CLASSES; i++)\n"
           "        if (probabilities[i] > probabilities[best])\n"
           "            best = (int)i;\n"
           "    return probabilities[0] == probabilities[0] ? best : -1;\n"
           "}\n"
           "\n"
           "#endif\n");
}

/* ---- The file ---- */

mnist_status mnist_export_c_name(const char *name, mnist_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    char quoted[MNIST_QUOTE_MAX];
    size_t length = strlen(name);
    if (length > 0 && length < MNIST_C_NAME_MAX &&
        strspn(name, allowed) == length && !strchr("0123456789", name[0]))
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "\"%s\" cannot begin a name in C; expected up to %d "
                      "letters, digits and '_', no digit first",
                      mnist_quote(quoted, name, length), MNIST_C_NAME_MAX - 1);
}

mnist_status mnist_export_c(const mnist_network *net, const char *name,
                            const char *path, mnist_error *err)
{
    mnist_buffer file = {0};
    header h = {.out = &file, .net = net, .name = name};
    mnist_status status = mnist_export_c_name(name, err);
    if (status)
        return status;
    for (size_t i = 0; name[i]; i++)
        h.capitals[i] = capital(name[i]);
    put_comment(&h);
    put_constants(&h);
    put_functions(&h);
    put_predict(&h);
    status = mnist_buffer_save(&file, path, err);
    mnist_buffer_free(&file);
    return status;
}
