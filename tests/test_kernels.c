/* Every set of kernels against the portable one, bit for bit, and the portable
   one against formulas written out here and libm. */
#include "kernels/kernels.h"

#include <mnist/random.h>

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

/* Room for the longest array at an odd offset, with a guard on both sides. */
enum { longest = 300, margin = 24, room = longest + 2 * margin };

#define GUARD 0x1.abcdp-3f

/* 0, 1, odd, and around every vector width up to 64. */
static const size_t lengths[] = {0,  1,  2,  3,  5,   7,   8,
                                 9,  15, 16, 17, 31,  32,  33,
                                 47, 63, 64, 65, 127, 129, longest};
enum { LENGTHS = sizeof lengths / sizeof *lengths, OFFSETS = 4 };

static void set_guards(float *x)
{
    for (size_t i = 0; i < room; i++)
        x[i] = GUARD;
}

static void check_guards(const char *what, const float *x, const float *from,
                         size_t n)
{
    for (const float *p = x; p < x + room; p++)
        if ((p < from || p >= from + n) && *p != GUARD)
            fail_msg("%s: wrote %td floats from its output of %zu", what,
                     p - from, n);
}

/* Operands for one kernel call: inputs, and outputs that begin as copies of
   them. */
enum { ARRAYS = 5 };

typedef struct operands {
    float in[ARRAYS][longest];
    uint8_t pixels[longest];
    float out[ARRAYS][room];
    float *to[ARRAYS]; /* inside out */
} operands;

static void lay_out(operands *o, size_t n, size_t offset)
{
    for (size_t i = 0; i < ARRAYS; i++) {
        set_guards(o->out[i]);
        o->to[i] = o->out[i] + margin + offset + i;
        memcpy(o->to[i], o->in[i], n * sizeof(float));
    }
}

static void check_around(const char *what, const operands *o, size_t n)
{
    for (size_t i = 0; i < ARRAYS; i++)
        check_guards(what, o->out[i], o->to[i], n);
}

/* One kernel called on operands; what it returns is compared too. */
typedef double (*call)(const mnist_kernels *k, operands *o, size_t n);

static double call_pixels(const mnist_kernels *k, operands *o, size_t n)
{
    k->pixels(n, o->pixels, 255, o->to[0]);
    k->pixels(n, o->pixels, 0.3f, o->to[1]);
    return 0;
}

/* One row, rows with gaps, and the same row to all. */
static double call_add_rows(const mnist_kernels *k, operands *o, size_t n)
{
    k->add_rows(1, n, o->to[1], n, o->to[0], n);
    k->add_rows(n / 7, 5, o->to[1], 6, o->to[2], 7);
    k->add_rows(n / 9, 9, o->to[1], 0, o->to[3], 9);
    k->add_rows(n / 40, 33, o->to[1], 40, o->to[4], 40);
    k->add_rows(0, n, o->to[1], n, o->to[4], n);
    return 0;
}

static double call_sum_rows(const mnist_kernels *k, operands *o, size_t n)
{
    k->sum_rows(1, n, o->to[0], n, o->to[1]);
    k->sum_rows(n, n > 0, o->to[0], 1, o->to[2]);
    k->sum_rows(n / 70, n < 70 ? 0 : 67, o->to[0], 70, o->to[3]);
    k->sum_rows(0, n, o->to[0], n, o->to[4]);
    return 0;
}

static double call_relu(const mnist_kernels *k, operands *o, size_t n)
{
    k->relu(n, o->to[0], o->to[1]);
    k->relu(n, o->to[2], o->to[2]);
    return 0;
}

static double call_relu_backward(const mnist_kernels *k, operands *o, size_t n)
{
    k->relu_backward(n, o->to[0], o->to[1], o->to[2]);
    k->relu_backward(n, o->to[0], o->to[1], o->to[1]);
    k->relu_backward(n, o->to[3], o->to[4], o->to[3]);
    return 0;
}

static double call_sigmoid(const mnist_kernels *k, operands *o, size_t n)
{
    k->sigmoid(n, o->to[0], o->to[1]);
    k->sigmoid(n, o->to[2], o->to[2]);
    return 0;
}

static double call_tanh(const mnist_kernels *k, operands *o, size_t n)
{
    k->tanh(n, o->to[0], o->to[1]);
    k->tanh(n, o->to[2], o->to[2]);
    return 0;
}

static double call_softmax(const mnist_kernels *k, operands *o, size_t n)
{
    float log_sum = 0;
    if (n == 0)
        return 0;
    float max = k->softmax(n, o->to[0], o->to[1], &log_sum);
    k->softmax(n, o->to[2], o->to[2], &o->in[2][0]);
    return (double)max * 3 + (double)log_sum;
}

/* w, v, s, a and g; v is a sum of squares. */
static mnist_rmsprop_rows one_row(const operands *o, size_t n, bool momentum,
                                  bool centered)
{
    for (size_t i = 0; i < n; i++)
        o->to[1][i] = fabsf(o->to[1][i]);
    return (mnist_rmsprop_rows){
        .rows = 1,
        .n = n,
        .row = n,
        .w = o->to[0],
        .v = o->to[1],
        .s = momentum ? o->to[2] : NULL,
        .a = centered ? o->to[3] : NULL,
        .g = o->to[4],
        .g_row = n,
    };
}

/* One row; and rows with gaps, where there is room for them. */
static double run_rmsprop(const mnist_kernels *k, operands *o, size_t n,
                          const mnist_rmsprop_factors *f, bool momentum,
                          bool centered)
{
    mnist_rmsprop_rows rows = one_row(o, n, momentum, centered);
    k->rmsprop(f, &rows);
    rows.rows = n / 41;
    rows.n = 37;
    rows.row = 41;
    rows.g_row = 38;
    k->rmsprop(f, &rows);
    return 0;
}

static const mnist_rmsprop_factors defaults = {0.001f, 0.9f, 0.1f, 0, 1e-7f};
static const mnist_rmsprop_factors others = {0.01f, 0.99f, 0.01f, 0.9f, 1e-3f};

static double call_rmsprop(const mnist_kernels *k, operands *o, size_t n)
{
    return run_rmsprop(k, o, n, &defaults, false, false);
}

static double call_rmsprop_momentum(const mnist_kernels *k, operands *o,
                                    size_t n)
{
    return run_rmsprop(k, o, n, &others, true, false);
}

static double call_rmsprop_centered(const mnist_kernels *k, operands *o,
                                    size_t n)
{
    return run_rmsprop(k, o, n, &defaults, false, true);
}

static double call_rmsprop_both(const mnist_kernels *k, operands *o, size_t n)
{
    return run_rmsprop(k, o, n, &others, true, true);
}

static double call_rmsprop_decay(const mnist_kernels *k, operands *o, size_t n)
{
    mnist_rmsprop_rows rows = one_row(o, n, false, false);
    k->rmsprop_decay(&defaults, &rows);
    rows.rows = n / 41;
    rows.n = 37;
    rows.row = 41;
    k->rmsprop_decay(&others, &rows);
    return 0;
}

static double call_penalty(const mnist_kernels *k, operands *o, size_t n)
{
    return k->penalty(n, o->to[0], 0.01f, 0.003f) +
           k->penalty(n, o->to[1], 0.5f, 0);
}

static double call_penalty_backward(const mnist_kernels *k, operands *o,
                                    size_t n)
{
    k->penalty_backward(n, o->to[0], 0.01f, 0.003f, o->to[1]);
    k->penalty_backward(n, o->to[0], 0.5f, 0, o->to[2]);
    return 0;
}

static const struct {
    const char *name;
    call call;
} calls[] = {
    {"pixels", call_pixels},
    {"add_rows", call_add_rows},
    {"sum_rows", call_sum_rows},
    {"relu", call_relu},
    {"relu_backward", call_relu_backward},
    {"sigmoid", call_sigmoid},
    {"tanh", call_tanh},
    {"softmax", call_softmax},
    {"rmsprop", call_rmsprop},
    {"rmsprop with momentum", call_rmsprop_momentum},
    {"rmsprop, centered", call_rmsprop_centered},
    {"rmsprop, centered with momentum", call_rmsprop_both},
    {"rmsprop_decay", call_rmsprop_decay},
    {"penalty", call_penalty},
    {"penalty_backward", call_penalty_backward},
};

static void compare_call(const mnist_kernels *set, const mnist_kernels *plain,
                         size_t which, size_t n, size_t offset, uint64_t round)
{
    static operands a, b;
    char what[80];
    mnist_random r = mnist_random_stream(round, MNIST_RANDOM_SYNTH, n);
    snprintf(what, sizeof what, "%s: %s of %zu", set->name, calls[which].name,
             n);
    for (size_t i = 0; i < ARRAYS; i++)
        (round % 2 ? fill_awkward : fill_plain)(&r, a.in[i], longest);
    for (size_t i = 0; i < longest; i++)
        a.pixels[i] = (uint8_t)mnist_random_below(&r, 256);
    memcpy(&b, &a, sizeof b);
    lay_out(&a, n, offset);
    lay_out(&b, n, 0);
    double got = calls[which].call(set, &a, n);
    double want = calls[which].call(plain, &b, n);
    for (size_t i = 0; i < ARRAYS; i++)
        assert_same_floats(what, a.to[i], b.to[i], n);
    if (!(isnan(got) && isnan(want)))
        assert_near(what, got, want, 0, 0);
    check_around(what, &a, n);
}

static void every_set_equals_portable(void **state)
{
    (void)state;
    assert_string_equal(use_kernel_set(0), "portable");
    const mnist_kernels *portable = mnist_kernels_now();
    for (size_t i = 0; use_kernel_set(i); i++)
        for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
            for (size_t l = 0; l < LENGTHS; l++)
                for (size_t offset = 0; offset < OFFSETS; offset++)
                    for (uint64_t round = 0; round < 6; round++)
                        compare_call(mnist_kernels_now(), portable, c,
                                     lengths[l], offset, round);
}

/* Kernels by their definitions, in the simplest C there is. */
static void portable_is_what_the_table_says(void **state)
{
    (void)state;
    use_kernel_set(0);
    const mnist_kernels *k = mnist_kernels_now();
    enum { n = 256 };
    float x[n], y[n], got[n], want[n];
    uint8_t pixels[n];
    mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 2);
    fill_awkward(&r, x, n);
    fill_awkward(&r, y, n);
    for (size_t i = 0; i < n; i++)
        pixels[i] = (uint8_t)i;

    k->pixels(n, pixels, 255, got);
    for (size_t i = 0; i < n; i++)
        want[i] = (float)i / 255.0f;
    assert_same_floats("pixels", got, want, n);

    memcpy(got, y, sizeof got);
    k->add_rows(1, n, x, n, got, n);
    for (size_t i = 0; i < n; i++)
        want[i] = x[i] + y[i];
    assert_same_floats("add_rows", got, want, n);

    k->relu(n, x, got);
    for (size_t i = 0; i < n; i++)
        want[i] = isnan(x[i]) || !signbit(x[i]) || x[i] == 0 ? x[i] : 0;
    assert_same_floats("relu", got, want, n);

    k->relu_backward(n, x, y, got);
    for (size_t i = 0; i < n; i++)
        want[i] = isgreater(x[i], 0) ? y[i] : 0;
    assert_same_floats("relu_backward", got, want, n);
}

/* x_row of 0 adds one row to all; what lies between rows of y stays. */
static void portable_add_rows_is_what_the_table_says(void **state)
{
    (void)state;
    use_kernel_set(0);
    enum { rows = 9, n = 5, x_row = 7, y_row = 8 };
    float x[rows * x_row], y[rows * y_row], got[rows * y_row];
    mnist_random r = mnist_random_stream(7, MNIST_RANDOM_SYNTH, 0);
    fill_plain(&r, x, rows * x_row);
    for (size_t same = 0; same < 2; same++) {
        fill_plain(&r, y, rows * y_row);
        memcpy(got, y, sizeof y);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < n; j++)
                y[i * y_row + j] += x[(same ? 0 : i * x_row) + j];
        mnist_kernels_now()->add_rows(rows, n, x, same ? 0 : x_row, got, y_row);
        assert_same_floats("add_rows", got, y, rows * y_row);
    }
}

/* Chains of 256 rows, added up in order: by a definition with one loop a
   column, around every multiple of the chain and of the columns at once. */
static void check_sum_rows(size_t rows, size_t n)
{
    enum { most_rows = 1025, most = 130 };
    static float y[most_rows * (most + 1)];
    float got[most + 2], want[most + 2];
    const size_t y_row = n + 1;
    mnist_random r = mnist_random_stream(8, MNIST_RANDOM_SYNTH, rows + n);
    fill_plain(&r, y, rows * y_row);
    for (size_t i = 0; i < most + 2; i++)
        got[i] = want[i] = GUARD;
    for (size_t j = 0; j < n; j++) {
        want[j + 1] = 0;
        for (size_t from = 0; from < rows; from += 256) {
            float chain = 0;
            for (size_t i = from; i < rows && i < from + 256; i++)
                chain += y[i * y_row + j];
            want[j + 1] += chain;
        }
    }
    mnist_kernels_now()->sum_rows(rows, n, y, y_row, got + 1);
    assert_same_floats("sum_rows", got, want, most + 2);
}

static void sum_rows_adds_chains_of_256(void **state)
{
    (void)state;
    const size_t rows[] = {0, 1, 2, 255, 256, 257, 511, 512, 513, 1025};
    const size_t columns[] = {0, 1, 3, 16, 63, 64, 65, 129, 130};
    assert_int_equal(MNIST_CHAIN, 256);
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
                check_sum_rows(rows[i], columns[j]);
}

static void portable_penalty_is_what_the_table_says(void **state)
{
    (void)state;
    use_kernel_set(0);
    const mnist_kernels *k = mnist_kernels_now();
    enum { n = 77 };
    float w[n], dw[n];
    double sum = 0, want[n];
    mnist_random r = mnist_random_stream(3, MNIST_RANDOM_SYNTH, 4);
    fill_plain(&r, w, n);
    fill_plain(&r, dw, n);
    w[5] = 0;
    w[76] = -0.0f;
    for (size_t i = 0; i < n; i++) {
        double x = (double)w[i];
        sum += 0.25 * fabs(x) + 0.125 * x * x;
        want[i] = (double)dw[i] + 0.25 * ((x > 0) - (x < 0)) + 0.25 * x;
    }
    assert_near("penalty", k->penalty(n, w, 0.25f, 0.125f), sum, 1e-13, 0);
    k->penalty_backward(n, w, 0.25f, 0.125f, dw);
    assert_close("penalty_backward", dw, want, n, 2e-7, 2e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_equals_portable),
        cmocka_unit_test(portable_is_what_the_table_says),
        cmocka_unit_test(portable_add_rows_is_what_the_table_says),
        cmocka_unit_test(sum_rows_adds_chains_of_256),
        cmocka_unit_test(portable_penalty_is_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
