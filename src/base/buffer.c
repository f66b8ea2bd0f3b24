#include "base/buffer.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for `more` bytes behind those that are there; where they begin, or NULL.
   Doubles, so that adding is cheap however little is added at once. */
static uint8_t *reserve(mnist_buffer *buffer, size_t more)
{
    enum { FIRST = 4096 };
    size_t needed, room = buffer->room < FIRST ? FIRST : buffer->room;
    if (buffer->failed)
        return NULL;
    if (!mnist_size_add(&needed, buffer->length, more)) {
        buffer->failed = true;
        return NULL;
    }
    while (room < needed)
        room = room > SIZE_MAX / 2 ? needed : 2 * room;
    if (room > buffer->room) {
        uint8_t *larger = mnist_alloc(room, 1);
        if (!larger) {
            buffer->failed = true;
            return NULL;
        }
        if (buffer->length > 0)
            memcpy(larger, buffer->bytes, buffer->length);
        mnist_free(buffer->bytes);
        buffer->bytes = larger;
        buffer->room = room;
    }
    return buffer->bytes + buffer->length;
}

void mnist_buffer_add(mnist_buffer *buffer, const void *bytes, size_t length)
{
    uint8_t *to = reserve(buffer, length);
    if (!to || length == 0)
        return;
    memcpy(to, bytes, length);
    buffer->length += length;
}

void mnist_buffer_byte(mnist_buffer *buffer, uint8_t byte)
{
    mnist_buffer_add(buffer, &byte, 1);
}

void mnist_buffer_text(mnist_buffer *buffer, const char *text)
{
    mnist_buffer_add(buffer, text, strlen(text));
}

void mnist_buffer_format(mnist_buffer *buffer, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mnist_buffer_text(buffer, text);
}

void mnist_buffer_le(mnist_buffer *buffer, uint64_t value, unsigned bytes)
{
    uint8_t all[8];
    mnist_store_le64(all, value);
    mnist_buffer_add(buffer, all, bytes);
}

void mnist_buffer_floats(mnist_buffer *buffer, const float *values,
                         size_t count)
{
    size_t length;
    uint8_t *to = NULL;
    if (mnist_size_mul(&length, count, sizeof *values))
        to = reserve(buffer, length);
    else
        buffer->failed = true;
    if (!to)
        return;
    for (size_t i = 0; i < count; i++, to += 4) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        mnist_store_le32(to, bits);
    }
    buffer->length += length;
}

mnist_status mnist_buffer_save(const mnist_buffer *buffer, const char *path,
                               mnist_error *err)
{
    const mnist_piece piece = {buffer->bytes, buffer->length};
    char name[MNIST_FILE_NAME];
    if (buffer->failed)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "%s: out of memory after %zu bytes",
                          mnist_file_name(name, path), buffer->length);
    return mnist_file_write(path, &piece, 1, err);
}

void mnist_buffer_free(mnist_buffer *buffer)
{
    mnist_free(buffer->bytes);
    *buffer = (mnist_buffer){0};
}
