/*
 * JSON as far as a safetensors header and the program's own results need it: a
 * reader that walks along with a caller who knows what must come next, and the
 * writing of strings.
 *
 * Whatever is not expected is an error, so there is no tree and no recursion,
 * and nothing nests deeper than the caller's code, but for a value that is
 * passed over. Read strictly (RFC 8259), and more so: a string holds no NUL, an
 * integer is digits only.
 *
 *     mnist_json_start(&json, text, length, room);
 *     ok = mnist_json_open(&json, '[');
 *     while (ok && (ok = mnist_json_next(&json, ']', &more)) && more)
 *         ok = mnist_json_integer(&json, &number);
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Integers are below this, as the schema of safetensors has it. */
#define MNIST_JSON_INTEGER_END ((uint64_t)1 << 48)

/* Every function but start returns false on an error, which ends the reading:
   `at` is then the offset of what is wrong, `expected` what should be there. */
typedef struct mnist_json {
    const unsigned char *text;
    size_t length;
    size_t at;            /* the next byte */
    const char *expected; /* NULL until an error */
    char *room;           /* the next string goes here */
    bool first;           /* no element of the open bracket was read yet */
} mnist_json;

/* room: `length` bytes for the strings, which live as long as it does. They
   take less than their text: a quote each more than their NUL. */
void mnist_json_start(mnist_json *json, const void *text, size_t length,
                      char *room);

/* The caller's own finding about what stands at `at`. Returns false. */
bool mnist_json_fail(mnist_json *json, size_t at, const char *expected);

/* '{' or '['. */
bool mnist_json_open(mnist_json *json, char bracket);

/* Goes to the next element, so that `at` is its first byte; *more is false when
   `closing` stood there instead. */
bool mnist_json_next(mnist_json *json, char closing, bool *more);

/* "name" and its ':'. */
bool mnist_json_key(mnist_json *json, const char **out);

/* UTF-8 with a NUL at its end. */
bool mnist_json_string(mnist_json *json, const char **out);

bool mnist_json_integer(mnist_json *json, uint64_t *out);

/* The text of any number of JSON, lent by the text that is read. */
bool mnist_json_number(mnist_json *json, const char **out, size_t *length);

/* Whether null comes next; then it is taken. */
bool mnist_json_null(mnist_json *json);

/* Passes over any value that does not nest deeper than this. */
#define MNIST_JSON_DEPTH 32
bool mnist_json_skip(mnist_json *json);

/* Whether nothing but white space is left. */
bool mnist_json_end(mnist_json *json);

/* Most bytes that a text of `length` bytes takes as a JSON string. */
#define MNIST_JSON_QUOTED_MAX(length) (6 * (length) + 2)

/* Writes `text` as a JSON string, without a NUL, and returns its end. Bytes
   that are no UTF-8 become U+FFFD, so that what is written can be read. */
char *mnist_json_quote(char *out, const char *text);

#endif
