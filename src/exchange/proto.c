#include "exchange/proto.h"

#include <string.h>

enum { VARINT = 0, BYTES = 2, VARINT_MAX = 10 };

/* Returns its length. */
static size_t encode_varint(uint8_t out[VARINT_MAX], uint64_t value)
{
    size_t length = 0;
    for (; value > 0x7f; value >>= 7)
        out[length++] = (uint8_t)(value | 0x80);
    out[length++] = (uint8_t)value;
    return length;
}

static void put_varint(mnist_buffer *to, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    mnist_buffer_add(to, bytes, encode_varint(bytes, value));
}

static void put_tag(mnist_buffer *to, unsigned field, unsigned kind)
{
    put_varint(to, field << 3 | kind);
}

void mnist_proto_integer(mnist_buffer *to, unsigned field, uint64_t value)
{
    put_tag(to, field, VARINT);
    put_varint(to, value);
}

void mnist_proto_text(mnist_buffer *to, unsigned field, const char *text)
{
    put_tag(to, field, BYTES);
    put_varint(to, strlen(text));
    mnist_buffer_text(to, text);
}

size_t mnist_proto_begin(mnist_buffer *to, unsigned field)
{
    put_tag(to, field, BYTES);
    return to->length;
}

/* The length stands before the value and takes as many bytes as it needs, so
   the value moves up. Messages are not deep: each byte moves a few times. */
void mnist_proto_end(mnist_buffer *to, size_t begun)
{
    uint8_t length[VARINT_MAX];
    size_t value = to->length - begun;
    size_t size = encode_varint(length, value);
    mnist_buffer_add(to, length, size);
    if (to->failed)
        return;
    memmove(to->bytes + begun + size, to->bytes + begun, value);
    memcpy(to->bytes + begun, length, size);
}
