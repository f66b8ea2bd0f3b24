/* Terms of products, and the rows that they begin from, against the definition
   of where items lie: on every kind of axis, from every place. */
#include "kernels/product.h"

#include <mnist/random.h>

#include "support/compare.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GUARD 0x1.abcdp-3f

enum { PICTURES = 5 };

static const mnist_window windows[] = {
    {5, 7, 1, 1, 1},   {5, 7, 1, 2, 3},  {5, 7, 3, 2, 3}, {5, 7, 3, 5, 5},
    {5, 7, 2, 5, 7},   {1, 9, 4, 1, 2},  {9, 1, 4, 2, 1}, {6, 6, 1, 6, 1},
    {13, 11, 6, 3, 3}, {8, 9, 16, 3, 2}, {4, 4, 33, 2, 2}};
enum { WINDOWS = sizeof windows / sizeof *windows };

/* Where item number i of an axis lies, by the words of product.h. */
static size_t place(const mnist_axis *axis, size_t i)
{
    const mnist_window *w = axis->window;
    if (axis->kind == MNIST_AXIS_STRIDE)
        return i * axis->stride;
    if (axis->kind == MNIST_AXIS_ELEMENTS) {
        size_t c = i % w->C, kx = i / w->C % w->width;
        size_t ky = i / w->C / w->width;
        return (ky * w->W + kx) * w->C + c;
    }
    size_t OH = w->H - w->height + 1, OW = w->W - w->width + 1;
    size_t ox = i % OW, oy = i / OW % OH, n = i / OW / OH;
    return ((n * w->H + oy) * w->W + ox) * w->C;
}

/* How many items an axis has. */
static size_t items(const mnist_axis *axis)
{
    const mnist_window *w = axis->window;
    if (axis->kind == MNIST_AXIS_STRIDE)
        return 700;
    if (axis->kind == MNIST_AXIS_ELEMENTS)
        return w->height * w->width * w->C;
    return PICTURES * (w->H - w->height + 1) * (w->W - w->width + 1);
}

/* The axes of all windows, and some strides. */
enum { STRIDES = 4, AXES = STRIDES + 2 * WINDOWS };

static mnist_axis axis_number(size_t i)
{
    static const size_t strides[STRIDES] = {0, 1, 3, 784};
    if (i < STRIDES)
        return mnist_axis_stride(strides[i]);
    const mnist_window *window = &windows[(i - STRIDES) / 2];
    return (i - STRIDES) % 2 ? mnist_axis_patches(window)
                             : mnist_axis_elements(window);
}

static void check_terms(size_t first, size_t second)
{
    const mnist_axis a = axis_number(first), b = axis_number(second);
    size_t K = items(&a) < items(&b) ? items(&a) : items(&b);
    const mnist_term guard = {0xabcdef01u, 0x12345678u};
    /* Of the size that is written, so that more is seen by a sanitizer. */
    mnist_term *term = malloc((K + 1) * sizeof *term);
    assert_non_null(term);
    for (size_t count = K - 1; count <= K; count++) {
        term[count] = guard;
        mnist_terms(count, a, b, term);
        for (size_t t = 0; t < count; t++)
            if (term[t].a != place(&a, t) || term[t].b != place(&b, t))
                fail_msg("axes %zu, %zu, term %zu: %u, %u; expected %zu, %zu",
                         first, second, t, term[t].a, term[t].b, place(&a, t),
                         place(&b, t));
        assert_true(term[count].a == guard.a && term[count].b == guard.b);
    }
    free(term);
}

static void terms_are_where_items_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < AXES; i++)
        for (size_t j = 0; j < AXES; j++)
            check_terms(i, j);
}

static void no_terms_are_written_for_none(void **state)
{
    (void)state;
    mnist_term term = {1, 2};
    mnist_terms(0, mnist_axis_stride(5), mnist_axis_patches(windows), &term);
    assert_true(term.a == 1 && term.b == 2);
}

/* Offsets that fit 32 bits must not be cut to 31. */
static void terms_may_lie_far(void **state)
{
    (void)state;
    mnist_term term[3];
    mnist_terms(3, mnist_axis_stride(0x7fffffffu),
                mnist_axis_stride(0x60000000u), term);
    assert_true(term[2].a == 0xfffffffeu && term[2].b == 0xc0000000u);
}

/* A product with one term, times 1: c is what the rows begin with. */
static void check_rows(const mnist_axis *axis, const float *data,
                       mnist_range rows)
{
    const mnist_kernels *kernels = mnist_kernels_now();
    const mnist_term term = {0, 0};
    const float one = 1;
    size_t count = rows.end - rows.first;
    float *got = malloc((count + 2) * sizeof *got);
    float *want = malloc((count + 2) * sizeof *want);
    assert_true(got && want);
    got[0] = want[0] = got[count + 1] = want[count + 1] = GUARD;
    for (size_t i = 0; i < count; i++) {
        got[1 + i] = GUARD;
        want[1 + i] = data[place(axis, rows.first + i)];
    }
    const mnist_product product = {
        .a = data,
        .rows = *axis,
        .b = &one,
        .term = &term,
        .chains = 1,
        .K_last = 1,
        .c = (float *)((uintptr_t)(got + 1) - rows.first * sizeof *got),
        .c_row = 1,
    };
    mnist_product_run(&product, &kernels->wide, rows, (mnist_range){0, 1});
    assert_same_floats("wide", got, want, count + 2);
    for (size_t i = 0; i < count; i++)
        got[1 + i] = GUARD;
    mnist_product_run(&product, &kernels->narrow, rows, (mnist_range){0, 1});
    assert_same_floats("narrow", got, want, count + 2);
    free(got);
    free(want);
}

static void rows_are_where_items_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < AXES; i++) {
        const mnist_axis axis = axis_number(i);
        size_t M = items(&axis), floats = 1;
        for (size_t r = 0; r < M; r++)
            floats =
                place(&axis, r) + 1 > floats ? place(&axis, r) + 1 : floats;
        float *data = malloc(floats * sizeof *data);
        assert_non_null(data);
        for (size_t f = 0; f < floats; f++)
            data[f] = (float)f + 1;
        mnist_random r = mnist_random_stream(i, MNIST_RANDOM_SYNTH, 0);
        check_rows(&axis, data, (mnist_range){0, M});
        check_rows(&axis, data, (mnist_range){M - 1, M});
        for (size_t j = 0; j < 20; j++) {
            size_t first = mnist_random_below(&r, (uint32_t)M + 1);
            size_t count = mnist_random_below(&r, (uint32_t)(M - first) + 1);
            check_rows(&axis, data, (mnist_range){first, first + count});
        }
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_where_items_lie),
        cmocka_unit_test(no_terms_are_written_for_none),
        cmocka_unit_test(terms_may_lie_far),
        cmocka_unit_test(rows_are_where_items_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
