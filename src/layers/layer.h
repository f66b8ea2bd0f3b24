/*
 * What a kind of layer is: one const struct of functions, exported by one file.
 * Adding one is that file and a line in layers.c.
 */
#ifndef LAYERS_LAYER_H
#define LAYERS_LAYER_H

#include "kernels/engine.h"
#include "kernels/packed.h"
#include "layers/sink.h"

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
    const char *line, *end; /* the whole line; where the layer ends in it */
} mnist_fields;

/* One batch on its way through the network. */
typedef struct mnist_pass {
    const mnist_engine *engine;
    size_t N; /* images in the batch */

    /* Memory that the layer's kind asked for, which holds nothing between two
       calls: some for each worker, and some for all of them. */
    float *scratch;
    size_t scratch_size;
    void *shared;
    float *kept; /* see below */

    /* For layers that draw random numbers in training. What they draw for an
       image depends on these alone, never on the batch or the thread. */
    bool training;
    uint64_t seed, epoch;
    const uint32_t *image; /* numbers of the images; NULL: 0, 1, ... */

    /* The images themselves, for a layer whose x is NULL; and where it is to
       pack them in tiles (kernels/tiled.h), from the forward on to the
       backward, or NULL: it is not. */
    const mnist_images *images;
    struct mnist_tiled *tiled;
} mnist_pass;

/* An activation that works on each value by itself: the layer before it applies
   it to its own outputs while they are in the cache. dx may be dy, or y. */
typedef struct mnist_values {
    void (*forward)(const mnist_kernels *kernels, size_t n, float *y);
    void (*backward)(const mnist_kernels *kernels, size_t n, const float *y,
                     const float *dy, float *dx);
} mnist_values;

typedef struct mnist_layer_kind {
    const char *keyword; /* as in the network line: "avgpool" */
    const char *name;    /* as Keras names such a layer: "average_pooling2d" */
    const char *title;   /* as Keras titles it: "AveragePooling2D" */
    const char *grammar; /* "avgpool:PHxPW" */

    /* An activation is a field of the layer before it in the line. If it has
       `values`, the layer does all of it; else it is a stage of its own. */
    bool activation;
    const mnist_values *values;
    bool in_place;   /* y is x, and the gradient needs y alone */
    bool wants_flat; /* a picture is made a row before it */
    bool panels;     /* its kernel may lie in panels where it learns */

    /* x, y and their gradients are pictures in blocks, as kernels/pictures.h
       has them, not N rows of values; `in` is a picture. */
    bool blocks;

    /* Reads the fields into the layer's settings. NULL: there are none. */
    mnist_status (*parse)(mnist_layer *layer, const mnist_fields *fields,
                          mnist_error *err);

    /* Settings and layer->in to layer->out and the tensors' sizes. NULL: out is
       in, and there are no tensors. */
    mnist_status (*shape)(mnist_layer *layer, mnist_error *err);

    /* Starts the tensors, which are 0. NULL: there are none. */
    void (*init)(mnist_layer *layer, mnist_random *random);

    /* Whether the layer can take the images as they are stored, in place of x.
       NULL: it cannot. */
    bool (*takes_images)(const mnist_layer *layer);

    /* Floats of memory that each worker needs, and bytes that all share, for
       batches of up to N. NULL: none. */
    size_t (*scratch)(const mnist_layer *layer, size_t N);
    size_t (*shared)(const mnist_layer *layer, size_t N);

    /* x: N x in, y: N x out, written. NULL, like backward, if there is nothing
       to do in place. */
    void (*forward)(const mnist_layer *layer, const mnist_pass *pass,
                    const float *x, float *y);

    /*
     * dy: N x out, the gradient of the loss with respect to y; may be used up.
     * dx: N x in, written, or NULL when nobody wants it; in place it is dy
     * itself. x and y are those of the forward. The gradients of the tensors go
     * to the sink, once dx is done: it may change them.
     */
    void (*backward)(const mnist_layer *layer, const mnist_pass *pass,
                     const float *x, const float *y, float *dy, float *dx,
                     const mnist_sink *sink);

    /*
     * What kinds on blocks have in place of backward, because it may run block
     * by block, and the tensors' gradients need all blocks. First of all, where
     * dx is wanted, prepare; it may keep that many floats until the end. Then
     * backward_blocks: dx, written, unless it is NULL, and, where there is
     * something to learn, the gradient before the activation in place of y. At
     * last, once for all blocks, learn takes that as its dy. prepare, kept and
     * learn may be NULL.
     */
    size_t (*kept)(const mnist_layer *layer);
    void (*prepare)(const mnist_layer *layer, const mnist_pass *pass);
    void (*backward_blocks)(const mnist_layer *layer, const mnist_pass *pass,
                            const float *x, float *y, const float *dy,
                            float *dx);
    void (*learn)(const mnist_layer *layer, const mnist_pass *pass,
                  const float *x, const float *dy, const mnist_sink *sink);
} mnist_layer_kind;

enum { MNIST_LAYER_TENSORS = 2 };

struct mnist_layer {
    const mnist_layer_kind *kind;
    char name[24]; /* Keras' naming: "dense", "dense_1" */
    mnist_shape in, out;

    /* Settings; each kind uses those it has. */
    size_t units;                       /* dense: outputs; conv2d: filters */
    size_t height, width;               /* of the window */
    float rate;                         /* dropout */
    const mnist_layer_kind *activation; /* NULL: linear */
    float l1, l2;
    size_t number; /* in its network's line, from 0 */

    /* Parameters: kernel first, then bias. */
    size_t tensors;
    mnist_tensor tensor[MNIST_LAYER_TENSORS];
    bool panels; /* the kernel's columns lie in panels (kernels/panels.h) */
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
 * For parse: a whole number of 1 to MNIST_MAX_UNITS; `what` names it in the
 * message ("units").
 */
mnist_status mnist_layer_parse_count(const mnist_layer *layer, size_t *out,
                                     const mnist_fields *fields, size_t index,
                                     const char *what, mnist_error *err);

/* For parse: a window such as 3x3 into height and width. */
mnist_status mnist_layer_parse_window(mnist_layer *layer,
                                      const mnist_fields *fields, size_t index,
                                      mnist_error *err);

/*
 * For parse: lets the failure that was just told point at field `index`, or
 * where it is missing. Returns its status.
 */
mnist_status mnist_layer_blame(const mnist_fields *fields, size_t index,
                               mnist_status status, mnist_error *err);

/* For shape: fails unless in is a picture that holds the layer's window. */
mnist_status mnist_layer_check_window(const mnist_layer *layer,
                                      mnist_error *err);

/*
 * For parse: reads fields 'from..' that layers with a kernel have in common, an
 * activation and l1= and l2=, each at most once and in any order.
 */
mnist_status mnist_layer_parse_common(mnist_layer *layer,
                                      const mnist_fields *fields, size_t from,
                                      mnist_error *err);

#endif
