/* Images and weights as pictures of a page. */
#include "pages/tile.h"

#include "support/png_read.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the attributes apart, and releases them. */
static decoded read_picture(mnist_html *html)
{
    char size[80];
    mnist_buffer_byte(html, '\0');
    assert_false(html->failed);
    const char *at =
        strstr((char *)html->bytes, " src=\"data:image/png;base64,");
    assert_non_null(at);
    decoded p = png_read_base64(strchr(at, ',') + 1);
    snprintf(size, sizeof size, " width=\"%zu\" height=\"%zu\" src=", p.cols,
             p.rows);
    assert_memory_equal(html->bytes, size, strlen(size));
    mnist_buffer_free(html);
    return p;
}

static void test_image(void **state)
{
    uint8_t pixels[28 * 20];
    mnist_html html = {0};
    (void)state;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 7 % 256);
    mnist_tile_image(&html, pixels, 28, 20);
    decoded p = read_picture(&html);
    assert_int_equal(p.rows, 28);
    assert_int_equal(p.cols, 20);
    assert_int_equal(p.colors, 0);
    assert_memory_equal(p.pixels, pixels, sizeof pixels);
    free(p.pixels);
}

/* 300 x 129 pixels are averaged by squares of three, those at the edge over
   what there is of them. */
static void test_large_image(void **state)
{
    enum { ROWS = 301, COLS = 130 };
    uint8_t *pixels = malloc(ROWS * COLS);
    mnist_html html = {0};
    (void)state;
    for (size_t y = 0; y < ROWS; y++)
        for (size_t x = 0; x < COLS; x++)
            pixels[y * COLS + x] =
                (uint8_t)(x / 3 * 5 + y / 3 % 20 + (x % 3 == 0 && x / 3 < 43));
    mnist_tile_image(&html, pixels, ROWS, COLS);
    decoded p = read_picture(&html);
    assert_int_equal(p.rows, 101);
    assert_int_equal(p.cols, 44);
    for (size_t y = 0; y < p.rows; y++)
        for (size_t x = 0; x < p.cols; x++)
            assert_int_equal(p.pixels[y * p.cols + x], x * 5 + y % 20);
    free(p.pixels);
    free(pixels);
    assert_int_equal(mnist_tile_step(1, 128), 1);
    assert_int_equal(mnist_tile_step(129, 1), 2);
}

/* The colour and opacity that a weight gets. */
static const uint8_t *color_of(const decoded *p, size_t i)
{
    return p->palette[p->pixels[i]];
}

static void test_weights(void **state)
{
    /* Every second one is of another unit. */
    const float weights[] = {0,     9, 0.5F, 9, 1,   9, 100,    9,
                             -0.5F, 9, -1,   9, -50, 9, 0.001F, 9};
    mnist_html html = {0};
    (void)state;
    mnist_tile_weights(&html, weights, 2, 2, 4, 1);
    decoded p = read_picture(&html);
    assert_int_equal(p.rows, 2);
    assert_int_equal(p.cols, 4);
    assert_int_equal(color_of(&p, 0)[3], 0);
    assert_in_range(color_of(&p, 1)[3], 126, 129);
    assert_int_equal(color_of(&p, 2)[3], 255);
    assert_int_equal(color_of(&p, 3)[3], 255);
    assert_in_range(color_of(&p, 4)[3], 126, 129);
    assert_int_equal(color_of(&p, 5)[3], 255);
    assert_int_equal(color_of(&p, 6)[3], 255);
    assert_int_equal(color_of(&p, 7)[3], 0);
    /* Orange has more red than blue. */
    for (size_t i = 1; i < 7; i++)
        assert_int_equal(color_of(&p, i)[0] > color_of(&p, i)[2], i < 4);
    free(p.pixels);
    mnist_tile_weights(&html, weights, 2, 1, 2, 0);
    p = read_picture(&html);
    assert_int_equal(color_of(&p, 1)[3], 0);
    free(p.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_large_image),
        cmocka_unit_test(test_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
