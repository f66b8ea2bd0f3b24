#include "data/png_write.h"

#include "base/crc32.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/deflate.h"
#include "data/png.h"

#include <string.h>

static void add_be32(mnist_buffer *out, uint32_t value)
{
    uint8_t bytes[4];
    mnist_store_be32(bytes, value);
    mnist_buffer_add(out, bytes, sizeof bytes);
}

/* Returns where it begins, for end_chunk. */
static size_t begin_chunk(mnist_buffer *out, const char *type)
{
    size_t at = out->length;
    add_be32(out, 0); /* the length, when it is known */
    mnist_buffer_add(out, type, 4);
    return at;
}

static void end_chunk(mnist_buffer *out, size_t at)
{
    if (out->failed)
        return;
    uint8_t *chunk = out->bytes + at;
    size_t length = out->length - at;
    mnist_store_be32(chunk, (uint32_t)(length - 8));
    add_be32(out, mnist_crc32(0, chunk + 4, length - 4));
}

static void add_header(mnist_buffer *out, const mnist_bitmap *bitmap)
{
    const uint8_t kind[] = {
        8, bitmap->palette ? MNIST_PNG_PALETTE : MNIST_PNG_GREY, 0, 0, 0};
    size_t chunk = begin_chunk(out, "IHDR");
    add_be32(out, (uint32_t)bitmap->cols);
    add_be32(out, (uint32_t)bitmap->rows);
    mnist_buffer_add(out, kind, sizeof kind);
    end_chunk(out, chunk);
}

static void add_palette(mnist_buffer *out, const mnist_bitmap *bitmap)
{
    size_t chunk = begin_chunk(out, "PLTE");
    for (size_t i = 0; i < bitmap->colors; i++)
        mnist_buffer_add(out, bitmap->palette[i], 3);
    end_chunk(out, chunk);
    chunk = begin_chunk(out, "tRNS");
    for (size_t i = 0; i < bitmap->colors; i++)
        mnist_buffer_byte(out, bitmap->palette[i][3]);
    end_chunk(out, chunk);
}

/* As PNG packs them: each row behind a 0, which says that it is as it is. NULL
   without memory. */
static uint8_t *make_lines(size_t *length, const mnist_bitmap *bitmap)
{
    size_t rows = bitmap->rows, cols = bitmap->cols;
    uint8_t *lines = NULL;
    if (mnist_size_mul(length, rows, cols + 1))
        lines = mnist_alloc(*length, 1);
    for (size_t y = 0; lines && y < rows; y++) {
        lines[y * (cols + 1)] = 0;
        memcpy(lines + y * (cols + 1) + 1, bitmap->pixels + y * cols, cols);
    }
    return lines;
}

static void add_pixels(mnist_buffer *out, const mnist_bitmap *bitmap)
{
    /* Deflate, window of 32 KB; together a multiple of 31. */
    static const uint8_t zlib[] = {0x78, 0x01};
    size_t length;
    uint8_t *lines = make_lines(&length, bitmap);
    if (!lines) {
        out->failed = true;
        return;
    }
    size_t chunk = begin_chunk(out, "IDAT");
    mnist_buffer_add(out, zlib, sizeof zlib);
    mnist_deflate(out, lines, length);
    add_be32(out, mnist_adler32(lines, length));
    end_chunk(out, chunk);
    mnist_free(lines);
}

void mnist_png_write(mnist_buffer *out, const mnist_bitmap *bitmap)
{
    mnist_buffer_add(out, mnist_png_signature, sizeof mnist_png_signature);
    add_header(out, bitmap);
    if (bitmap->palette)
        add_palette(out, bitmap);
    add_pixels(out, bitmap);
    end_chunk(out, begin_chunk(out, "IEND"));
}
