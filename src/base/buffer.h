/*
 * Bytes that grow, for a file that is made in memory before it is written.
 *
 *     mnist_buffer b = {0};
 *     mnist_buffer_format(&b, "%zu images\n", count);
 *     status = mnist_buffer_save(&b, path, err);
 *     mnist_buffer_free(&b);
 *
 * Running out of memory is remembered: what follows is left out, and saving
 * fails. So a writer has no errors of its own to look after.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/file.h"

#include <mnist/error.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mnist_buffer {
    uint8_t *bytes;
    size_t length, room;
    bool failed;
} mnist_buffer;

/* `length` more bytes, which the caller fills; NULL without memory. */
uint8_t *mnist_buffer_grow(mnist_buffer *buffer, size_t length);

void mnist_buffer_add(mnist_buffer *buffer, const void *bytes, size_t length);
void mnist_buffer_piece(mnist_buffer *buffer, const mnist_piece *piece);
void mnist_buffer_byte(mnist_buffer *buffer, uint8_t byte);

/* Text without its NUL; as printf makes it, up to 1023 bytes (more is as if
   there were no memory), in a locale whose decimal point is not promised. */
void mnist_buffer_text(mnist_buffer *buffer, const char *text);
void mnist_buffer_format(mnist_buffer *buffer, const char *format, ...)
    MNIST_PRINTF(2, 3);
void mnist_buffer_vformat(mnist_buffer *buffer, const char *format,
                          va_list args) MNIST_PRINTF(2, 0);

/* The least significant byte first; `bytes` of them. */
void mnist_buffer_le(mnist_buffer *buffer, uint64_t value, unsigned bytes);
void mnist_buffer_floats(mnist_buffer *buffer, const float *values,
                         size_t count);

/* mnist_file_write or mnist_file_replace with these bytes; MNIST_ERROR_MEMORY
   if they are not all there. */
mnist_status mnist_buffer_save(const mnist_buffer *buffer, const char *path,
                               mnist_error *err);
mnist_status mnist_buffer_replace(const mnist_buffer *buffer, const char *path,
                                  mnist_error *err);

/* Releases the bytes and empties it. */
void mnist_buffer_free(mnist_buffer *buffer);

#endif
