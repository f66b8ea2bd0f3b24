/* Base64, in which bytes lie in a page or a mail. Source: RFC 4648, section 4
   (the alphabet with + and /, padded with =). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* How many characters `length` bytes take; false if that does not fit. */
bool mnist_base64_length(size_t *out, size_t length);

/* Writes them without a NUL or a line end, and returns their end. */
char *mnist_base64_encode(char *out, const void *bytes, size_t length);

#endif
