#include "base/base64.h"

#include "base/memory.h"

#include <stdint.h>

bool mnist_base64_length(size_t *out, size_t length)
{
    return mnist_size_mul(out, length / 3 + (length % 3 != 0), 4);
}

/* The group of four characters for `count` bytes, 1 to 3. */
static char *encode_group(char *out, const uint8_t *b, size_t count)
{
    enum { PAD = 64 };
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/=";
    uint32_t bits = (uint32_t)b[0] << 16;
    if (count > 1)
        bits |= (uint32_t)b[1] << 8;
    if (count > 2)
        bits |= b[2];
    *out++ = alphabet[bits >> 18];
    *out++ = alphabet[bits >> 12 & 63];
    *out++ = alphabet[count > 1 ? bits >> 6 & 63 : PAD];
    *out++ = alphabet[count > 2 ? bits & 63 : PAD];
    return out;
}

char *mnist_base64_encode(char *out, const void *bytes, size_t length)
{
    const uint8_t *b = bytes;
    for (; length >= 3; length -= 3, b += 3)
        out = encode_group(out, b, 3);
    return length ? encode_group(out, b, length) : out;
}
