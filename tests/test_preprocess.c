/* MNIST's form: against values made elsewhere, and what holds of any picture.
 */
#include "golden/preprocess.h"

#include <mnist/preprocess.h>
#include <mnist/random.h>
#include <mnist/synth.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_preprocess / sizeof *golden_preprocess;
         i++) {
        const golden_picture *g = &golden_preprocess[i];
        size_t count = g->out_rows * g->out_cols;
        uint8_t *out = malloc(count);
        assert_non_null(out);
        int ink = mnist_preprocess(out, g->out_rows, g->out_cols, g->in,
                                   g->rows, g->cols);
        if (ink != (g->out != NULL))
            fail_msg("%s: ink %d", g->name, ink);
        for (size_t p = 0; p < count && ink; p++)
            if (out[p] != g->out[p])
                fail_msg("%s: pixel %zu is %d, expected %d", g->name, p, out[p],
                         g->out[p]);
        free(out);
    }
}

/* Where a drawing lies, how large it is and whether its paper is black or grey
   makes no difference. */
static void test_moved_and_grown(void **state)
{
    uint8_t digit[28 * 28], large[90 * 100], once[28 * 28], again[28 * 28];
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        mnist_synth_digit(digit, 28, 28, 5, i);
        memset(large, 0, sizeof large);
        for (size_t p = 0; p < 56 * 56; p++)
            large[(p / 56 + i) * 100 + p % 56 + 2 * i] =
                digit[p / 56 / 2 * 28 + p % 56 / 2];
        assert_true(mnist_preprocess(once, 28, 28, digit, 28, 28));
        assert_true(mnist_preprocess(again, 28, 28, large, 90, 100));
        assert_memory_equal(once, again, sizeof once);
        for (size_t p = 0; p < sizeof large; p++)
            large[p] = (uint8_t)(100 + large[p] / 2);
        assert_true(mnist_preprocess(again, 28, 28, large, 90, 100));
        for (size_t p = 0; p < sizeof once; p++)
            assert_true(abs(once[p] - again[p]) <= 8);
    }
}

/* Blocks that are not a byte too large, so that a sanitizer sees all. */
static void test_odd_sizes(void **state)
{
    static const size_t sides[] = {1, 2, 3, 7, 29, 64};
    enum { SIDES = sizeof sides / sizeof *sides };
    mnist_random random = mnist_random_stream(6, MNIST_RANDOM_SYNTH, 0);
    (void)state;
    for (size_t i = 0; i < SIDES * SIDES * SIDES * SIDES; i++) {
        size_t rows = sides[i % SIDES], cols = sides[i / SIDES % SIDES];
        size_t R = sides[i / SIDES / SIDES % SIDES];
        size_t C = sides[i / SIDES / SIDES / SIDES];
        uint8_t *in = malloc(rows * cols), *out = malloc(R * C);
        unsigned most = 0;
        assert_true(in && out);
        for (size_t p = 0; p < rows * cols; p++)
            in[p] = mnist_random_below(&random, 4)
                        ? 0
                        : (uint8_t)mnist_random_below(&random, 256);
        if (mnist_preprocess(out, R, C, in, rows, cols)) {
            for (size_t p = 0; p < R * C; p++)
                most = out[p] > most ? out[p] : most;
            assert_int_equal(most, 255);
        }
        free(in);
        free(out);
    }
}

static void test_looks_inverted(void **state)
{
    uint8_t pixels[5 * 4];
    (void)state;
    memset(pixels, 127, sizeof pixels);
    assert_false(mnist_looks_inverted(pixels, 5, 4));
    memset(pixels, 128, sizeof pixels);
    assert_true(mnist_looks_inverted(pixels, 5, 4));
    /* Only the border counts, and all of it. */
    memset(pixels, 0, sizeof pixels);
    for (size_t i = 0; i < 6; i++)
        pixels[(i / 2 + 1) * 4 + 1 + i % 2] = 255;
    assert_false(mnist_looks_inverted(pixels, 5, 4));
    memset(pixels, 255, 8);
    assert_false(mnist_looks_inverted(pixels, 5, 4)); /* 6 of 14 */
    memset(pixels, 255, 12);
    assert_true(mnist_looks_inverted(pixels, 5, 4)); /* 8 of 14 */
    assert_true(mnist_looks_inverted((const uint8_t *)"\xff", 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_moved_and_grown),
        cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_looks_inverted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
