/* What dense and conv2d have in common, by the words of affine.h. */
#include "layers/affine.h"

#include "layers/kinds.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GUARD 0x1.abcdp-3f

/* ------------------------------------------------------ bias, activation */

enum { MOST_ROWS = 40, MOST_COLS = 200, ROOM = MOST_ROWS * (MOST_COLS + 8) };

static void check_finish(const mnist_layer_kind *activation, size_t rows,
                         mnist_range cols, size_t gap)
{
    static float got[ROOM], want[ROOM];
    float b[MOST_COLS + 8];
    size_t n = cols.end - cols.first, y_row = n + gap;
    const mnist_layer layer = {.activation = activation,
                               .tensor = {{.data = NULL}, {.data = b}}};
    mnist_random r = mnist_random_stream(rows, MNIST_RANDOM_SYNTH, n);
    fill_plain(&r, want, ROOM);
    fill_plain(&r, b, sizeof b / sizeof *b);
    memcpy(got, want, sizeof want);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++) {
            float *y = &want[1 + i * y_row + j];
            *y = *y + b[cols.first + j];
            if (activation)
                activation->values->forward(mnist_kernels_now(), 1, y);
        }
    mnist_affine_finish(&layer, mnist_kernels_now(), rows, cols, got + 1,
                        y_row);
    assert_same_floats(mnist_kernels_now()->name, got, want, ROOM);
}

static void finish_adds_the_bias_and_activates(void **state)
{
    (void)state;
    const mnist_layer_kind *const activations[] = {
        NULL, &mnist_layer_relu, &mnist_layer_tanh, &mnist_layer_sigmoid};
    static const size_t widths[] = {1,  2,  6,  10, 16, 47,
                                    48, 49, 95, 96, 97, 200};
    static const size_t heights[] = {0, 1, 5, 17, 40};
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t a = 0; a < 4; a++)
            for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
                for (size_t h = 0; h < sizeof heights / sizeof *heights; h++) {
                    const mnist_range own = {w % 3, w % 3 + widths[w]};
                    check_finish(activations[a], heights[h], own, 0);
                    check_finish(activations[a], heights[h], own, w % 2 + 1);
                }
}

static void before_the_activation_is_its_gradient(void **state)
{
    (void)state;
    enum { N = 77 };
    float y[N], dy[N], got[N + 1];
    mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    fill_plain(&r, y, N);
    fill_plain(&r, dy, N);
    y[3] = 0;
    const struct {
        const mnist_layer_kind *kind;
        float weight[4]; /* of 1, y, y^2, and whether y > 0 */
    } all[] = {
        {NULL, {1, 0, 0, 0}},
        {&mnist_layer_relu, {0, 0, 0, 1}},
        {&mnist_layer_tanh, {1, 0, -1, 0}},
        {&mnist_layer_sigmoid, {0, 1, -1, 0}},
    };
    for (size_t a = 0; a < 4; a++) {
        const mnist_layer layer = {.activation = all[a].kind};
        const float *k = all[a].weight;
        double exact[N];
        for (size_t i = 0; i < N; i++)
            exact[i] =
                (double)dy[i] * ((double)k[0] + (double)(k[1] * y[i]) +
                                 (double)k[2] * (double)y[i] * (double)y[i] +
                                 (y[i] > 0 ? (double)k[3] : 0));
        memcpy(got, dy, sizeof dy);
        got[N] = GUARD;
        mnist_affine_before_activation(&layer, mnist_kernels_now(), N, y, got,
                                       got);
        assert_close("dy", got, exact, N, 1e-6, 1e-5);
        assert_true(got[N] == GUARD);
        memset(got, 0, N * sizeof *got);
        mnist_affine_before_activation(&layer, mnist_kernels_now(), N, y, dy,
                                       got);
        assert_close("dx", got, exact, N, 1e-6, 1e-5);
        assert_true(got[N] == GUARD);
    }
}

/* -------------------------------------------------------------- transpose */

/* Where (i, j) lies in a matrix by the definition of panels. */
static size_t place_of(const mnist_matrix *m, size_t i, size_t j)
{
    size_t panel = j / 64 * 64;
    size_t width = m->cols - panel < 64 ? m->cols - panel : 64;
    return m->panels ? panel * m->rows + i * width + j % 64 : i * m->cols + j;
}

static void check_transpose(size_t rows, size_t columns, mnist_range down,
                            mnist_range range, bool panels)
{
    size_t total = rows * columns;
    float *w = malloc(total * sizeof *w);
    float *got = malloc(total * sizeof *got);
    float *want = malloc(total * sizeof *want);
    assert_true(w && got && want);
    const mnist_matrix matrix = {w, rows, columns, panels};
    for (size_t i = 0; i < total; i++) {
        w[i] = (float)i;
        got[i] = want[i] = GUARD;
    }
    for (size_t j = range.first; j < range.end; j++)
        for (size_t i = down.first; i < down.end; i++)
            want[j * rows + i] = w[place_of(&matrix, i, j)];
    mnist_affine_transpose(&matrix, down, range, got);
    assert_same_floats("transpose", got, want, total);
    free(w);
    free(got);
    free(want);
}

static void a_range_is_transposed(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 10, 15, 16, 17, 33, 48, 64, 65, 200};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (size_t q = 0; q < SIZES * SIZES * 2; q++) {
        size_t rows = sizes[q / 2 / SIZES], columns = sizes[q / 2 % SIZES];
        size_t half = columns / 2, third = columns / 3;
        const mnist_range all = {0, rows}, some = {rows / 3, rows / 2};
        bool panels = q % 2;
        check_transpose(rows, columns, all, (mnist_range){0, columns}, panels);
        check_transpose(rows, columns, some, (mnist_range){0, columns}, panels);
        check_transpose(rows, columns, all, (mnist_range){third, half}, panels);
        check_transpose(rows, columns, some, (mnist_range){half, columns},
                        panels);
    }
}

/* -------------------------------------------------------------- gradients */

enum { KERNEL_ROWS = 9, COLUMNS = 21, SIZE = KERNEL_ROWS * COLUMNS + COLUMNS };

/* Two rows of a part of the kernel's gradient, `zero` or not. */
static void check_take(float l1, float l2, bool zero)
{
    enum { I = 3, J = 5, COLS = 11, C_ROW = 13 };
    float w[SIZE], got[SIZE], want[SIZE], c[2 * C_ROW];
    mnist_random r = mnist_random_stream(4, MNIST_RANDOM_SYNTH, zero);
    fill_plain(&r, w, SIZE);
    w[I * COLUMNS + J] = -0.0f;
    fill_plain(&r, c, 2 * C_ROW);
    if (zero)
        memset(c, 0, sizeof c);
    for (size_t i = 0; i < SIZE; i++)
        got[i] = want[i] = GUARD;
    for (size_t row = 0; row < 2; row++)
        for (size_t col = 0; col < COLS; col++) {
            size_t at = (I + row) * COLUMNS + J + col;
            float sign = w[at] > 0 ? l1 : w[at] < 0 ? -l1 : 0;
            want[at] = c[row * C_ROW + col];
            if (l1 > 0 || l2 > 0)
                want[at] += fmaf(2 * l2, w[at], sign);
        }
    const mnist_layer layer = {.l1 = l1, .l2 = l2, .tensor = {{.data = w}}};
    const mnist_sink sink = {.w = w, .gradient = got};
    mnist_affine_gradient gradient = {&layer, mnist_kernels_now(), &sink, w,
                                      COLUMNS};
    const mnist_product_block part = {I, 2, J, COLS, c, C_ROW, zero};
    mnist_affine_take_gradient(&gradient, &part);
    assert_same_floats("gradient", got, want, SIZE);
}

static void the_penalty_is_added_to_what_is_taken(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned zero = 0; zero < 2; zero++) {
            check_take(0, 0, zero);
            check_take(0.25f, 0, zero);
            check_take(0, 0.125f, zero);
            check_take(0.25f, 0.125f, zero);
        }
}

/* A penalty makes steps where no input was: v must not only decay. */
static void a_penalty_steps_without_inputs(void **state)
{
    (void)state;
    float w[4] = {1, -2, 0, 4}, v[4] = {1, 1, 1, 1}, c[4] = {0};
    const float before[4] = {1, -2, 0, 4};
    const mnist_layer layer = {.l1 = 0.5f, .tensor = {{.data = w}}};
    const mnist_sink sink = {
        .w = w, .v = v, .factors = {0.1f, 0.5f, 0.5f, 0, 1e-7f}};
    mnist_affine_gradient gradient = {&layer, mnist_kernels_now(), &sink, w, 4};
    const mnist_product_block part = {0, 1, 0, 4, c, 4, true};
    mnist_affine_take_gradient(&gradient, &part);
    for (size_t i = 0; i < 4; i++) {
        double g = before[i] > 0 ? 0.5 : before[i] < 0 ? -0.5 : 0;
        double mean = 0.5 + 0.5 * g * g;
        assert_near("v", (double)v[i], mean, 1e-6, 0);
        assert_near("w", (double)w[i], (double)before[i] - 0.1 * g / sqrt(mean),
                    1e-6, 0);
    }
}

static void the_bias_goes_where_it_belongs(void **state)
{
    (void)state;
    float block[SIZE], got[SIZE], want[SIZE];
    const float db[3] = {1, -2, 3};
    const mnist_layer layer = {
        .l1 = 1, /* is the kernel's alone */
        .tensor = {{.data = block}, {.data = block + KERNEL_ROWS * COLUMNS}}};
    for (size_t i = 0; i < SIZE; i++)
        block[i] = got[i] = want[i] = GUARD;
    const mnist_sink sink = {.w = block, .gradient = got};
    mnist_affine_sink_bias(&layer, mnist_kernels_now(), &sink, 5, 3, db);
    memcpy(want + KERNEL_ROWS * COLUMNS + 5, db, sizeof db);
    assert_same_floats("gradient", got, want, SIZE);
    mnist_affine_sink_bias(&layer, mnist_kernels_now(), &sink, COLUMNS, 0,
                           NULL);
    assert_same_floats("gradient", got, want, SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finish_adds_the_bias_and_activates),
        cmocka_unit_test(before_the_activation_is_its_gradient),
        cmocka_unit_test(a_range_is_transposed),
        cmocka_unit_test(the_penalty_is_added_to_what_is_taken),
        cmocka_unit_test(a_penalty_steps_without_inputs),
        cmocka_unit_test(the_bias_goes_where_it_belongs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
