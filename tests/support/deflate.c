#include "support/deflate.h"

#include <string.h>

void bits_number(bit_writer *w, unsigned value, unsigned count)
{
    for (unsigned i = 0; i < count; i++, w->bits++)
        w->bytes[w->bits / 8] =
            (uint8_t)(w->bytes[w->bits / 8] | (value >> i & 1) << w->bits % 8);
}

void bits_code(bit_writer *w, unsigned code, unsigned count)
{
    while (count-- > 0)
        bits_number(w, code >> count & 1, 1);
}

/* The lengths are written in a code that has all lengths 0 to 15 in 4 bits:
   the code of a length is the length. */
void bits_dynamic(bit_writer *w, const uint8_t *litlens, unsigned litlen_count,
                  const uint8_t *distances, unsigned distance_count)
{
    bits_number(w, 1, 1);
    bits_number(w, 2, 2);
    bits_number(w, litlen_count - 257, 5);
    bits_number(w, distance_count - 1, 5);
    bits_number(w, 19 - 4, 4);
    for (unsigned i = 0; i < 19; i++) /* the first three are the runs */
        bits_number(w, i < 3 ? 0 : 4, 3);
    for (unsigned i = 0; i < litlen_count; i++)
        bits_code(w, litlens[i], 4);
    for (unsigned i = 0; i < distance_count; i++)
        bits_code(w, distances[i], 4);
}

size_t bits_length(const bit_writer *w)
{
    return (w->bits + 7) / 8;
}

/* Bit by bit, as in the appendix of the PNG specification: slow, and written
   without a look at the library's. */
uint32_t plain_crc32(const uint8_t *bytes, size_t length)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? 0xedb88320 ^ crc >> 1 : crc >> 1;
    }
    return crc ^ 0xffffffff;
}

/* As RFC 1950 defines it, a byte at a time. */
uint32_t plain_adler32(const uint8_t *bytes, size_t length)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < length; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b * 65536 + a;
}

static void store_le32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};

size_t gzip_wrap(uint8_t *out, const uint8_t *deflate, size_t deflate_length,
                 const void *bytes, size_t length)
{
    memcpy(out, header, sizeof header);
    memmove(out + sizeof header, deflate, deflate_length);
    uint8_t *trailer = out + sizeof header + deflate_length;
    store_le32(trailer, plain_crc32(bytes, length));
    store_le32(trailer + 4, (uint32_t)length);
    return sizeof header + deflate_length + 8;
}

size_t gzip_stored_room(size_t length)
{
    return 18 + length + 5 * (length / 65535 + 1);
}

size_t gzip_stored(uint8_t *out, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    uint8_t *begin = out + sizeof header, *to = begin;
    size_t left = length;
    do {
        size_t n = left < 65535 ? left : 65535;
        to[0] = left == n;
        to[1] = (uint8_t)n, to[2] = (uint8_t)(n >> 8);
        to[3] = (uint8_t)~n, to[4] = (uint8_t)(~n >> 8);
        memcpy(to + 5, from, n);
        to += 5 + n, from += n, left -= n;
    } while (left > 0);
    return gzip_wrap(out, begin, (size_t)(to - begin), bytes, length);
}
