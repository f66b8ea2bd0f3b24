#include "pages/png.h"

#include "base/base64.h"
#include "base/crc32.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- Deflate ---- */

/* Codes are packed from the lowest bit up. */
typedef struct bits {
    uint8_t *to;
    uint32_t held; /* not yet whole bytes */
    unsigned count;
} bits;

static void put(bits *b, uint32_t value, unsigned count)
{
    b->held |= value << b->count;
    b->count += count;
    for (; b->count >= 8; b->count -= 8, b->held >>= 8)
        *b->to++ = (uint8_t)b->held;
}

/* A Huffman code: its highest bit comes first. */
static void put_code(bits *b, uint32_t code, unsigned count)
{
    uint32_t turned = 0;
    for (unsigned i = 0; i < count; i++)
        turned |= (code >> i & 1) << (count - 1 - i);
    put(b, turned, count);
}

/* Symbol of a literal or a length in the fixed code: RFC 1951, 3.2.6. */
static void put_symbol(bits *b, unsigned symbol)
{
    if (symbol < 144)
        put_code(b, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(b, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(b, symbol - 256, 7);
    else
        put_code(b, 0xc0 + symbol - 280, 8);
}

enum { RUN_MIN = 3, RUN_MAX = 258, END = 256, FIRST_LENGTH = 257 };

/* The last byte `run` times more: a match at distance 1. Lengths 3 to 10 have
   a symbol each; then four symbols share each number of extra bits; 258 has
   its own. */
static void put_run(bits *b, unsigned run)
{
    unsigned extra = 0, offset = run - RUN_MIN;
    if (run == RUN_MAX) {
        put_symbol(b, 285);
    } else {
        while (offset >> extra >= 8)
            extra++;
        put_symbol(b, FIRST_LENGTH + 4 * extra + (offset >> extra));
        put(b, offset & ((1u << extra) - 1), extra);
    }
    put_code(b, 0, 5);
}

/* One block. Returns its end: at most 9 bits a byte and 10 more. */
static uint8_t *deflate(uint8_t *to, const uint8_t *from, size_t length)
{
    bits b = {.to = to};
    put(&b, 3, 3); /* the last block, of fixed codes */
    for (size_t i = 0; i < length;) {
        size_t run = 0;
        while (i > 0 && run < RUN_MAX && i + run < length &&
               from[i + run] == from[i - 1])
            run++;
        if (run >= RUN_MIN) {
            put_run(&b, (unsigned)run);
            i += run;
        } else {
            put_symbol(&b, from[i++]);
        }
    }
    put_symbol(&b, END);
    put(&b, 0, b.count ? 8 - b.count : 0);
    return b.to;
}

static uint32_t adler32(const uint8_t *bytes, size_t length)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < length; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* ---- Chunks ---- */

/* Closes the chunk whose data begin at `data` and end at `end`: its length
   stands 8 bytes in front, its name 4, and its checksum follows. */
static uint8_t *end_chunk(uint8_t *data, uint8_t *end, const char *name)
{
    memcpy(data - 4, name, 4);
    mnist_store_be32(data - 8, (uint32_t)(end - data));
    mnist_store_be32(end, mnist_crc32(0, data - 4, (size_t)(end - data) + 4));
    return end + 4;
}

enum { CHUNK = 8 }; /* in front of its data */

static uint8_t *put_header(uint8_t *at, const mnist_png *picture)
{
    static const uint8_t signature[] = {137, 'P', 'N', 'G', 13, 10, 26, 10};
    enum { GREY = 0, PALETTE = 3 };
    memcpy(at, signature, sizeof signature);
    at += sizeof signature + CHUNK;
    mnist_store_be32(at, (uint32_t)picture->cols);
    mnist_store_be32(at + 4, (uint32_t)picture->rows);
    const uint8_t kind[] = {8, picture->palette ? PALETTE : GREY, 0, 0, 0};
    memcpy(at + 8, kind, sizeof kind);
    return end_chunk(at, at + 13, "IHDR");
}

static uint8_t *put_palette(uint8_t *at, const mnist_png *picture)
{
    uint8_t *to = at + CHUNK;
    for (size_t i = 0; i < picture->colors; i++, to += 3)
        memcpy(to, picture->palette[i], 3);
    at = end_chunk(at + CHUNK, to, "PLTE");
    to = at + CHUNK;
    for (size_t i = 0; i < picture->colors; i++)
        *to++ = picture->palette[i][3];
    return end_chunk(at + CHUNK, to, "tRNS");
}

/* lines: each row behind a 0, which says that it is as it is. */
static uint8_t *put_pixels(uint8_t *at, const uint8_t *lines, size_t length)
{
    uint8_t *to = at + CHUNK;
    *to++ = 0x78; /* deflate, window of 32 KB */
    *to++ = 0x01; /* makes both a multiple of 31 */
    to = deflate(to, lines, length);
    mnist_store_be32(to, adler32(lines, length));
    return end_chunk(at + CHUNK, to + 4, "IDAT");
}

uint8_t *mnist_png_encode(const mnist_png *picture, size_t *length)
{
    size_t rows = picture->rows, cols = picture->cols, count, room;
    /* Chunks and palette take less than 2 KB. */
    if (!mnist_size_mul(&count, rows, cols + 1) ||
        !mnist_size_add(&room, count, count / 8 + 2048))
        return NULL;
    uint8_t *lines = malloc(count), *out = malloc(room);
    if (lines && out) {
        for (size_t y = 0; y < rows; y++) {
            lines[y * (cols + 1)] = 0;
            memcpy(lines + y * (cols + 1) + 1, picture->pixels + y * cols,
                   cols);
        }
        uint8_t *at = put_header(out, picture);
        if (picture->palette)
            at = put_palette(at, picture);
        at = put_pixels(at, lines, count);
        at = end_chunk(at + CHUNK, at + CHUNK, "IEND");
        *length = (size_t)(at - out);
    } else {
        free(out);
        out = NULL;
    }
    free(lines);
    return out;
}

void mnist_png_write(mnist_html *html, const mnist_png *picture)
{
    size_t length, characters;
    uint8_t *file = mnist_png_encode(picture, &length);
    mnist_html_raw(html, "data:image/png;base64,");
    if (!file || !mnist_base64_length(&characters, length)) {
        html->failed = true;
    } else {
        char *to = mnist_html_grow(html, characters);
        if (to)
            mnist_base64_encode(to, file, length);
    }
    free(file);
}
