/*
 * What a kind of layer is: one const struct of functions, exported by one file.
 * Adding one is that file and a line in layers.c.
 */
#ifndef LAYERS_LAYER_H
#define LAYERS_LAYER_H

#include "kernels/engine.h"

#include <mnist/error.h>
#include <mnist/layer.h>
#include <mnist/random.h>

typedef struct mnist_layer mnist_layer;

/* One field of a layer in the network line, lent from the line. */
typedef struct mnist_field {
    const char *text;
    size_t length;
} mnist_field;

/* The fields after the keyword: "512", "relu", "l1=0.0001". */
#define MNIST_FIELDS_MAX 8
typedef struct mnist_fields {
    mnist_field field[MNIST_FIELDS_MAX];
    size_t count;
} mnist_fields;

/* One batch on its way through the network. */
typedef struct mnist_pass {
    const mnist_engine *engine;
    size_t N; /* images in the batch */
} mnist_pass;

typedef struct mnist_layer_kind {
    const char *keyword; /* as in the network line */
    const char *grammar; /* "dense:UNITS[:relu|softmax|linear]..." */

    /* An activation has no line of its own: it is a field of the layer before
       it, works in place (y may be x) and takes its gradient from y alone. */
    bool activation;
    bool wants_flat; /* a picture is made a row before it */

    /* Reads the fields into the layer's settings. NULL: there are none. */
    mnist_status (*parse)(mnist_layer *layer, const mnist_fields *fields,
                          mnist_error *err);

    /* Settings and layer->in to layer->out and the tensors' sizes. NULL: out is
       in, and there are no tensors. */
    mnist_status (*shape)(mnist_layer *layer, mnist_error *err);

    /* Starts the tensors, which are 0. NULL: there are none. */
    void (*init)(mnist_layer *layer, mnist_random *random);

    /* x: N x in, y: N x out, written. */
    void (*forward)(const mnist_layer *layer, const mnist_pass *pass,
                    const float *x, float *y);

    /*
     * dy: N x out, the gradient of the loss with respect to y; may be used up.
     * dx: N x in, written, or NULL when nobody wants it; for an activation it
     * is dy itself. x and y are those of the forward. gradient: where the
     * gradients of the tensors are written, in their order.
     */
    void (*backward)(const mnist_layer *layer, const mnist_pass *pass,
                     const float *x, const float *y, float *dy, float *dx,
                     float *const *gradient);
} mnist_layer_kind;

enum { MNIST_LAYER_TENSORS = 2 };

struct mnist_layer {
    const mnist_layer_kind *kind;
    char name[24]; /* Keras' naming: "dense", "dense_1" */
    mnist_shape in, out;

    /* Settings; each kind uses those it has. */
    size_t units;
    const mnist_layer_kind *activation; /* NULL: linear */
    float l1, l2;

    /* Parameters: kernel first, then bias. */
    size_t tensors;
    mnist_tensor tensor[MNIST_LAYER_TENSORS];
};

enum { MNIST_KERNEL, MNIST_BIAS };

/* The kind with this keyword, or NULL; kind number i, or NULL past the last. */
const mnist_layer_kind *mnist_layer_find(const char *keyword, size_t length);
const mnist_layer_kind *mnist_layer_kind_at(size_t i);

/* Values of one image or output. */
static inline size_t mnist_shape_size(mnist_shape shape)
{
    return shape.h * shape.w * shape.c;
}

/*
 * For parse: reads fields 'from..' that layers with a kernel have in common, an
 * activation and l1= and l2=, each at most once and in any order.
 */
mnist_status mnist_layer_parse_common(mnist_layer *layer,
                                      const mnist_fields *fields, size_t from,
                                      mnist_error *err);

#endif
