/* Pictures as PNG, taken apart again by other code: the inflate that reads
   gzip files, and a checksum of chunks. */
#include "pages/png.h"

#include "base/crc32.h"
#include "data/inflate.h"

#include <mnist/random.h>

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

/* By its definition: RFC 1950, section 8.2. */
static uint32_t adler32(const uint8_t *bytes, size_t length)
{
    uint64_t a = 1, b = 0;
    for (size_t i = 0; i < length; i++) {
        a += bytes[i];
        b += a;
        if (i % 256 == 255)
            a %= 65521, b %= 65521;
    }
    return (uint32_t)(b % 65521 << 16 | a % 65521);
}

static void check_pixels(const mnist_png *p, const uint8_t *data, size_t length)
{
    size_t lines = p->rows * (p->cols + 1);
    uint8_t *out = malloc(lines + 1);
    mnist_inflated result;
    assert_int_equal((data[0] << 8 | data[1]) % 31, 0);
    assert_int_equal(data[0], 0x78);
    assert_int_equal(
        mnist_inflate(&result, data + 2, length - 6, out, lines + 1),
        MNIST_INFLATE_DONE);
    assert_int_equal(result.produced, lines);
    assert_int_equal(result.consumed, length - 6);
    assert_int_equal(mnist_load_be32(data + length - 4), adler32(out, lines));
    for (size_t y = 0; y < p->rows; y++) {
        const uint8_t *line = out + y * (p->cols + 1);
        assert_int_equal(line[0], 0);
        assert_memory_equal(line + 1, p->pixels + y * p->cols, p->cols);
    }
    free(out);
}

/* Returns its size. */
static size_t check(const mnist_png *p)
{
    size_t total, length;
    uint8_t *file = mnist_png_encode(p, &total);
    assert_non_null(file);
    assert_memory_equal(file, "\x89PNG\r\n\x1a\n", 8);
    const uint8_t *at = file + 8, *data;
    data = take_chunk(&at, "IHDR", &length);
    assert_int_equal(length, 13);
    assert_int_equal(mnist_load_be32(data), p->cols);
    assert_int_equal(mnist_load_be32(data + 4), p->rows);
    assert_int_equal(data[8], 8);
    assert_int_equal(data[9], p->palette ? 3 : 0);
    assert_memory_equal(data + 10, "\0\0\0", 3);
    if (p->palette) {
        data = take_chunk(&at, "PLTE", &length);
        assert_int_equal(length, 3 * p->colors);
        const uint8_t *opacity = take_chunk(&at, "tRNS", &length);
        assert_int_equal(length, p->colors);
        for (size_t i = 0; i < p->colors; i++) {
            assert_memory_equal(data + 3 * i, p->palette[i], 3);
            assert_int_equal(opacity[i], p->palette[i][3]);
        }
    }
    data = take_chunk(&at, "IDAT", &length);
    check_pixels(p, data, length);
    take_chunk(&at, "IEND", &length);
    assert_int_equal(length, 0);
    assert_int_equal((size_t)(at - file), total);
    free(file);
    return total;
}

/* Runs of every length, each of two values in turn, so that none joins. */
static void test_runs(void **state)
{
    enum { LONGEST = 800 };
    static uint8_t pixels[LONGEST + 7];
    (void)state;
    for (size_t run = 1; run <= LONGEST; run++) {
        memset(pixels, 200, sizeof pixels);
        memset(pixels + 3, 7, run);
        check(&(mnist_png){.pixels = pixels, .rows = 1, .cols = run + 7});
    }
}

static void test_random_pixels(void **state)
{
    static uint8_t pixels[64 * 64];
    static const size_t sizes[][2] = {{1, 1},  {1, 2},  {28, 28},
                                      {3, 64}, {64, 1}, {64, 64}};
    mnist_random random = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    (void)state;
    for (unsigned values = 2; values <= 256; values *= 2)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            for (size_t k = 0; k < sizeof pixels; k++)
                pixels[k] =
                    (uint8_t)(mnist_random_float(&random) * (float)values);
            check(&(mnist_png){
                .pixels = pixels, .rows = sizes[i][0], .cols = sizes[i][1]});
        }
}

static void test_palette(void **state)
{
    uint8_t palette[256][4], pixels[256];
    (void)state;
    for (size_t i = 0; i < 256; i++) {
        memcpy(palette[i], (const uint8_t[]){(uint8_t)i, 1, 2, (uint8_t)~i}, 4);
        pixels[i] = (uint8_t)i;
    }
    check(&(mnist_png){pixels, 16, 16, (const uint8_t(*)[4])palette, 256});
    memset(pixels, 0, sizeof pixels);
    check(&(mnist_png){pixels, 16, 16, (const uint8_t(*)[4])palette, 1});
}

/* What is drawn most, a digit on nothing, is small. */
static void test_size(void **state)
{
    uint8_t pixels[784] = {0};
    (void)state;
    for (size_t i = 200; i < 500; i += 28)
        memset(pixels + i, 250, 4);
    assert_true(check(&(mnist_png){.pixels = pixels, .rows = 28, .cols = 28}) <
                200);
}

static void test_as_data(void **state)
{
    uint8_t pixel = 9;
    mnist_html html = {0};
    (void)state;
    mnist_png_write(&html,
                    &(mnist_png){.pixels = &pixel, .rows = 1, .cols = 1});
    assert_false(html.failed);
    /* The signature and the beginning of IHDR. */
    static const char start[] = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg";
    assert_true(html.length > sizeof start);
    assert_memory_equal(html.text, start, sizeof start - 1);
    mnist_html_free(&html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),    cmocka_unit_test(test_random_pixels),
        cmocka_unit_test(test_palette), cmocka_unit_test(test_size),
        cmocka_unit_test(test_as_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
