/*
 * Protocol Buffers, as far as writing them goes: a message is fields, each a
 * tag and a value.
 *
 *     tag       number of the field * 8 + kind of its value, a varint
 *     varint    7 bits a byte, the lowest first, bit 7 set but in the last
 *     0         a varint
 *     2         bytes: their length, a varint, and they; text, a message
 *
 * Source: protobuf.dev, "Encoding".
 */
#ifndef EXCHANGE_PROTO_H
#define EXCHANGE_PROTO_H

#include "base/buffer.h"

void mnist_proto_integer(mnist_buffer *to, unsigned field, uint64_t value);
void mnist_proto_text(mnist_buffer *to, unsigned field, const char *text);

/* What is added between these two is the value of the field: a message or
   bytes. end takes what begin returned. */
size_t mnist_proto_begin(mnist_buffer *to, unsigned field);
void mnist_proto_end(mnist_buffer *to, size_t begun);

#endif
