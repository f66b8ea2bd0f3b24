/* The weights of the first layer that learns, one picture a unit or filter. */
#include "pages/report_parts.h"
#include "pages/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS_MOST = 40 };

/* The kernel as pictures: unit u's pixel i is data[i * units + u]. */
typedef struct kernel {
    const mnist_tensor *tensor;
    size_t rows, cols, units;
    bool convolves;
    const mnist_tensor *out; /* units x classes, where what it finds goes right
                                to the classes; else NULL */
} kernel;

/* Pooling in front makes the images smaller; flattening keeps that size. */
static bool find_kernel(const mnist_network *net, kernel *k)
{
    mnist_layer_info layer;
    *k = (kernel){.tensor = mnist_network_tensor(net, 0),
                  .rows = mnist_network_rows(net),
                  .cols = mnist_network_cols(net)};
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++) {
        if (layer.parameters > 0)
            break;
        if (!layer.out.flat) {
            k->rows = layer.out.h;
            k->cols = layer.out.w;
        }
    }
    const mnist_tensor *t = k->tensor;
    if (t && t->dims == 4) {
        k->rows = t->size[0];
        k->cols = t->size[1];
    }
    k->convolves = t && t->dims == 4;
    k->units = t ? t->size[t->dims - 1] : 0;
    k->out = mnist_network_tensor(net, 2);
    if (k->out && (k->out->dims != 2 || k->out->size[0] != k->units ||
                   k->out->size[1] != mnist_network_classes(net)))
        k->out = NULL;
    return t && t->dims > 1 && t->count == k->rows * k->cols * k->units;
}

typedef struct unit {
    size_t number;
    double strength; /* root of the mean square of its weights */
} unit;

static int by_strength(const void *a, const void *b)
{
    const unit *x = a, *y = b;
    if (x->strength != y->strength)
        return x->strength > y->strength ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    const unit *x = a, *y = b;
    return x->number < y->number ? -1 : 1;
}

/* The strongest, by number again; NULL without memory. */
static unit *choose(const kernel *k, size_t *count)
{
    unit *units = calloc(k->units, sizeof *units);
    size_t size = k->rows * k->cols;
    for (size_t u = 0; units && u < k->units; u++) {
        double sum = 0;
        for (size_t i = 0; i < size; i++) {
            double w = (double)k->tensor->data[i * k->units + u];
            sum += w * w;
        }
        units[u] = (unit){u, sqrt(sum / (double)size)};
    }
    *count = k->units < UNITS_MOST ? k->units : (size_t)UNITS_MOST;
    if (units && *count < k->units) {
        qsort(units, k->units, sizeof *units, by_strength);
        qsort(units, *count, sizeof *units, by_number);
    }
    return units;
}

/* One scale for all, so that they compare: three times their common root mean
   square, which a weight in a hundred or so is beyond. */
static float find_limit(const unit *units, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += units[i].strength * units[i].strength;
    return (float)(3 * sqrt(sum / (double)count));
}

/* What finding it speaks for and against. */
static void write_votes(mnist_html *html, const kernel *k, size_t u)
{
    size_t classes = k->out->size[1], most = 0, least = 0;
    const float *w = k->out->data + u * classes;
    for (size_t c = 0; c < classes; c++) {
        most = w[c] > w[most] ? c : most;
        least = w[c] < w[least] ? c : least;
    }
    mnist_html_format(html, "<small>for %zu, not %zu</small>", most, least);
}

static void write_unit(mnist_html *html, const kernel *k, size_t u, float limit,
                       bool last)
{
    const char *what = k->convolves ? "Filter" : last ? "Class" : "Unit";
    mnist_html_format(html, "<li><figure><img class=\"weights\" alt=\"%s %zu\"",
                      what, u);
    mnist_tile_weights(html, k->tensor->data + u, k->units, k->rows, k->cols,
                       limit);
    mnist_html_format(html, "/><figcaption>%zu", u);
    if (k->out && !k->convolves)
        write_votes(html, k, u);
    mnist_html_raw(html, "</figcaption></figure></li>\n");
}

static void write_words(mnist_html *html, const kernel *k, size_t count,
                        bool last)
{
    const char *what = k->convolves ? "filter" : last ? "class" : "unit";
    mnist_html_format(html,
                      "<p>Each picture is what a %s of the first layer looks "
                      "for: <b class=\"plus\">orange</b> where ink speaks for "
                      "it, <b class=\"minus\">blue</b> where ink speaks "
                      "against it. ",
                      what);
    if (k->convolves)
        mnist_html_format(html,
                          "It is laid over every place of the image, "
                          "%zu by %zu pixels at a time. ",
                          k->rows, k->cols);
    mnist_html_raw(html, k->convolves ? "Look for edges and their directions."
                         : last
                             ? "Look for the shape of each class."
                             : "Look for strokes and arcs. What is noise at "
                               "the rim are weights of pixels that are "
                               "hardly ever inked: they stay as they began.");
    if (count < k->units) {
        mnist_html_format(html,
                          " Of %zu %ss the %zu with the largest weights "
                          "(by root mean square) are shown: there the "
                          "training shows the most.",
                          k->units, what, count);
    }
    if (k->out && !k->convolves)
        mnist_html_raw(html, " Below each is its number, and the class that it "
                             "speaks for and against the most.");
    mnist_html_raw(html, "</p>\n");
}

static void write_scale(mnist_html *html, double limit)
{
    int digits = limit > 0 ? (int)fmax(0, 1 - floor(log10(limit))) : 0;
    mnist_html_raw(html, "<p class=\"scale\"><span>");
    mnist_html_number(html, -limit, digits);
    mnist_html_raw(html, "</span><span class=\"ramp\"></span><span>");
    mnist_html_number(html, limit, digits);
    mnist_html_raw(html, "</span></p>\n");
}

void mnist_report_weights(mnist_html *html, const mnist_report *report)
{
    kernel k;
    size_t count = 0;
    if (!find_kernel(report->net, &k))
        return;
    unit *units = choose(&k, &count);
    if (!units) {
        html->failed = true;
        return;
    }
    bool last = !mnist_network_tensor(report->net, 2);
    float limit = find_limit(units, count);
    mnist_report_section(html, "weights", "What its first layer looks for");
    write_words(html, &k, count, last);
    write_scale(html, (double)limit);
    mnist_html_raw(html, "<ul class=\"weights\">\n");
    for (size_t i = 0; i < count; i++)
        write_unit(html, &k, units[i].number, limit, last);
    mnist_html_raw(html, "</ul>\n</section>\n");
    free(units);
}
