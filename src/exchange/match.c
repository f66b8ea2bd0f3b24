#include "exchange/match.h"

#include "base/text.h"
#include "exchange/permute.h"

#include <stdio.h>
#include <string.h>

/* The kernel's sizes in that layout. */
static unsigned kernel_sizes(size_t out[4], const mnist_layer *layer,
                             mnist_import_layout layout)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    memcpy(out, kernel->size, sizeof kernel->size);
    if (layout == MNIST_IMPORT_PYTORCH && kernel->dims == 2) {
        out[0] = kernel->size[1];
        out[1] = kernel->size[0];
    } else if (layout == MNIST_IMPORT_PYTORCH) {
        mnist_view view = mnist_view_conv2d_first(kernel->size);
        memcpy(out, view.size, sizeof view.size);
    }
    return kernel->dims;
}

static bool fits(const mnist_foreign *from, const mnist_layer *layer,
                 mnist_import_layout layout)
{
    size_t size[4];
    unsigned dims = kernel_sizes(size, layer, layout);
    return from->kernel->dims == dims &&
           memcmp(from->kernel->size, size, dims * sizeof *size) == 0 &&
           (!from->bias || from->bias->size[0] == layer->units);
}

/* The first layer of the file, in the order of names, that is free and fits.
 *more: so do others, of which only the names tell that they come later. */
static mnist_foreign *find_layer(mnist_foreigns *layers,
                                 const mnist_layer *layer,
                                 mnist_import_layout layout, bool *more)
{
    mnist_foreign *found = NULL;
    *more = false;
    for (size_t i = 0; i < layers->count; i++) {
        mnist_foreign *from = &layers->layer[i];
        if (from->used || !fits(from, layer, layout))
            continue;
        *more = found != NULL;
        if (!found)
            found = from;
    }
    return found;
}

/* The first that no layer of ours has taken, or NULL. */
static const mnist_foreign *find_left(const mnist_foreigns *layers)
{
    for (size_t i = 0; i < layers->count; i++)
        if (!layers->layer[i].used)
            return &layers->layer[i];
    return NULL;
}

/* Gives each stage its layer; returns the first that gets none, or the count.
 */
static size_t match(mnist_match *m, mnist_import_layout layout)
{
    const mnist_network *net = m->net;
    for (size_t i = 0; i < m->layers->count; i++)
        m->layers->layer[i].used = false;
    m->order_by_names = false;
    for (size_t s = 0; s < net->stages; s++) {
        bool more;
        if (!net->stage[s].tensors)
            continue;
        mnist_foreign *from =
            find_layer(m->layers, &net->stage[s], layout, &more);
        if (!from)
            return s;
        from->used = true;
        m->from[s] = from;
        m->order_by_names |= more;
    }
    return net->stages;
}

/* "fc2.weight (10x128)" for a message. */
#define KERNEL_TEXT (MNIST_QUOTE_MAX + MNIST_SHAPE_TEXT + 4)
static char *kernel_text(char out[KERNEL_TEXT], const mnist_foreign *layer)
{
    const mnist_tensor_info *kernel = layer->kernel;
    char quoted[MNIST_QUOTE_MAX], shape[MNIST_SHAPE_TEXT];
    snprintf(out, KERNEL_TEXT, "%s (%s)",
             mnist_quote(quoted, kernel->name, strlen(kernel->name)),
             mnist_shape_text(shape, kernel->dims, kernel->size));
    return out;
}

/* No layer of the file is as stage s wants it; the next of them is shown, as
   the one that was likely meant. */
static mnist_status fail_stage(const mnist_match *m, size_t s,
                               mnist_import_layout layout, mnist_error *err)
{
    const mnist_layer *layer = &m->net->stage[s];
    const mnist_foreign *next = find_left(m->layers);
    char shape[MNIST_SHAPE_TEXT], found[KERNEL_TEXT];
    size_t size[4];
    unsigned dims = kernel_sizes(size, layer, layout);
    mnist_shape_text(shape, dims, size);
    if (!next)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: nothing is left for layer %s, which needs a "
                          "kernel of %s: the file has fewer layers than the "
                          "network",
                          m->layers->file->name, layer->name, shape);
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: found %s next, expected for layer %s a kernel of %s "
                      "in %s layout, and a bias of %zu or none; is it another "
                      "--net or --input?",
                      m->layers->file->name, kernel_text(found, next),
                      layer->name, shape, mnist_layout_title(layout),
                      layer->units);
}

/* Matches in that layout, or tells why it cannot be. */
static mnist_status match_all(mnist_match *m, mnist_import_layout layout,
                              mnist_error *err)
{
    char found[KERNEL_TEXT];
    size_t s = match(m, layout);
    if (s < m->net->stages)
        return fail_stage(m, s, layout, err);
    const mnist_foreign *left = find_left(m->layers);
    if (left)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: %s is of no layer of the network \"%.200s\"",
                          m->layers->file->name, kernel_text(found, left),
                          mnist_network_line(m->net));
    m->layout = layout;
    return MNIST_OK;
}

mnist_status mnist_match_layers(mnist_match *m, mnist_import_layout layout,
                                mnist_error *err)
{
    m->layout_by_names = false;
    if (layout != MNIST_IMPORT_AUTO)
        return match_all(m, layout, err);
    mnist_import_layout named = mnist_foreign_layout(m->layers);
    mnist_import_layout other = mnist_layout_other(named);
    bool fits_other = match(m, other) == m->net->stages;
    mnist_status status = match_all(m, named, fits_other ? NULL : err);
    if (status && fits_other)
        return match_all(m, other, err);
    m->layout_by_names = fits_other;
    return status;
}
