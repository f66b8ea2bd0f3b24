#include "base/buffer.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* Doubles, so that adding is cheap however little is added at once. */
static bool make_room(mnist_buffer *buffer, size_t more)
{
    enum { FIRST = 4096 };
    size_t needed, room = buffer->room < FIRST ? FIRST : buffer->room;
    if (buffer->failed || !mnist_size_add(&needed, buffer->length, more))
        return false;
    while (room < needed)
        room = room > SIZE_MAX / 2 ? needed : 2 * room;
    if (room <= buffer->room)
        return true;
    uint8_t *larger = mnist_alloc(room, 1);
    if (!larger)
        return false;
    if (buffer->length > 0)
        memcpy(larger, buffer->bytes, buffer->length);
    mnist_free(buffer->bytes);
    buffer->bytes = larger;
    buffer->room = room;
    return true;
}

uint8_t *mnist_buffer_grow(mnist_buffer *buffer, size_t length)
{
    if (!make_room(buffer, length)) {
        buffer->failed = true;
        return NULL;
    }
    uint8_t *to = buffer->bytes + buffer->length;
    buffer->length += length;
    return to;
}

void mnist_buffer_add(mnist_buffer *buffer, const void *bytes, size_t length)
{
    uint8_t *to = mnist_buffer_grow(buffer, length);
    if (to && length > 0)
        memcpy(to, bytes, length);
}

void mnist_buffer_piece(mnist_buffer *buffer, const mnist_piece *piece)
{
    mnist_buffer_add(buffer, piece->bytes, piece->length);
}

void mnist_buffer_byte(mnist_buffer *buffer, uint8_t byte)
{
    mnist_buffer_add(buffer, &byte, 1);
}

void mnist_buffer_text(mnist_buffer *buffer, const char *text)
{
    mnist_buffer_add(buffer, text, strlen(text));
}

void mnist_buffer_vformat(mnist_buffer *buffer, const char *format,
                          va_list args)
{
    char text[1024];
    int length = vsnprintf(text, sizeof text, format, args);
    /* Half a statement would be worse than none. */
    if (length < 0 || (size_t)length >= sizeof text)
        buffer->failed = true;
    else
        mnist_buffer_add(buffer, text, (size_t)length);
}

void mnist_buffer_format(mnist_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    mnist_buffer_vformat(buffer, format, args);
    va_end(args);
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
        to = mnist_buffer_grow(buffer, length);
    else
        buffer->failed = true;
    for (size_t i = 0; to && i < count; i++, to += 4) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        mnist_store_le32(to, bits);
    }
}

typedef mnist_status writer(const char *path, const mnist_piece *pieces,
                            size_t count, mnist_error *err);

static mnist_status write_with(writer *write, const mnist_buffer *buffer,
                               const char *path, mnist_error *err)
{
    const mnist_piece piece = {buffer->bytes, buffer->length};
    char name[MNIST_FILE_NAME];
    if (buffer->failed)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "%s: out of memory after %zu bytes",
                          mnist_file_name(name, path), buffer->length);
    return write(path, &piece, 1, err);
}

mnist_status mnist_buffer_save(const mnist_buffer *buffer, const char *path,
                               mnist_error *err)
{
    return write_with(mnist_file_write, buffer, path, err);
}

mnist_status mnist_buffer_replace(const mnist_buffer *buffer, const char *path,
                                  mnist_error *err)
{
    return write_with(mnist_file_replace, buffer, path, err);
}

void mnist_buffer_free(mnist_buffer *buffer)
{
    mnist_free(buffer->bytes);
    *buffer = (mnist_buffer){0};
}
