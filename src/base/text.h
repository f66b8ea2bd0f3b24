/* Numbers and text as they stand in files and network lines: locale-free, and
   safe to show. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The whole of text[0..length-1] as a number; false, with *out untouched, if it
 * is anything else.
 * u64: digits only, no sign, no leading zero but in "0" itself.
 * float: digits with an optional '-', '.', and exponent ("1e-4"); finite.
 */
bool mnist_text_u64(uint64_t *out, const char *text, size_t length);
bool mnist_text_float(float *out, const char *text, size_t length);

/* The same into a double, right to a few units of its last place; a number with
   up to 15 digits and a value of 1e-22 to 1e22 is the nearest double. */
bool mnist_text_real(double *out, const char *text, size_t length);

/* The shortest text of those with up to 9 digits that reads back as `value`,
   with a '.' in every locale. Returns `out`. */
#define MNIST_FLOAT_TEXT 24
char *mnist_float_text(char out[MNIST_FLOAT_TEXT], float value);

/*
 * A double as C writes it in hexadecimal ("0x1.8p-3"), so that it survives to
 * the last bit; "inf", "-inf" and "nan" too, all NaNs being one. Only the text
 * that is written is read: one text a number. The caller who wants a number
 * that is finite asks isfinite.
 */
#define MNIST_DOUBLE_TEXT 32
bool mnist_text_double(double *out, const char *text, size_t length);
char *mnist_double_text(char out[MNIST_DOUBLE_TEXT], double value);

/* Length of the UTF-8 character at `text` if a terminal or a page may be shown
   it; 0 for a byte of something else, a control character, or the end. */
size_t mnist_text_printable(const char *text);

/* Text from a file made fit for a message: bytes that do not print become
   \xNN, and what is over 64 bytes is cut with "...". Returns `out`. */
#define MNIST_QUOTE_MAX 264
char *mnist_quote(char out[MNIST_QUOTE_MAX], const void *bytes, size_t length);

/*
 * The candidate nearest to a mistyped word by edits (insertions, deletions,
 * changes, swaps of neighbours), or NULL if none is near enough to be meant.
 */
const char *mnist_nearest(const char *word, const char *const *candidates,
                          size_t count);

#endif
