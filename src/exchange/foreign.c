#include "exchange/foreign.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- Names ---- */

/* How names of tensors end, a '.' or '/' before it. */
static const struct {
    const char *end;
    bool bias;
    mnist_import_layout says;
} ends[] = {
    {"weight", false, MNIST_IMPORT_PYTORCH},
    {"kernel", false, MNIST_IMPORT_KERAS},
    {"kernel:0", false, MNIST_IMPORT_KERAS},
    {"vars/0", false, MNIST_IMPORT_KERAS},
    {"vars.0", false, MNIST_IMPORT_KERAS},
    {"bias", true, MNIST_IMPORT_AUTO},
    {"bias:0", true, MNIST_IMPORT_AUTO},
    {"vars/1", true, MNIST_IMPORT_AUTO},
    {"vars.1", true, MNIST_IMPORT_AUTO},
};

enum { ENDS = sizeof ends / sizeof *ends };

/* Which of them, and the bytes in front of it without that '.'; ENDS: none. */
static size_t split(const char *name, size_t *length)
{
    size_t whole = strlen(name);
    for (size_t i = 0; i < ENDS; i++) {
        size_t end = strlen(ends[i].end);
        if (whole < end || strcmp(name + whole - end, ends[i].end) != 0)
            continue;
        *length = whole - end;
        if (*length == 0) /* of a layer by itself */
            return i;
        char before = name[--*length];
        if (before == '.' || before == '/')
            return i;
    }
    return ENDS;
}

static size_t digits_at(const char *text, size_t length)
{
    size_t n = 0;
    while (n < length && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* Of n and m digits; they may be too long for any type. */
static int compare_numbers(const char *a, size_t n, const char *b, size_t m)
{
    for (; n > 1 && *a == '0'; n--)
        a++;
    for (; m > 1 && *b == '0'; m--)
        b++;
    if (n != m)
        return n < m ? -1 : 1;
    return memcmp(a, b, n);
}

/* Runs of digits are compared as numbers, the rest byte by byte. */
static int compare_names(const mnist_foreign *a, const mnist_foreign *b)
{
    size_t i = 0, j = 0;
    while (i < a->length && j < b->length) {
        const char *x = a->name + i, *y = b->name + j;
        size_t n = digits_at(x, a->length - i);
        size_t m = digits_at(y, b->length - j);
        int order = n && m ? compare_numbers(x, n, y, m)
                           : (unsigned char)*x - (unsigned char)*y;
        if (order)
            return order;
        i += n && m ? n : 1;
        j += n && m ? m : 1;
    }
    return (i < a->length) - (j < b->length);
}

static int compare(const void *a, const void *b)
{
    return compare_names(a, b);
}

/* ---- Layers ---- */

static mnist_status fail_tensor(const mnist_safetensors *file,
                                const mnist_tensor_info *tensor,
                                const char *what, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX], shape[MNIST_SHAPE_TEXT];
    return mnist_fail(
        err, MNIST_ERROR_WEIGHTS, "%s: tensor %s (%s %s): %s", file->name,
        mnist_quote(quoted, tensor->name, strlen(tensor->name)),
        tensor->dtype->name,
        mnist_shape_text(shape, tensor->dims, tensor->size), what);
}

/* What is wrong with the tensor whatever layer it is of, or NULL. */
static const char *fault_of(const mnist_tensor_info *tensor, size_t end)
{
    if (end == ENDS)
        return "expected a name that ends in weight, kernel or bias: only "
               "dense and conv2d layers can be taken over";
    if (!tensor->dtype->read)
        return "expected type F32, F16, BF16 or F64";
    if (ends[end].bias && tensor->dims != 1)
        return "expected a bias of 1 dimension";
    if (!ends[end].bias && tensor->dims != 2 && tensor->dims != 4)
        return "expected 2 dimensions (a dense layer) or 4 (conv2d)";
    return NULL;
}

/* The layer of that name; a new one if there is none yet. */
static mnist_foreign *layer_of(mnist_foreigns *layers, const char *name,
                               size_t length)
{
    for (size_t i = 0; i < layers->count; i++)
        if (layers->layer[i].length == length &&
            memcmp(layers->layer[i].name, name, length) == 0)
            return &layers->layer[i];
    mnist_foreign *layer = &layers->layer[layers->count++];
    *layer = (mnist_foreign){.name = name, .length = length};
    return layer;
}

static mnist_status add_tensor(mnist_foreigns *layers,
                               const mnist_tensor_info *tensor,
                               mnist_error *err)
{
    size_t length, end = split(tensor->name, &length);
    const char *fault = fault_of(tensor, end);
    if (fault)
        return fail_tensor(layers->file, tensor, fault, err);
    mnist_foreign *layer = layer_of(layers, tensor->name, length);
    const mnist_tensor_info **place =
        ends[end].bias ? &layer->bias : &layer->kernel;
    if (*place)
        return fail_tensor(layers->file, tensor,
                           "its layer has another of this kind", err);
    *place = tensor;
    if (!ends[end].bias)
        layer->says = ends[end].says;
    return MNIST_OK;
}

mnist_status mnist_foreign_find(mnist_foreigns *out,
                                const mnist_safetensors *file, mnist_error *err)
{
    const char *format = mnist_safetensors_metadata(file, "format");
    out->file = file;
    out->count = 0;
    if (format && strcmp(format, "mnist") == 0)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: these are weights of this program already; use "
                          "them as they are",
                          file->name);
    for (size_t i = 0; i < file->tensor_count; i++) {
        mnist_status status = add_tensor(out, &file->tensors[i], err);
        if (status)
            return status;
    }
    for (size_t i = 0; i < out->count; i++)
        if (!out->layer[i].kernel)
            return fail_tensor(file, out->layer[i].bias,
                               "a bias without its weight or kernel", err);
    if (out->count == 0)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: no tensors, expected those of a network",
                          file->name);
    qsort(out->layer, out->count, sizeof out->layer[0], compare);
    return MNIST_OK;
}

mnist_import_layout mnist_foreign_layout(const mnist_foreigns *layers)
{
    return layers->layer[0].says;
}
