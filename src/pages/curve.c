#include "pages/curve.h"

#include <math.h>

/* The drawing's own units: those of a phone's width, where it is not scaled. */
enum {
    WIDTH = 360,
    HEIGHT = 228,
    LEFT = 46,
    RIGHT = 346,
    TOP = 12,
    BOTTOM = 190
};

/* An axis from low to high, with a mark every `step`. */
typedef struct axis {
    double low, high, step;
    int digits; /* of the numbers at the marks */
} axis;

typedef struct drawing {
    mnist_html *html;
    const mnist_curve *curve;
    axis x, y;
} drawing;

/* 1, 2 or 5 times a power of ten: the least that divides `range` into `most`
   parts or fewer. */
static double round_step(double range, double most)
{
    double step = pow(10, floor(log10(range / most)));
    return range / step <= most         ? step
           : range / (2 * step) <= most ? 2 * step
           : range / (5 * step) <= most ? 5 * step
                                        : 10 * step;
}

static axis make_axis(double low, double high, double most)
{
    axis a = {.low = low, .high = high};
    /* One value, or so near to it that no steps are between. */
    if (high - low < 1e-6 * fmax(1, fabs(high))) {
        a.low -= 0.5 * fmax(1, fabs(high)) * 1e-2;
        a.high += 0.5 * fmax(1, fabs(high)) * 1e-2;
    }
    a.step = round_step(a.high - a.low, most);
    a.digits = a.step < 1 ? (int)ceil(-log10(a.step) - 1e-9) : 0;
    return a;
}

static void stretch(double *low, double *high, double value)
{
    if (!isfinite(value))
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static axis value_axis(const mnist_curve *c)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t i = 0; i < c->count; i++) {
        stretch(&low, &high, c->points[i].training);
        stretch(&low, &high, c->points[i].validation);
    }
    stretch(&low, &high, c->test);
    if (low > high)
        low = 0, high = 1;
    axis a = make_axis(low, high, 6);
    a.low = fmax(0, a.step * floor(a.low / a.step));
    a.high = a.step * ceil(a.high / a.step - 1e-9);
    if (c->has_ceiling)
        a.high = fmin(a.high, c->ceiling);
    return a;
}

static axis epoch_axis(const mnist_curve *c)
{
    double first = (double)c->points[0].epoch;
    double last = (double)c->points[c->count - 1].epoch;
    axis a = {.low = first, .high = last, .step = 1};
    if (last - first < 1) {
        a.low -= 1;
        a.high += 1;
    } else {
        a.step = fmax(1, round_step(last - first, 8));
    }
    return a;
}

static double place(const axis *a, double value, double from, double to)
{
    return from + (value - a->low) / (a->high - a->low) * (to - from);
}

static double place_x(const drawing *d, double epoch)
{
    return place(&d->x, epoch, LEFT, RIGHT);
}

static double place_y(const drawing *d, double value)
{
    return place(&d->y, value, BOTTOM, TOP);
}

/* " NAME="12.3"" */
static void attribute(mnist_html *html, const char *name, double value)
{
    mnist_html_format(html, " %s=\"", name);
    mnist_html_plain(html, value, 1);
    mnist_html_raw(html, "\"");
}

static void line(mnist_html *html, const char *kind, double x1, double y1,
                 double x2, double y2)
{
    mnist_html_format(html, "<line class=\"%s\"", kind);
    attribute(html, "x1", x1);
    attribute(html, "y1", y1);
    attribute(html, "x2", x2);
    attribute(html, "y2", y2);
    mnist_html_raw(html, "/>");
}

static void draw_values(const drawing *d)
{
    const axis *a = &d->y;
    int steps = (int)floor((a->high - a->low) / a->step + 1e-6);
    for (int i = 0; i <= steps; i++) {
        double value = a->low + i * a->step;
        line(d->html, "grid", LEFT, place_y(d, value), RIGHT,
             place_y(d, value));
        mnist_html_raw(d->html, "<text class=\"end\"");
        attribute(d->html, "x", LEFT - 6);
        attribute(d->html, "y", place_y(d, value) + 4);
        mnist_html_raw(d->html, ">");
        mnist_html_number(d->html, value, a->digits);
        mnist_html_format(d->html, "%s</text>", d->curve->unit);
    }
    mnist_html_raw(d->html, "\n");
}

static void draw_epochs(const drawing *d)
{
    const mnist_curve *c = d->curve;
    size_t step = d->x.step > 1 ? (size_t)d->x.step : 1;
    size_t first = c->points[0].epoch;
    size_t last = c->points[c->count - 1].epoch;
    for (size_t e = first; e <= last; e = (e / step + 1) * step) {
        /* The first one goes where the next is too near. */
        if (e == first && 5 * (first % step) > 3 * step)
            continue;
        mnist_html_raw(d->html, "<text class=\"middle\"");
        attribute(d->html, "x", place_x(d, (double)e));
        attribute(d->html, "y", BOTTOM + 17);
        mnist_html_format(d->html, ">%zu</text>", e);
    }
    mnist_html_format(d->html,
                      "<text class=\"middle\" x=\"%d\" y=\"%d\">epoch</text>\n",
                      (LEFT + RIGHT) / 2, BOTTOM + 33);
}

/* How much worse the images kept from the training are. */
static double gap_at(const drawing *d, size_t i)
{
    const mnist_curve_point *p = &d->curve->points[i];
    return d->curve->rises ? p->training - p->validation
                           : p->validation - p->training;
}

static void put_point(mnist_html *html, double x, double y)
{
    mnist_html_plain(html, x, 1);
    mnist_html_raw(html, ",");
    mnist_html_plain(html, y, 1);
    mnist_html_raw(html, " ");
}

static void corner(const drawing *d, double epoch, double value)
{
    put_point(d->html, place_x(d, epoch), place_y(d, value));
}

/* The part of the gap between points i and i + 1, from `from` to `to` of the
   way. */
static void draw_gap_part(const drawing *d, size_t i, double from, double to)
{
    const mnist_curve_point *a = &d->curve->points[i], *b = a + 1;
    double epochs = (double)(b->epoch - a->epoch);
    double training = b->training - a->training;
    double validation = b->validation - a->validation;
    double first = (double)a->epoch + from * epochs;
    double last = (double)a->epoch + to * epochs;
    mnist_html_raw(d->html, "<polygon class=\"gap\" points=\"");
    corner(d, first, a->training + from * training);
    corner(d, last, a->training + to * training);
    corner(d, last, a->validation + to * validation);
    corner(d, first, a->validation + from * validation);
    mnist_html_raw(d->html, "\"/>");
}

/* Only where they are worse: where they are better, nothing is overfitted. */
static void draw_gap(const drawing *d)
{
    for (size_t i = 0; i + 1 < d->curve->count; i++) {
        double now = gap_at(d, i), next = gap_at(d, i + 1);
        if (!isfinite(now) || !isfinite(next) || (now <= 0 && next <= 0))
            continue;
        /* Where they are as good, if that is in between. */
        double cross = (now < 0) == (next < 0) ? 0 : now / (now - next);
        draw_gap_part(d, i, now < 0 ? cross : 0, next < 0 ? cross : 1);
    }
    mnist_html_raw(d->html, "\n");
}

static double value_of(const mnist_curve_point *p, bool validation)
{
    return validation ? p->validation : p->training;
}

/* Begins anew behind a value that is no number. */
static void draw_line(const drawing *d, bool validation)
{
    const mnist_curve *c = d->curve;
    bool drawn = false;
    mnist_html_format(d->html, "<path class=\"%s\" d=\"",
                      validation ? "validation" : "training");
    for (size_t i = 0; i < c->count; i++) {
        double value = value_of(&c->points[i], validation);
        bool there = isfinite(value);
        if (there) {
            mnist_html_raw(d->html, drawn ? "L" : "M");
            corner(d, (double)c->points[i].epoch, value);
        }
        drawn = there;
    }
    mnist_html_raw(d->html, "\"/>");
}

static void draw_diamond(const drawing *d, double x, double y)
{
    const double r = 4.5;
    const double corners[4][2] = {
        {x, y - r}, {x + r, y}, {x, y + r}, {x - r, y}};
    mnist_html_raw(d->html, "<polygon class=\"test\" points=\"");
    for (int i = 0; i < 4; i++)
        put_point(d->html, corners[i][0], corners[i][1]);
    mnist_html_raw(d->html, "\"/>\n");
}

/* A dot for training, a square for validation. */
static void draw_mark(const drawing *d, double epoch, double value,
                      bool validation)
{
    const double x = place_x(d, epoch), y = place_y(d, value), r = 3;
    mnist_html_raw(d->html, validation ? "<rect class=\"validation\""
                                       : "<circle class=\"training\"");
    attribute(d->html, validation ? "x" : "cx", validation ? x - r : x);
    attribute(d->html, validation ? "y" : "cy", validation ? y - r : y);
    attribute(d->html, validation ? "width" : "r", validation ? 2 * r : r);
    if (validation)
        attribute(d->html, "height", 2 * r);
    mnist_html_raw(d->html, "/>");
}

/* Points that would touch are left to the line. */
static void draw_marks(const drawing *d, bool validation)
{
    const mnist_curve *c = d->curve;
    enum { MOST = 30 };
    for (size_t i = 0; i < c->count && c->count <= MOST; i++) {
        double value = value_of(&c->points[i], validation);
        if (isfinite(value))
            draw_mark(d, (double)c->points[i].epoch, value, validation);
    }
    mnist_html_raw(d->html, "\n");
}

static void draw_best(const drawing *d)
{
    double x = place_x(d, (double)d->curve->best);
    if (d->curve->best)
        line(d->html, "best", x, TOP, x, BOTTOM);
}

/* Beside the marks of the epoch whose weights were tested. */
static void draw_test(const drawing *d)
{
    const mnist_curve *c = d->curve;
    size_t epoch = c->best ? c->best : c->points[c->count - 1].epoch;
    if (isfinite(c->test))
        draw_diamond(d, place_x(d, (double)epoch) + 8, place_y(d, c->test));
}

/* For who does not see it. */
static void describe(const drawing *d)
{
    const mnist_curve *c = d->curve;
    const mnist_curve_point *first = &c->points[0];
    const mnist_curve_point *last = &c->points[c->count - 1];
    int digits = d->y.digits + 1;
    mnist_html_format(d->html,
                      "<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">"
                      "Training: ",
                      c->id, c->title, c->id);
    mnist_html_number(d->html, first->training, digits);
    mnist_html_format(d->html, "%s after epoch %zu, ", c->unit, first->epoch);
    mnist_html_number(d->html, last->training, digits);
    mnist_html_format(d->html, "%s after epoch %zu.", c->unit, last->epoch);
    if (isfinite(last->validation)) {
        mnist_html_raw(d->html, " Validation: ");
        mnist_html_number(d->html, first->validation, digits);
        mnist_html_format(d->html, "%s, then ", c->unit);
        mnist_html_number(d->html, last->validation, digits);
        mnist_html_format(d->html, "%s.", c->unit);
    }
    if (isfinite(c->test)) {
        mnist_html_raw(d->html, " Test: ");
        mnist_html_number(d->html, c->test, digits);
        mnist_html_format(d->html, "%s.", c->unit);
    }
    mnist_html_raw(d->html, "</desc>\n");
}

void mnist_curve_write(mnist_html *html, const mnist_curve *curve)
{
    const drawing d = {html, curve, epoch_axis(curve), value_axis(curve)};
    bool validates = false;
    for (size_t i = 0; i < curve->count; i++)
        validates |= isfinite(curve->points[i].validation) != 0;
    mnist_html_format(html,
                      "<svg id=\"%s\" class=\"curve\" viewBox=\"0 0 %d %d\" "
                      "role=\"img\" aria-labelledby=\"%s-title %s-desc\">\n",
                      curve->id, WIDTH, HEIGHT, curve->id, curve->id);
    describe(&d);
    draw_values(&d);
    draw_epochs(&d);
    if (validates)
        draw_gap(&d);
    draw_best(&d);
    draw_line(&d, false);
    if (validates)
        draw_line(&d, true);
    draw_marks(&d, false);
    if (validates)
        draw_marks(&d, true);
    draw_test(&d);
    mnist_html_raw(html, "</svg>\n");
}
