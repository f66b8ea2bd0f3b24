/* Flatten: a picture becomes a row, in the order in which it lies in memory
   (row, column, channel), so there is nothing to do but to say so. */
#include "layers/kinds.h"

static mnist_status flatten_parse(mnist_layer *layer,
                                  const mnist_fields *fields, mnist_error *err)
{
    if (fields->count)
        return mnist_layer_blame(fields, 0,
                                 mnist_fail(err, MNIST_ERROR_ARGUMENT,
                                            "layer %s: it takes no settings",
                                            layer->name),
                                 err);
    return MNIST_OK;
}

const mnist_layer_kind mnist_layer_flatten = {
    .keyword = "flatten",
    .name = "flatten",
    .title = "Flatten",
    .grammar = "flatten",
    .in_place = true,
    .wants_flat = true,
    .parse = flatten_parse,
};
