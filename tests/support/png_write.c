#include "support/png_write.h"

#include "support/deflate.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

static void store_be32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t load_be32(const uint8_t *in)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | in[i];
    return value;
}

void png_begin(png_file *png)
{
    memcpy(png->bytes, "\x89PNG\r\n\x1a\n", 8);
    png->length = 8;
}

void png_chunk(png_file *png, const char *type, const void *data, size_t length)
{
    uint8_t *to = png->bytes + png->length;
    assert_true(length + 12 <= sizeof png->bytes - png->length);
    store_be32(to, (uint32_t)length);
    memcpy(to + 4, type, 4);
    if (length)
        memcpy(to + 8, data, length);
    store_be32(to + 8 + length, plain_crc32(to + 4, 4 + length));
    png->length += 12 + length;
}

void png_header(png_file *png, size_t cols, size_t rows, unsigned depth,
                unsigned color, unsigned interlace)
{
    uint8_t data[13] = {0};
    store_be32(data, (uint32_t)cols);
    store_be32(data + 4, (uint32_t)rows);
    data[8] = (uint8_t)depth;
    data[9] = (uint8_t)color;
    data[12] = (uint8_t)interlace;
    png_chunk(png, "IHDR", data, sizeof data);
}

size_t zlib_stored(uint8_t *out, const uint8_t *bytes, size_t length)
{
    static uint8_t gzip[1 << 17];
    assert_true(gzip_stored_room(length) <= sizeof gzip);
    /* The same between another header and another trailer. */
    size_t deflate = gzip_stored(gzip, bytes, length) - 10 - 8;
    out[0] = 0x78, out[1] = 0x01;
    memcpy(out + 2, gzip + 10, deflate);
    store_be32(out + 2 + deflate, plain_adler32(bytes, length));
    return 2 + deflate + 4;
}

void png_pixels(png_file *png, const uint8_t *rows, size_t length, size_t parts)
{
    static uint8_t stream[1 << 17];
    size_t total = zlib_stored(stream, rows, length);
    for (size_t i = 0; i < parts; i++) {
        size_t begin = total * i / parts, end = total * (i + 1) / parts;
        png_chunk(png, "IDAT", stream + begin, end - begin);
    }
    png_chunk(png, "IEND", NULL, 0);
}

void png_grey(png_file *png, const uint8_t *pixels, size_t rows, size_t cols)
{
    static uint8_t filtered[1 << 16];
    assert_true(rows * (cols + 1) <= sizeof filtered);
    for (size_t y = 0; y < rows; y++) {
        filtered[y * (cols + 1)] = 0;
        memcpy(filtered + y * (cols + 1) + 1, pixels + y * cols, cols);
    }
    png_begin(png);
    png_header(png, cols, rows, 8, 0, 0);
    png_pixels(png, filtered, rows * (cols + 1), 1);
}

void png_seal(uint8_t *bytes, size_t length)
{
    size_t at = 8;
    while (length - at >= 12) {
        size_t data = load_be32(bytes + at);
        if (data > length - at - 12)
            return;
        store_be32(bytes + at + 8 + data,
                   plain_crc32(bytes + at + 4, 4 + data));
        at += 12 + data;
    }
}
