/* The kernels for pictures of every set against plain loops that say what
   pictures.h says, bit for bit, with what lies beside their outputs guarded. */
#include "kernels/kernels.h"
#include "kernels/pictures.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LANES = MNIST_LANES, ROOM = 32000 };

/* Operands, and two outputs that must be alike. One float off the beginning of
   vectors, so that nothing rests on alignment. */
static float a[ROOM], b[ROOM], got[ROOM], want[ROOM];

static void fill_all(uint64_t seed, bool awkward)
{
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, 0);
    (awkward ? fill_awkward : fill_plain)(&r, a, ROOM);
    (awkward ? fill_awkward : fill_plain)(&r, b, ROOM);
    fill_plain(&r, got, ROOM);
    memcpy(want, got, sizeof got);
}

static void compare(const char *what)
{
    char name[80];
    snprintf(name, sizeof name, "%s: %s", mnist_kernels_now()->name, what);
    assert_same_floats(name, got, want, ROOM);
}

static const mnist_picture_kernels *kernels(void)
{
    return mnist_kernels_now()->pictures;
}

/* ----------------------------------------------------------- convolution */

static void convolve(const mnist_convolution *c)
{
    for (size_t p = 0; p < c->pixels; p++)
        for (size_t f = 0; f < c->filters; f++)
            for (size_t l = 0; l < LANES; l++) {
                float s = 0;
                for (size_t r = 0; r < c->rows; r++)
                    for (size_t i = 0; i < c->run; i++)
                        s = fmaf(
                            c->x[p * c->x_pixel + r * c->x_row + i * LANES + l],
                            c->w[r * c->w_row + i * c->w_value + f], s);
                s = c->b ? s + c->b[f] : s;
                c->y[p * c->y_pixel + f * LANES + l] = c->relu && s < 0 ? 0 : s;
            }
}

static void check_convolve(size_t pixels, size_t filters, size_t rows,
                           size_t run, unsigned odd)
{
    mnist_convolution c = {
        .pixels = pixels,
        .filters = filters,
        .rows = rows,
        .run = run,
        .x = a + 1,
        .x_pixel = (odd % 3 + 1) * LANES,
        .x_row = (run + pixels) * LANES + odd % 2,
        .w = b + 1,
        .w_row = run * (filters + 2) + 1,
        .w_value = filters + odd % 2,
        .b = odd % 4 < 2 ? b + ROOM - filters : NULL,
        .relu = odd % 2,
        .y = got + 1,
        .y_pixel = filters * LANES + odd % 5,
    };
    fill_all(odd, odd % 7 == 6);
    kernels()->convolve(&c);
    c.y = want + 1;
    convolve(&c);
    compare("convolve");
}

/* Every number of filters a tile has, and some tiles; of pixels as well. */
static void convolve_is_a_chain_for_each_value(void **state)
{
    (void)state;
    static const size_t windows[][2] = {{1, 1}, {3, 3}, {2, 7}, {3, 0}, {0, 4}};
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t filters = 1; filters <= 35; filters++)
            for (size_t pixels = 0; pixels <= 13; pixels++) {
                size_t w = (filters + pixels) % 5;
                check_convolve(pixels, filters, windows[w][0], windows[w][1],
                               (unsigned)(filters * 14 + pixels));
            }
}

/* -------------------------------------------------------------- gradient */

/* One lane's chain; without x it is 1. */
static float chain(const mnist_places *at, const float *x, const float *dy)
{
    float s = 0;
    for (size_t k = 0; k < at->blocks; k++)
        for (size_t r = 0; r < at->rows; r++)
            for (size_t p = 0; p < at->pixels; p++) {
                size_t from = k * at->x_block + r * at->x_row + p * at->x_pixel;
                s = fmaf(
                    x ? x[from] : 1.0f,
                    dy[k * at->dy_block + r * at->dy_row + p * at->dy_pixel],
                    s);
            }
    return s;
}

static void check_gradient(const mnist_places *at, size_t filters, bool same)
{
    enum { VALUES = MNIST_GRADIENT_VALUES };
    const float *x[VALUES] = {a + 1, a + 1 + 5 * LANES, a + 1 + 2 * LANES};
    const float *dy = b + 1;
    if (same)
        x[1] = x[2] = x[0];
    fill_all(filters, filters == 8);
    kernels()->gradient(at, x, dy, filters, got + 1);
    for (size_t i = 0; i < VALUES; i++)
        for (size_t j = 0; j < filters * LANES; j++)
            want[1 + i * filters * LANES + j] +=
                chain(at, x[i] + j % LANES, dy + j);
    compare("gradient");
    kernels()->add_places(at, dy, filters, got + 1);
    for (size_t j = 0; j < filters * LANES; j++)
        want[1 + j] += chain(at, NULL, dy + j);
    compare("add_places");
}

static void gradient_adds_a_chain_for_each_lane(void **state)
{
    (void)state;
    static const size_t boxes[][3] = {{1, 1, 1}, {1, 2, 7}, {3, 1, 2},
                                      {2, 3, 3}, {1, 4, 0}, {0, 1, 1}};
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
            for (size_t filters = 1; filters <= MNIST_GRADIENT_FILTERS;
                 filters++) {
                const mnist_places at = {
                    .blocks = boxes[i][0],
                    .rows = boxes[i][1],
                    .pixels = boxes[i][2],
                    .x_block = 40 * LANES + 1,
                    .x_row = 9 * LANES,
                    .x_pixel = LANES,
                    .dy_block = 70 * filters * LANES,
                    .dy_row = 8 * (filters + 1) * LANES,
                    .dy_pixel = (filters + 1) * LANES,
                };
                check_gradient(&at, filters, i % 2);
            }
}

/* --------------------------------------------------------------- pooling */

static size_t in_window(const mnist_windows *w, size_t o, size_t pixel,
                        size_t i)
{
    return pixel / w->width * w->row +
           (o * w->width + pixel % w->width) * w->n + i;
}

static void average(const mnist_windows *w, const float *x, float *y)
{
    size_t area = w->height * w->width;
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < w->n; i++) {
            float s = 0;
            for (size_t p = 0; p < area; p++)
                s += x[in_window(w, o, p, i)];
            y[o * w->n + i] = s / (float)area;
        }
}

static void average_backward(const mnist_windows *w, const float *dy, float *dx)
{
    size_t area = w->height * w->width;
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < w->n; i++)
            for (size_t p = 0; p < area; p++)
                dx[in_window(w, o, p, i)] = dy[o * w->n + i] / (float)area;
}

static size_t find_largest(const mnist_windows *w, const float *x, size_t o,
                           size_t i)
{
    size_t best = 0;
    for (size_t p = 0; p < w->height * w->width; p++) {
        float value = x[in_window(w, o, p, i)];
        float most = x[in_window(w, o, best, i)];
        if (isgreater(value, most) || (isnan(value) && !isnan(most)))
            best = p;
    }
    return best;
}

static void largest(const mnist_windows *w, const float *x, float *y)
{
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < w->n; i++)
            y[o * w->n + i] = x[in_window(w, o, find_largest(w, x, o, i), i)];
}

static void largest_backward(const mnist_windows *w, const float *x,
                             const float *dy, float *dx)
{
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < w->n; i++)
            for (size_t p = 0; p < w->height * w->width; p++)
                dx[in_window(w, o, p, i)] =
                    p == find_largest(w, x, o, i) ? dy[o * w->n + i] : 0;
}

static void check_pooling(const mnist_windows *w, uint64_t seed)
{
    const mnist_picture_kernels *k = kernels();
    fill_all(seed, seed % 3 == 2);
    for (size_t i = 0; i < ROOM; i += 7) /* equal values are common */
        a[i] = a[i / 5];
    k->average(w, a + 1, got + 1);
    average(w, a + 1, want + 1);
    compare("average");
    k->average_backward(w, b + 1, got + 1);
    average_backward(w, b + 1, want + 1);
    compare("average_backward");
    k->largest(w, a + 1, got + 1);
    largest(w, a + 1, want + 1);
    compare("largest");
    k->largest_backward(w, a + 1, b + 1, got + 1);
    largest_backward(w, a + 1, b + 1, want + 1);
    compare("largest_backward");
}

static void pooling_is_what_the_table_says(void **state)
{
    (void)state;
    uint64_t seed = 0;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t height = 1; height <= 4; height++)
            for (size_t width = 1; width <= 4; width++)
                for (size_t c = 1; c <= 3; c++) {
                    const mnist_windows w = {
                        .count = c + 1,
                        .height = height,
                        .width = width,
                        .n = c * LANES,
                        .row = (c + 1) * width * c * LANES + c,
                    };
                    check_pooling(&w, seed++);
                }
}

/* --------------------------------------------------------- lanes and rows */

static void lanes_are_added_in_pairs(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t n = 0; n < 20; n++) {
            fill_all(n, n % 4 == 3);
            for (size_t i = 0; i < n; i++) {
                const float *x = a + 1 + i * LANES;
                float four[4];
                for (size_t l = 0; l < 4; l++)
                    four[l] = (x[l] + x[l + 8]) + (x[l + 4] + x[l + 12]);
                want[1 + i] = (four[0] + four[2]) + (four[1] + four[3]);
            }
            kernels()->sum_lanes(n, a + 1, got + 1);
            compare("sum_lanes");
        }
}

static void rows_become_blocks_and_rows(void **state)
{
    (void)state;
    enum { GAP = 3 };
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t lanes = 0; lanes <= LANES; lanes++)
            for (size_t n = 0; n < 23; n++) {
                fill_all(n, true);
                for (size_t i = 0; i < n; i++)
                    for (size_t l = 0; l < LANES; l++)
                        want[1 + i * LANES + l] =
                            l < lanes ? a[1 + l * (n + GAP) + i] : 0;
                kernels()->from_rows(lanes, n, a + 1, n + GAP, got + 1);
                compare("from_rows");
                for (size_t i = 0; i < n; i++)
                    for (size_t l = 0; l < lanes; l++)
                        want[1 + l * (n + GAP) + i] = b[1 + i * LANES + l];
                kernels()->to_rows(lanes, n, b + 1, got + 1, n + GAP);
                compare("to_rows");
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolve_is_a_chain_for_each_value),
        cmocka_unit_test(gradient_adds_a_chain_for_each_lane),
        cmocka_unit_test(pooling_is_what_the_table_says),
        cmocka_unit_test(lanes_are_added_in_pairs),
        cmocka_unit_test(rows_become_blocks_and_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
