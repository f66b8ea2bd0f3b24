#include "pages/html.h"

#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER = 352 }; /* a double's 309 digits, groups, a point and more */

void mnist_html_raw(mnist_html *html, const char *markup)
{
    mnist_buffer_text(html, markup);
}

void mnist_html_format(mnist_html *html, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    mnist_buffer_vformat(html, format, args);
    va_end(args);
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
            mnist_buffer_add(html, text, length);
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
        mnist_buffer_byte(html, (uint8_t)digits[i]);
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
    mnist_status status = mnist_buffer_replace(html, path, err);
    mnist_buffer_free(html);
    return status;
}
