#include "support/png_read.h"

#include "base/crc32.h"
#include "base/file.h"
#include "data/inflate.h"
#include "support/deflate.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* The chunk that begins at *at, of that name; *at moves behind it. */
static const uint8_t *take_chunk(const uint8_t **at, const char *name,
                                 size_t *length)
{
    const uint8_t *data = *at + 8;
    *length = mnist_load_be32(*at);
    assert_memory_equal(*at + 4, name, 4);
    assert_int_equal(mnist_crc32(0, *at + 4, *length + 4),
                     mnist_load_be32(data + *length));
    *at = data + *length + 4;
    return data;
}

static void read_palette(decoded *p, const uint8_t **at)
{
    size_t length;
    const uint8_t *colors = take_chunk(at, "PLTE", &length);
    p->colors = length / 3;
    assert_true(length % 3 == 0 && p->colors >= 1 && p->colors <= 256);
    const uint8_t *opacity = take_chunk(at, "tRNS", &length);
    assert_int_equal(length, p->colors);
    for (size_t i = 0; i < p->colors; i++) {
        memcpy(p->palette[i], colors + 3 * i, 3);
        p->palette[i][3] = opacity[i];
    }
}

static void read_pixels(decoded *p, const uint8_t *data, size_t length)
{
    size_t lines = p->rows * (p->cols + 1);
    uint8_t *out = malloc(lines + 1);
    mnist_inflated result;
    p->pixels = malloc(p->rows * p->cols);
    assert_int_equal((data[0] << 8 | data[1]) % 31, 0);
    assert_int_equal(data[0], 0x78);
    assert_int_equal(mnist_inflate(&result, data + 2, length - 6, out,
                                   lines + 1, MNIST_INFLATE_IDLE),
                     MNIST_INFLATE_DONE);
    assert_int_equal(result.produced, lines);
    assert_int_equal(result.consumed, length - 6);
    assert_int_equal(mnist_load_be32(data + length - 4),
                     plain_adler32(out, lines));
    for (size_t y = 0; y < p->rows; y++) {
        const uint8_t *line = out + y * (p->cols + 1);
        assert_int_equal(line[0], 0);
        memcpy(p->pixels + y * p->cols, line + 1, p->cols);
    }
    for (size_t i = 0; p->colors && i < p->rows * p->cols; i++)
        assert_true(p->pixels[i] < p->colors);
    free(out);
}

decoded png_read(const uint8_t *file, size_t total)
{
    decoded p = {0};
    size_t length;
    const uint8_t *at = file + 8, *data;
    assert_memory_equal(file, "\x89PNG\r\n\x1a\n", 8);
    data = take_chunk(&at, "IHDR", &length);
    assert_int_equal(length, 13);
    p.cols = mnist_load_be32(data);
    p.rows = mnist_load_be32(data + 4);
    assert_int_equal(data[8], 8);
    assert_memory_equal(data + 10, "\0\0\0", 3);
    if (data[9] == 3)
        read_palette(&p, &at);
    else
        assert_int_equal(data[9], 0);
    data = take_chunk(&at, "IDAT", &length);
    read_pixels(&p, data, length);
    take_chunk(&at, "IEND", &length);
    assert_int_equal(length, 0);
    assert_int_equal((size_t)(at - file), total);
    return p;
}

decoded png_read_base64(const char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t characters = strcspn(text, "=\""), length = characters * 6 / 8;
    uint8_t *file = malloc(length + 1);
    uint32_t held = 0;
    for (size_t i = 0; i < characters; i++) {
        const char *found = strchr(alphabet, text[i]);
        assert_non_null(found);
        held = held << 6 | (uint32_t)(found - alphabet);
        if (i % 4)
            file[i / 4 * 3 + i % 4 - 1] = (uint8_t)(held >> (6 - 2 * (i % 4)));
    }
    decoded p = png_read(file, length);
    free(file);
    return p;
}
