/* The network line of a file that holds nothing but dense layers. */
#include "exchange/match.h"

#include "base/text.h"

#include <mnist/spec.h>

#include <stdio.h>
#include <string.h>

/* "fc2.weight" for a message. */
static char *quote_kernel(char out[MNIST_QUOTE_MAX], const mnist_foreign *layer)
{
    return mnist_quote(out, layer->kernel->name, strlen(layer->kernel->name));
}

/* The first layer that does not take what the one before it gives; the count:
   there is none. */
static size_t find_break(const mnist_foreigns *layers,
                         mnist_import_layout layout)
{
    size_t i = 1;
    while (i < layers->count &&
           mnist_foreign_inputs(&layers->layer[i], layout) ==
               mnist_foreign_outputs(&layers->layer[i - 1], layout))
        i++;
    return i;
}

static mnist_status fail_chain(const mnist_foreigns *layers, size_t i,
                               mnist_import_layout layout, mnist_error *err)
{
    char one[MNIST_QUOTE_MAX], two[MNIST_QUOTE_MAX];
    const mnist_foreign *layer = &layers->layer[i];
    return mnist_fail(
        err, MNIST_ERROR_ARGUMENT,
        "%s: %s takes %zu values, %s before it gives %zu: in %s "
        "layout and the order of their names these are no chain; "
        "name the network with --net, as dense:128:relu,"
        "dense:10:softmax",
        layers->file->name, quote_kernel(two, layer),
        mnist_foreign_inputs(layer, layout), quote_kernel(one, layer - 1),
        mnist_foreign_outputs(layer - 1, layout), mnist_layout_title(layout));
}

static mnist_status check_dense(const mnist_foreigns *layers, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];
    for (size_t i = 0; i < layers->count; i++)
        if (layers->layer[i].kernel->dims != 2)
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "%s: %s is of a convolution, and a file does not "
                              "tell what stands between its layers; name the "
                              "network with --net, as conv2d:6:3x3:relu,"
                              "avgpool:2x2,dense:10:softmax",
                              layers->file->name,
                              quote_kernel(quoted, &layers->layer[i]));
    return MNIST_OK;
}

mnist_status mnist_foreign_line(char *line, size_t *inputs,
                                const mnist_foreigns *layers,
                                mnist_import_layout layout, mnist_error *err)
{
    mnist_status status = check_dense(layers, err);
    if (status)
        return status;
    bool any = layout == MNIST_IMPORT_AUTO;
    if (any)
        layout = mnist_foreign_layout(layers);
    size_t broken = find_break(layers, layout);
    mnist_import_layout other = mnist_layout_other(layout);
    if (any && broken < layers->count &&
        find_break(layers, other) == layers->count)
        layout = other;
    else if (broken < layers->count)
        return fail_chain(layers, broken, layout, err);

    size_t used = 0;
    for (size_t i = 0; i < layers->count && used < MNIST_LINE_MAX; i++)
        used += (size_t)snprintf(
            line + used, MNIST_LINE_MAX - used, "%sdense:%zu:%s", i ? "," : "",
            mnist_foreign_outputs(&layers->layer[i], layout),
            i + 1 < layers->count ? "relu" : "softmax");
    if (used >= MNIST_LINE_MAX)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: %zu layers, whose network line would be longer "
                          "than %d characters",
                          layers->file->name, layers->count,
                          MNIST_LINE_MAX - 1);
    *inputs = mnist_foreign_inputs(&layers->layer[0], layout);
    return MNIST_OK;
}
