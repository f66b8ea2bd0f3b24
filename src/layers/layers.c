/* The table of layers, and what they share in reading the network line. */
#include "base/text.h"
#include "layers/kinds.h"

#include <string.h>

static const mnist_layer_kind *const kinds[] = {
    &mnist_layer_dense,   &mnist_layer_conv2d,  &mnist_layer_avgpool,
    &mnist_layer_maxpool, &mnist_layer_dropout, &mnist_layer_flatten,
    &mnist_layer_relu,    &mnist_layer_tanh,    &mnist_layer_sigmoid,
    &mnist_layer_softmax,
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const mnist_layer_kind *mnist_layer_kind_at(size_t i)
{
    return i < KINDS ? kinds[i] : NULL;
}

const mnist_layer_kind *mnist_layer_find(const char *keyword, size_t length)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strlen(kinds[i]->keyword) == length &&
            memcmp(kinds[i]->keyword, keyword, length) == 0)
            return kinds[i];
    return NULL;
}

/* What field number `index` is, for a message; empty if it is missing. */
static mnist_field field_at(const mnist_fields *fields, size_t index)
{
    return index < fields->count ? fields->field[index] : (mnist_field){"", 0};
}

mnist_status mnist_layer_blame(const mnist_fields *fields, size_t index,
                               mnist_status status, mnist_error *err)
{
    const char *at =
        index < fields->count ? fields->field[index].text : fields->end;
    if (err)
        err->column = (size_t)(at - fields->line) + 1;
    return status;
}

mnist_status mnist_layer_parse_count(const mnist_layer *layer, size_t *out,
                                     const mnist_fields *fields, size_t index,
                                     const char *what, mnist_error *err)
{
    uint64_t count;
    char quoted[MNIST_QUOTE_MAX];
    mnist_field field = field_at(fields, index);
    if (!mnist_text_u64(&count, field.text, field.length) || count == 0 ||
        count > MNIST_MAX_UNITS)
        return mnist_layer_blame(
            fields, index,
            mnist_fail(err, MNIST_ERROR_ARGUMENT,
                       "layer %s: found \"%s\" for its %s, expected a "
                       "whole number from 1 to %d, as in %s",
                       layer->name,
                       mnist_quote(quoted, field.text, field.length), what,
                       MNIST_MAX_UNITS, layer->kind->grammar),
            err);
    *out = (size_t)count;
    return MNIST_OK;
}

mnist_status mnist_layer_parse_window(mnist_layer *layer,
                                      const mnist_fields *fields, size_t index,
                                      mnist_error *err)
{
    enum { SIDE_MAX = 4096 };
    uint64_t height, width;
    char quoted[MNIST_QUOTE_MAX];
    mnist_field field = field_at(fields, index);
    const char *x = memchr(field.text, 'x', field.length);
    size_t before = x ? (size_t)(x - field.text) : 0;
    if (!x || !mnist_text_u64(&height, field.text, before) ||
        !mnist_text_u64(&width, x + 1, field.length - before - 1) ||
        height < 1 || height > SIDE_MAX || width < 1 || width > SIDE_MAX)
        return mnist_layer_blame(
            fields, index,
            mnist_fail(err, MNIST_ERROR_ARGUMENT,
                       "layer %s: found \"%s\" for its window, expected "
                       "height x width such as 3x3, as in %s",
                       layer->name,
                       mnist_quote(quoted, field.text, field.length),
                       layer->kind->grammar),
            err);
    layer->height = (size_t)height;
    layer->width = (size_t)width;
    return MNIST_OK;
}

mnist_status mnist_layer_check_window(const mnist_layer *layer,
                                      mnist_error *err)
{
    const mnist_shape *in = &layer->in;
    if (in->flat)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: it works on pictures, and gets a row of "
                          "%zu values; put it before flatten and dense",
                          layer->name, in->c);
    if (layer->height > in->h || layer->width > in->w)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: its window of %zux%zu is larger than its "
                          "input of %zux%zux%zu; make it smaller",
                          layer->name, layer->height, layer->width, in->h,
                          in->w, in->c);
    return MNIST_OK;
}

/* "l1=R" or "l2=R": reads R into *rate, which says -1 until it is set. */
static mnist_status parse_penalty(float *rate, mnist_field field,
                                  const mnist_layer *layer, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];
    mnist_quote(quoted, field.text, field.length);
    if (*rate >= 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: \"%s\": %.2s is given twice", layer->name,
                          quoted, field.text);
    if (!mnist_text_float(rate, field.text + 3, field.length - 3) || *rate < 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: \"%s\": expected a number of 0 or more "
                          "after %.3s",
                          layer->name, quoted, field.text);
    return MNIST_OK;
}

static bool starts_with(mnist_field field, const char *start)
{
    return field.length >= strlen(start) &&
           memcmp(field.text, start, strlen(start)) == 0;
}

static bool is(mnist_field field, const char *word)
{
    return field.length == strlen(word) && starts_with(field, word);
}

static mnist_status parse_field(mnist_layer *layer, mnist_field field,
                                bool *has_activation, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];
    if (starts_with(field, "l1="))
        return parse_penalty(&layer->l1, field, layer, err);
    if (starts_with(field, "l2="))
        return parse_penalty(&layer->l2, field, layer, err);
    const mnist_layer_kind *kind = mnist_layer_find(field.text, field.length);
    if (!is(field, "linear") && (!kind || !kind->activation))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: \"%s\" is not known here; expected %s",
                          layer->name,
                          mnist_quote(quoted, field.text, field.length),
                          layer->kind->grammar);
    if (*has_activation)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "layer %s: \"%s\" is a second activation; a layer "
                          "has one",
                          layer->name,
                          mnist_quote(quoted, field.text, field.length));
    *has_activation = true;
    layer->activation = kind;
    return MNIST_OK;
}

mnist_status mnist_layer_parse_common(mnist_layer *layer,
                                      const mnist_fields *fields, size_t from,
                                      mnist_error *err)
{
    bool has_activation = false;
    layer->l1 = layer->l2 = -1;
    for (size_t i = from; i < fields->count; i++) {
        mnist_status status =
            parse_field(layer, fields->field[i], &has_activation, err);
        if (status)
            return mnist_layer_blame(fields, i, status, err);
    }
    layer->l1 = layer->l1 < 0 ? 0 : layer->l1;
    layer->l2 = layer->l2 < 0 ? 0 : layer->l2;
    return MNIST_OK;
}
