/* The network line cut into its layers and fields; see <mnist/spec.h>. */
#ifndef MODEL_LINE_H
#define MODEL_LINE_H

#include "layers/layer.h"

/* One layer of a line. */
typedef struct mnist_line_layer {
    mnist_field keyword;
    mnist_fields fields;
    const mnist_layer_kind *kind;
} mnist_line_layer;

/*
 * Cuts the layer that begins at *cursor out of the line, moves *cursor behind
 * it and its comma, to NULL after the last, and finds its kind.
 * Fails with MNIST_ERROR_ARGUMENT: the layer has no such kind (the nearest is
 * offered), is empty, or has too many fields.
 */
mnist_status mnist_line_next(const char *line, const char **cursor,
                             mnist_line_layer *out, mnist_error *err);

/* Lets the failure that was just told, an MNIST_ERROR_ARGUMENT, point at that
   column, unless it points at one. Returns its status. */
mnist_status mnist_line_blame(size_t column, mnist_error *err);

#endif
