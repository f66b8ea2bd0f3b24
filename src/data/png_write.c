/* Writing PNG: grey of 8 bits, not compressed, since a digit is smaller than
   the block of a disk it lies in. */
#include "base/crc32.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/png.h"

#include <string.h>

/* Of a stored block of deflate. */
enum { BLOCK_MOST = 65535, BLOCK_HEADER = 5 };

enum { CHUNK = 12, HEADER = 13, ZLIB = 2 + 4 };

static uint8_t *put_be32(uint8_t *to, uint32_t value)
{
    mnist_store_be32(to, value);
    return to + 4;
}

/* Around data that stand at to + 8 already. */
static uint8_t *put_chunk(uint8_t *to, const char *type, size_t length)
{
    mnist_store_be32(to, (uint32_t)length);
    memcpy(to + 4, type, 4);
    return put_be32(to + 8 + length, mnist_crc32(0, to + 4, 4 + length));
}

static uint8_t *put_header(uint8_t *to, size_t rows, size_t cols)
{
    static const uint8_t kind[5] = {8, MNIST_PNG_GREY, 0, 0, 0};
    memcpy(put_be32(put_be32(to + 8, (uint32_t)cols), (uint32_t)rows), kind,
           sizeof kind);
    return put_chunk(to, "IHDR", HEADER);
}

/* In blocks, the bytes standing at their end, so that each has left its place
   before another comes there. */
static uint8_t *put_stored(uint8_t *to, const uint8_t *from, size_t length)
{
    while (length > 0) {
        size_t n = length < BLOCK_MOST ? length : BLOCK_MOST;
        length -= n;
        to[0] = length == 0;
        to[1] = (uint8_t)n, to[2] = (uint8_t)(n >> 8);
        to[3] = (uint8_t)~n, to[4] = (uint8_t)(~n >> 8);
        memmove(to + BLOCK_HEADER, from, n);
        to += BLOCK_HEADER + n, from += n;
    }
    return to;
}

uint8_t *mnist_png_make(size_t *length, size_t rows, size_t cols,
                        const uint8_t *pixels)
{
    size_t plain = rows * (1 + cols);
    size_t blocks = BLOCK_HEADER * ((plain - 1) / BLOCK_MOST + 1);
    size_t stream = ZLIB + blocks + plain;
    size_t total = sizeof mnist_png_signature + 3 * CHUNK + HEADER + stream;
    uint8_t *file = mnist_alloc(total, 1);
    if (!file)
        return NULL;
    memcpy(file, mnist_png_signature, sizeof mnist_png_signature);
    uint8_t *chunk = put_header(file + sizeof mnist_png_signature, rows, cols);
    uint8_t *to = chunk + 8, *row = to + 2 + blocks;
    for (size_t y = 0; y < rows; y++) {
        row[y * (1 + cols)] = 0; /* no filter */
        memcpy(row + y * (1 + cols) + 1, pixels + y * cols, cols);
    }
    uint32_t adler = mnist_adler32(row, plain);
    *to++ = 0x78;
    *to++ = 0x01;
    put_be32(put_stored(to, row, plain), adler);
    put_chunk(put_chunk(chunk, "IDAT", stream), "IEND", 0);
    *length = total;
    return file;
}
