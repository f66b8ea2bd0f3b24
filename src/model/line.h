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

/* The beginning of a line made fit for a message: a '?' for each byte that is
   not printable ASCII, so that columns stay columns. Returns `out`. */
#define MNIST_LINE_SHOWN 201
char *mnist_line_shown(char out[MNIST_LINE_SHOWN], const char *line);

/* Lets the failure that was just told, an MNIST_ERROR_ARGUMENT, point at that
   column, unless it points at one. Returns its status. */
mnist_status mnist_line_blame(size_t column, mnist_error *err);

#endif
