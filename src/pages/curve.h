/*
 * A curve by epoch, of the training and of images kept from it, as inline SVG.
 * Colours are those of the page's style.
 */
#ifndef PAGES_CURVE_H
#define PAGES_CURVE_H

#include "pages/html.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct mnist_curve_point {
    size_t epoch;
    double training, validation; /* validation: NAN where there is none */
} mnist_curve_point;

typedef struct mnist_curve {
    const char *id;    /* of the element, and what the ids in it begin with */
    const char *title; /* markup */
    const char *unit;  /* behind the numbers of the axis, "%" or "" */
    const mnist_curve_point *points; /* by rising epoch */
    size_t count;                    /* at least 1 */
    bool rises;       /* more is better; the gap is where validation is worse */
    double test;      /* a mark at the last or the best epoch; NAN: none */
    size_t best;      /* the epoch whose weights were kept, if not 0 */
    bool has_ceiling; /* no value is above `ceiling` */
    double ceiling;
} mnist_curve;

void mnist_curve_write(mnist_html *html, const mnist_curve *curve);

#endif
