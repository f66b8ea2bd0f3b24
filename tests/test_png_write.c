/* Pictures written as PNG. */
#include "data/png_write.h"

#include "support/png_read.h"

#include <mnist/random.h>

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Returns its size. */
static size_t check(const mnist_bitmap *p)
{
    mnist_buffer file = {0};
    mnist_png_write(&file, p);
    assert_false(file.failed);
    decoded got = png_read(file.bytes, file.length);
    assert_int_equal(got.rows, p->rows);
    assert_int_equal(got.cols, p->cols);
    assert_memory_equal(got.pixels, p->pixels, p->rows * p->cols);
    assert_int_equal(got.colors, p->palette ? p->colors : 0);
    if (p->palette)
        assert_memory_equal(got.palette, p->palette, 4 * p->colors);
    free(got.pixels);
    size_t length = file.length;
    mnist_buffer_free(&file);
    return length;
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
        check(&(mnist_bitmap){.pixels = pixels, .rows = 1, .cols = run + 7});
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
            check(&(mnist_bitmap){
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
    check(&(mnist_bitmap){pixels, 16, 16, (const uint8_t(*)[4])palette, 256});
    memset(pixels, 0, sizeof pixels);
    check(&(mnist_bitmap){pixels, 16, 16, (const uint8_t(*)[4])palette, 1});
}

/* What is drawn most, a digit on nothing, is small. */
static void test_size(void **state)
{
    uint8_t pixels[784] = {0};
    (void)state;
    for (size_t i = 200; i < 500; i += 28)
        memset(pixels + i, 250, 4);
    assert_true(
        check(&(mnist_bitmap){.pixels = pixels, .rows = 28, .cols = 28}) < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_random_pixels),
        cmocka_unit_test(test_palette),
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
