/* The table of layers, and what they share in reading the network line. */
#include "base/text.h"
#include "layers/kinds.h"

#include <string.h>

static const mnist_layer_kind *const kinds[] = {
    &mnist_layer_dense,
    &mnist_layer_relu,
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
            return status;
    }
    layer->l1 = layer->l1 < 0 ? 0 : layer->l1;
    layer->l2 = layer->l2 < 0 ? 0 : layer->l2;
    return MNIST_OK;
}
