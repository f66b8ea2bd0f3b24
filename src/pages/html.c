#include "pages/html.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 352 }; /* a double's 309 digits, groups, a point and more */

void mnist_html_free(mnist_html *html)
{
    free(html->text);
    *html = (mnist_html){0};
}

static bool make_room(mnist_html *html, size_t length)
{
    size_t needed, twice;
    if (!mnist_size_add(&needed, html->length, length))
        return false;
    if (needed <= html->room)
        return true;
    if (mnist_size_mul(&twice, needed, 2))
        needed = twice;
    char *text = realloc(html->text, needed);
    if (!text)
        return false;
    html->text = text;
    html->room = needed;
    return true;
}

char *mnist_html_grow(mnist_html *html, size_t length)
{
    if (html->failed || !make_room(html, length)) {
        html->failed = true;
        return NULL;
    }
    char *at = html->text + html->length;
    html->length += length;
    return at;
}

static void add(mnist_html *html, const char *text, size_t length)
{
    char *to = length ? mnist_html_grow(html, length) : NULL;
    if (to)
        memcpy(to, text, length);
}

void mnist_html_raw(mnist_html *html, const char *markup)
{
    add(html, markup, strlen(markup));
}

void mnist_html_piece(mnist_html *html, const mnist_piece *piece)
{
    add(html, piece->bytes, piece->length);
}

void mnist_html_format(mnist_html *html, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* Half an element would be worse than none. */
    if (length < 0 || (size_t)length >= sizeof text)
        html->failed = true;
    else
        add(html, text, (size_t)length);
}

static const char *escaped(char c)
{
    return c == '&'    ? "&amp;"
           : c == '<'  ? "&lt;"
           : c == '>'  ? "&gt;"
           : c == '"'  ? "&quot;"
           : c == '\'' ? "&#39;"
                       : NULL;
}

void mnist_html_text(mnist_html *html, const char *text)
{
    while (*text) {
        size_t length = mnist_text_printable(text);
        const char *markup = escaped(*text);
        if (markup)
            mnist_html_raw(html, markup);
        else if (length)
            add(html, text, length);
        else
            mnist_html_format(html, "\\x%02x", (unsigned char)*text);
        text += length ? length : 1;
    }
}

void mnist_html_count(mnist_html *html, size_t value)
{
    char digits[NUMBER];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%zu", value);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            mnist_html_raw(html, ",");
        add(html, digits + i, 1);
    }
}

/* The locale's decimal point, which may be several bytes, becomes one dot. */
static void write_fixed(char out[NUMBER], double value, int digits)
{
    char text[NUMBER];
    snprintf(text, sizeof text, "%.*f", digits < 9 ? digits : 9, value);
    size_t whole = strspn(text, "-0123456789");
    size_t point = strcspn(text + whole, "0123456789");
    snprintf(out, NUMBER, "%.*s%s%s", (int)whole, text, point ? "." : "",
             text + whole + point);
    /* What was rounded to nothing has no sign. */
    if (out[0] == '-' && strspn(out, "-0.") == strlen(out))
        memmove(out, out + 1, strlen(out));
}

void mnist_html_plain(mnist_html *html, double value, int digits)
{
    char text[NUMBER];
    write_fixed(text, isfinite(value) ? value : 0, digits);
    mnist_html_raw(html, text);
}

void mnist_html_number(mnist_html *html, double value, int digits)
{
    char text[NUMBER];
    if (!isfinite(value)) {
        mnist_html_raw(html, "\u2013");
        return;
    }
    write_fixed(text, value, digits);
    mnist_html_raw(html, text[0] == '-' ? "\u2212" : "");
    mnist_html_raw(html, text + (text[0] == '-'));
}

void mnist_html_percent(mnist_html *html, double fraction, int digits)
{
    mnist_html_number(html, 100 * fraction, digits);
    if (isfinite(fraction))
        mnist_html_raw(html, "\u00a0%");
}

mnist_status mnist_html_save(mnist_html *html, const char *path,
                             mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    const mnist_piece page = {html->text, html->length};
    mnist_status status =
        html->failed ? mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory",
                                  mnist_file_name(name, path))
                     : mnist_file_replace(path, &page, 1, err);
    mnist_html_free(html);
    return status;
}
