/* The tiles of every set against a chain of fmaf for each element, bit for bit:
   every width, rows in any order, operands at the very end of their memory. */
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

/* One call of a tile: of rows, or of packed ones. */
typedef struct call {
    const mnist_kernels *set;
    const mnist_tile *tile; /* NULL: the packed one */
    size_t rows, K, width, c_row, a_step, b_row;
    uint32_t at[K_MOST];
    const float *a[ROWS];
    guarded a_memory, b_memory;
} call;

/* What lies between the rows of b is NaN: nothing must come of it. */
static void make_b(call *t, mnist_random *r, bool awkward)
{
    t->b_row = t->width + mnist_random_below(r, 3);
    t->b_memory = guarded_floats(t->K ? (t->K - 1) * t->b_row + t->width : 0);
    float *b = t->b_memory.data;
    for (size_t k = 0; k < t->K; k++, b += t->b_row) {
        (awkward ? fill_awkward : fill_plain)(r, b, t->width);
        for (size_t j = t->width; j < t->b_row && k + 1 < t->K; j++)
            b[j] = NAN;
    }
}

/* Rows of a in any order, and the last of them twice: as at the end of a
   product. */
static void make_rows(call *t, mnist_random *r, bool awkward)
{
    t->a_step = 1 + mnist_random_below(r, 3);
    size_t each = t->K ? (t->K - 1) * t->a_step + 1 : 0;
    t->a_memory = guarded_floats(t->rows * each);
    (awkward ? fill_awkward : fill_plain)(r, t->a_memory.data, t->rows * each);
    for (size_t i = 0; i < t->rows; i++)
        t->a[i] = t->a_memory.data + (t->rows - 1 - i) * each;
    if (t->rows > 1)
        t->a[t->rows - 1] = t->a[t->rows - 2];
}

/* Rows of b in any order, the last one among them, some more than once. */
static void make_packed(call *t, mnist_random *r, bool awkward)
{
    size_t n = t->K * t->rows;
    t->a_memory = guarded_floats(n);
    (awkward ? fill_awkward : fill_plain)(r, t->a_memory.data, n);
    for (size_t k = 0; k < t->K; k++)
        t->at[k] = k == t->K / 2 ? (uint32_t)t->K - 1
                                 : mnist_random_below(r, (uint32_t)t->K);
}

static float factor(const call *t, size_t i, size_t k)
{
    return t->tile ? t->a[i][k * t->a_step] : t->a_memory.data[k * t->rows + i];
}

static void naive(const call *t, float *c)
{
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->width; j++) {
            float s = 0;
            for (size_t k = 0; k < t->K; k++) {
                size_t row = t->tile ? k : t->at[k];
                s = fmaf(factor(t, i, k), t->b_memory.data[row * t->b_row + j],
                         s);
            }
            c[i * t->c_row + j] = s;
        }
}

static void run(const call *t, float *c)
{
    const float *b = t->b_memory.data;
    if (t->tile)
        t->tile->run(t->K, t->a, t->a_step, b, t->b_row, t->width, c, t->c_row);
    else
        t->set->packed.run(t->K, t->a_memory.data, t->at, b, t->b_row, t->width,
                           c, t->c_row);
}

/* c at the end of its memory, too; what is between its rows must stay. */
static void compare(const call *t)
{
    const size_t total = 1 + (t->rows - 1) * t->c_row + t->width;
    static float want[1 + ROWS * (COLS + 8)];
    guarded got = guarded_floats(total);
    char what[120];
    assert_true(total <= sizeof want / sizeof *want);
    for (size_t i = 0; i < total; i++)
        want[i] = got.data[i] = GUARD;
    run(t, got.data + 1);
    naive(t, want + 1);
    snprintf(what, sizeof what, "%s, %s, %zu rows: %zu terms, %zu columns",
             t->set->name, t->tile ? "tile" : "packed", t->rows, t->K,
             t->width);
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
               .rows = tile ? tile->rows : MNIST_PACKED_ROWS,
               .K = K,
               .width = width,
               .c_row = width + mnist_random_below(&r, 8)};
    make_b(&t, &r, awkward);
    (tile ? make_rows : make_packed)(&t, &r, awkward);
    compare(&t);
    guarded_free(&t.a_memory);
    guarded_free(&t.b_memory);
}

static void check_widths(const mnist_tile *tile, size_t cols, bool awkward)
{
    static const size_t depths[] = {0, 1, 2, 3, 8, 33, 255, K_MOST};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
        for (size_t width = 1; width <= cols; width++)
            check_call(tile, depths[i], width, awkward);
}

static void check_set(const mnist_kernels *k, bool awkward)
{
    check_widths(&k->wide, k->wide.cols, awkward);
    check_widths(&k->narrow, k->narrow.cols, awkward);
    check_widths(NULL, k->packed.cols, awkward);
}

static void every_tile_is_a_chain_of_fma(void **state)
{
    (void)state;
    for (size_t i = 0; use_kernel_set(i); i++)
        check_set(mnist_kernels_now(), false);
}

/* NaN, infinities and denormals, in and beside the columns that count. */
static void awkward_numbers_stay_in_their_elements(void **state)
{
    (void)state;
    for (size_t i = 0; use_kernel_set(i); i++)
        check_set(mnist_kernels_now(), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tile_is_a_chain_of_fma),
        cmocka_unit_test(awkward_numbers_stay_in_their_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
