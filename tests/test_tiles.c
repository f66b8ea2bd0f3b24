/* The tiles of every set against a chain of fmaf for each element, bit for bit:
   every width, terms in any order, operands at the very end of their memory. */
#include "kernels/kernels.h"

#include <mnist/random.h>

#include "support/compare.h"
#include "support/guarded.h"
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

#define GUARD 0x1.abcdp-3f

enum { K_MOST = 1000, ROWS = MNIST_TILE_ROWS, COLS = MNIST_TILE_COLS };

/* One call of a tile. Items are the values of a row of a, and the rows of b. */
typedef struct call {
    const mnist_kernels *set;
    const mnist_tile *tile;
    size_t K, width, c_row;
    size_t items, b_row;
    mnist_term term[K_MOST];
    const float *a[ROWS];
    guarded a_memory, b_memory;
} call;

/* Rows of a in any order, and the last of them twice: as at the end of a
   product. What lies between the rows of b is NaN: nothing must come of it. */
static void make_operands(call *t, mnist_random *r, bool awkward)
{
    const size_t rows = t->tile->rows;
    t->items = t->K < 7 ? t->K + 1 : t->K / 2 + 1;
    t->b_row = t->width + mnist_random_below(r, 3);
    t->a_memory = guarded_floats(rows * t->items);
    t->b_memory = guarded_floats((t->items - 1) * t->b_row + t->width);
    (awkward ? fill_awkward : fill_plain)(r, t->a_memory.data, rows * t->items);
    float *b = t->b_memory.data;
    for (size_t k = 0; k < t->items; k++, b += t->b_row) {
        (awkward ? fill_awkward : fill_plain)(r, b, t->width);
        for (size_t j = t->width; j < t->b_row && k + 1 < t->items; j++)
            b[j] = NAN;
    }
    for (size_t i = 0; i < rows; i++)
        t->a[i] = t->a_memory.data + (rows - 1 - i) * t->items;
    if (rows > 1)
        t->a[rows - 1] = t->a[rows - 2];
}

/* Items in any order, the last one among them, some more than once. */
static void make_terms(call *t, mnist_random *r)
{
    for (size_t k = 0; k < t->K; k++) {
        uint32_t of_a = mnist_random_below(r, (uint32_t)t->items);
        uint32_t of_b = mnist_random_below(r, (uint32_t)t->items);
        if (k == t->K / 2)
            of_a = of_b = (uint32_t)t->items - 1;
        t->term[k] = (mnist_term){of_a, of_b * (uint32_t)t->b_row};
    }
}

static void naive(const call *t, float *c)
{
    for (size_t i = 0; i < t->tile->rows; i++)
        for (size_t j = 0; j < t->width; j++) {
            float s = 0;
            for (size_t k = 0; k < t->K; k++)
                s = fmaf(t->a[i][t->term[k].a],
                         t->b_memory.data[t->term[k].b + j], s);
            c[i * t->c_row + j] = s;
        }
}

/* c at the end of its memory, too; what is between its rows must stay. */
static void compare(const call *t)
{
    const size_t rows = t->tile->rows;
    const size_t total = 1 + (rows - 1) * t->c_row + t->width;
    static float want[1 + ROWS * (COLS + 8)];
    guarded got = guarded_floats(total);
    char what[120];
    assert_true(total <= sizeof want / sizeof *want);
    for (size_t i = 0; i < total; i++)
        want[i] = got.data[i] = GUARD;
    t->tile->run(t->K, t->term, t->a, t->b_memory.data, t->width, got.data + 1,
                 t->c_row);
    naive(t, want + 1);
    snprintf(what, sizeof what, "%s, %zux%zu: %zu terms, %zu columns",
             t->set->name, rows, t->tile->cols, t->K, t->width);
    assert_same_floats(what, got.data, want, total);
    guarded_free(&got);
}

static void check_call(const mnist_tile *tile, size_t K, size_t width,
                       bool awkward)
{
    static call t;
    mnist_random r = mnist_random_stream(K, MNIST_RANDOM_SYNTH, width);
    t = (call){.set = mnist_kernels_now(),
               .tile = tile,
               .K = K,
               .width = width,
               .c_row = width + mnist_random_below(&r, 8)};
    make_operands(&t, &r, awkward);
    make_terms(&t, &r);
    compare(&t);
    guarded_free(&t.a_memory);
    guarded_free(&t.b_memory);
}

static void check_widths(const mnist_tile *tile, bool awkward)
{
    static const size_t depths[] = {0, 1, 2, 3, 8, 33, 255, K_MOST};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
        for (size_t width = 1; width <= tile->cols; width++)
            check_call(tile, depths[i], width, awkward);
}

static void every_tile_is_a_chain_of_fma(void **state)
{
    (void)state;
    for (size_t i = 0; use_kernel_set(i); i++) {
        check_widths(&mnist_kernels_now()->wide, false);
        check_widths(&mnist_kernels_now()->narrow, false);
    }
}

/* NaN, infinities and denormals, in and beside the columns that count. */
static void awkward_numbers_stay_in_their_elements(void **state)
{
    (void)state;
    for (size_t i = 0; use_kernel_set(i); i++) {
        check_widths(&mnist_kernels_now()->wide, true);
        check_widths(&mnist_kernels_now()->narrow, true);
    }
}

/* Offsets of terms are whole numbers without sign, up to 2^32 - 1: a tile that
   takes them for int reads in front of its operands. */
static void offsets_may_be_large(void **state)
{
    (void)state;
    const uint32_t far = 0x80000001u;
    float near[2 * ROWS + COLS];
    for (size_t i = 0; i < 2 * ROWS + COLS; i++)
        near[i] = (float)i + 1;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned narrow = 0; narrow < 2; narrow++) {
            const mnist_kernels *k = mnist_kernels_now();
            const mnist_tile *tile = narrow ? &k->narrow : &k->wide;
            /* Places that exist only once the offset is added. */
            const uintptr_t bytes = (uintptr_t)far * sizeof(float);
            const float *a[ROWS];
            float c[ROWS * COLS];
            for (size_t i = 0; i < tile->rows; i++)
                a[i] = (const float *)((uintptr_t)(near + i) - bytes);
            const float *b = (const float *)((uintptr_t)(near + ROWS) - bytes);
            const mnist_term term = {far, far};
            tile->run(1, &term, a, b, tile->cols, c, COLS);
            for (size_t i = 0; i < tile->rows; i++)
                for (size_t j = 0; j < tile->cols; j++)
                    assert_true(c[i * COLS + j] ==
                                (float)((i + 1) * (j + ROWS + 1)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tile_is_a_chain_of_fma),
        cmocka_unit_test(awkward_numbers_stay_in_their_elements),
        cmocka_unit_test(offsets_may_be_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
