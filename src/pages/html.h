/*
 * A page as it grows: markup of our own, and text and numbers put into it.
 *
 * Elements are closed as XML wants them, so that strict readers take the page
 * too. A buffer remembers that memory ran out, and mnist_html_save tells it.
 */
#ifndef PAGES_HTML_H
#define PAGES_HTML_H

#include "base/buffer.h"

#include <mnist/error.h>

/* Begins as {0}, and is released with mnist_buffer_free, if not by saving. */
typedef mnist_buffer mnist_html;

/* Markup as it stands. The format takes %s for markup only, and no number with
   a fraction, whose point would be the locale's. */
void mnist_html_raw(mnist_html *html, const char *markup);
void mnist_html_format(mnist_html *html, const char *format, ...)
    MNIST_PRINTF(2, 3);

/* Text from anywhere, for an element or an attribute in double quotes: the
   characters of markup escaped, control characters and bytes that are no UTF-8
   shown as \xNN. */
void mnist_html_text(mnist_html *html, const char *text);

/* 10000 as "10,000". */
void mnist_html_count(mnist_html *html, size_t value);

/* With that many digits behind a point, at most 9, and a true minus sign
   (U+2212) in text; "plain" for attributes and coordinates. What is not finite
   is an en dash in text, and 0 in plain. */
void mnist_html_number(mnist_html *html, double value, int digits);
void mnist_html_plain(mnist_html *html, double value, int digits);

/* 0.9793 as "97.93 %", between which no line is broken. */
void mnist_html_percent(mnist_html *html, double fraction, int digits);

/* Writes the page to its file and releases it, whatever comes of it. */
mnist_status mnist_html_save(mnist_html *html, const char *path,
                             mnist_error *err);

#endif
