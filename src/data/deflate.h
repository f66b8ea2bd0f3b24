/*
 * Packing with deflate's fixed codes, in which runs of one value are short:
 * what is drawn here has much of nothing in it. data/inflate.h unpacks.
 * Source: RFC 1951.
 */
#ifndef DATA_DEFLATE_H
#define DATA_DEFLATE_H

#include "base/buffer.h"

/* Adds the bytes as one block, the last of its stream. */
void mnist_deflate(mnist_buffer *out, const uint8_t *bytes, size_t length);

#endif
