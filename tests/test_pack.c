/* Packing of operands, element by element, against their definition: on every
   kind of axis, from every place, into panels of every width. */
#include "kernels/pack.h"

#include <mnist/random.h>

#include "support/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GUARD 0x1.abcdp-3f

enum { PICTURES = 5 };

/* Where item number i of an axis lies, by the words of pack.h. */
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

static void check_pack(const mnist_operand *operand, size_t first, size_t count,
                       size_t k_first, size_t K, size_t width)
{
    size_t panels = (count + width - 1) / width, total = panels * width * K;
    float *got = malloc((total + 2) * sizeof *got);
    float *want = malloc((total + 2) * sizeof *want);
    assert_true(got && want);
    for (size_t i = 0; i < total + 2; i++)
        got[i] = want[i] = GUARD;
    for (size_t p = 0; p < panels; p++)
        for (size_t k = 0; k < K; k++)
            for (size_t j = 0; j < width; j++) {
                size_t i = p * width + j;
                want[1 + (p * K + k) * width + j] =
                    i >= count ? 0
                               : operand->data[place(&operand->i, first + i) +
                                               place(&operand->k, k_first + k)];
            }
    mnist_pack(operand, first, count, k_first, K, width, got + 1);
    char what[120];
    snprintf(what, sizeof what,
             "axes %d, %d: items %zu+%zu, terms %zu+%zu, panels of %zu",
             (int)operand->i.kind, (int)operand->k.kind, first, count, k_first,
             K, width);
    assert_same_floats(what, got, want, total + 2);
    free(got);
    free(want);
}

/* How many items an axis of the pictures has. */
static size_t items(const mnist_axis *axis)
{
    const mnist_window *w = axis->window;
    if (axis->kind == MNIST_AXIS_ELEMENTS)
        return w->height * w->width * w->C;
    return PICTURES * (w->H - w->height + 1) * (w->W - w->width + 1);
}

static size_t some(mnist_random *r, size_t most)
{
    return mnist_random_below(r, (uint32_t)most + 1);
}

/* Parts of an operand, the whole and none among them. */
static void check_parts(const mnist_operand *operand, size_t I, size_t K,
                        uint64_t seed)
{
    static const size_t widths[] = {1, 4, 6, 8, 16, 32, MNIST_PANEL_MAX};
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, 1);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        size_t most = K < MNIST_CHAIN ? K : MNIST_CHAIN;
        check_pack(operand, 0, I, 0, most, widths[w]);
        check_pack(operand, 0, 0, 0, most, widths[w]);
        check_pack(operand, 0, I, K - 1, 1, widths[w]);
        for (size_t i = 0; i < 12; i++) {
            size_t first = some(&r, I - 1), k_first = some(&r, K - 1);
            size_t count = some(&r, I - first), terms = K - k_first;
            terms = some(&r, terms < MNIST_CHAIN ? terms : MNIST_CHAIN);
            check_pack(operand, first, count, k_first, terms, widths[w]);
        }
    }
}

/* The operands of a convolution, on these pictures. */
static void check_window(const mnist_window *w)
{
    const size_t floats = PICTURES * w->H * w->W * w->C;
    float *data = malloc(floats * sizeof *data);
    assert_non_null(data);
    for (size_t i = 0; i < floats; i++)
        data[i] = (float)i + 1;
    const mnist_axis patches = {MNIST_AXIS_PATCHES, 0, w};
    const mnist_axis elements = {MNIST_AXIS_ELEMENTS, 0, w};
    const mnist_operand operands[] = {{data, patches, elements},
                                      {data, elements, patches}};
    for (size_t i = 0; i < 2; i++)
        check_parts(&operands[i], items(&operands[i].i), items(&operands[i].k),
                    floats + i);
    free(data);
}

static void patches_and_elements(void **state)
{
    (void)state;
    static const mnist_window windows[] = {
        {5, 7, 1, 1, 1},   {5, 7, 1, 2, 3},  {5, 7, 3, 2, 3}, {5, 7, 3, 5, 5},
        {5, 7, 2, 5, 7},   {1, 9, 4, 1, 2},  {9, 1, 4, 2, 1}, {6, 6, 1, 6, 1},
        {13, 11, 6, 3, 3}, {8, 9, 16, 3, 2}, {4, 4, 33, 2, 2}};
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        check_window(&windows[i]);
}

static void strides(void **state)
{
    (void)state;
    enum { FLOATS = 400 * 37 };
    static float data[FLOATS * 2];
    for (size_t i = 0; i < FLOATS * 2; i++)
        data[i] = (float)i + 1;
    static const size_t steps[][4] = {/* of i, of k, items, terms */
                                      {1, 37, 37, 400}, {37, 1, 400, 37},
                                      {1, 40, 33, 370}, {40, 2, 300, 15},
                                      {1, 1, 70, 300},  {0, 1, 20, 20}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const mnist_operand operand = {
            data,
            {MNIST_AXIS_STRIDE, steps[i][0], NULL},
            {MNIST_AXIS_STRIDE, steps[i][1], NULL},
        };
        check_parts(&operand, steps[i][2], steps[i][3], i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_and_elements),
        cmocka_unit_test(strides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
