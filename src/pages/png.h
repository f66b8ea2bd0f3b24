/*
 * Small pictures as PNG: 8 bits a pixel, each an entry of a palette or a grey.
 *
 * Packed by deflate's fixed codes, where runs of one value are short: what is
 * drawn here has much of nothing in it.
 * Source: PNG, W3C Recommendation, 2003; RFC 1950 and 1951.
 */
#ifndef PAGES_PNG_H
#define PAGES_PNG_H

#include "pages/html.h"

#include <stddef.h>
#include <stdint.h>

typedef struct mnist_png {
    const uint8_t *pixels; /* rows x cols, each 0 to 255 or below `colors` */
    size_t rows, cols;     /* 1 to 65535 */
    const uint8_t (*palette)[4]; /* red, green, blue, opacity; NULL: greys */
    size_t colors;               /* 1 to 256 */
} mnist_png;

/* The file, to be released with free(); NULL without memory. */
uint8_t *mnist_png_encode(const mnist_png *picture, size_t *length);

/* Adds it as the value of an attribute: data:image/png;base64,... */
void mnist_png_write(mnist_html *html, const mnist_png *picture);

#endif
