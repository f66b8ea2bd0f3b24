/* Where gradients go: into an array, or into steps that are those of RMSprop
   alone, bit for bit. */
#include "layers/sink.h"

#include "training/optimizer.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A block of parameters, of which a tensor of TENSOR_ROWS x COLUMNS is a part.
 */
enum { FIRST = 16, TENSOR_ROWS = 11, COLUMNS = 43, SIZE = 512, G_ROW = 64 };

static const mnist_rmsprop rules[] = {
    {0.001, 0.9, 0, 1e-7, 0},
    {0.01, 0.8, 0.7, 1e-5, 0},
    {0.01, 0.9, 0, 1e-3, 1},
    {0.02, 0.99, 0.9, 1e-7, 1},
};
enum { RULES = sizeof rules / sizeof *rules };

typedef struct block {
    float w[SIZE], v[SIZE], s[SIZE], a[SIZE], gradient[SIZE];
} block;

static void fill_arrays(block *x, mnist_random *r)
{
    fill_plain(r, x->w, SIZE);
    fill_plain(r, x->v, SIZE);
    fill_plain(r, x->s, SIZE);
    fill_plain(r, x->a, SIZE);
    fill_plain(r, x->gradient, SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        x->v[i] *= x->v[i];
        if (i % 9 == 0) /* what decays to a denormal, and below */
            x->v[i] = i % 2 ? 0x1.1p-126f : 0x1p-149f;
        if (i % 7 == 0)
            x->w[i] = i % 2 ? 0.0f : -0.0f;
    }
}

static void compare(const char *what, const block *got, const block *want)
{
    assert_same_floats(what, got->w, want->w, SIZE);
    assert_same_floats(what, got->v, want->v, SIZE);
    assert_same_floats(what, got->s, want->s, SIZE);
    assert_same_floats(what, got->a, want->a, SIZE);
    assert_same_floats(what, got->gradient, want->gradient, SIZE);
}

/* Rows and columns of the tensor that lie in one part of it. */
typedef struct part {
    size_t row, rows, col, cols;
} part;

static const part parts[] = {
    {0, TENSOR_ROWS, 0, COLUMNS},
    {0, 4, 0, 16},
    {4, 4, 16, 16},
    {8, 3, 32, 11},
    {10, 1, 42, 1},
    {3, 5, 1, 40},
};
enum { PARTS = sizeof parts / sizeof *parts };

static mnist_gradients gradients_of(float *w, const part *p, const float *g)
{
    return (mnist_gradients){
        .w = w + FIRST + p->row * COLUMNS + p->col,
        .rows = p->rows,
        .n = p->cols,
        .row = COLUMNS,
        .g = g,
        .g_row = G_ROW,
    };
}

static mnist_sink sink_of(block *x, const mnist_rmsprop *rule)
{
    const mnist_optimizer optimizer = {
        .factors = mnist_rmsprop_rounded(rule),
        .n = SIZE,
        .v = x->v,
        .s = rule->momentum > 0 ? x->s : NULL,
        .a = rule->centered ? x->a : NULL,
    };
    return mnist_optimizer_sink(&optimizer, rule->lr, x->w);
}

static void gradients_are_kept_where_their_parameters_lie(void **state)
{
    (void)state;
    static block got, want;
    float g[TENSOR_ROWS * G_ROW];
    mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    for (size_t i = 0; i < PARTS; i++)
        for (unsigned zero = 0; zero < 2; zero++) {
            const part *p = &parts[i];
            fill_arrays(&want, &r);
            fill_awkward(&r, g, TENSOR_ROWS * G_ROW);
            got = want;
            const mnist_sink sink = {.w = got.w, .gradient = got.gradient};
            if (zero)
                memset(g, 0, sizeof g);
            mnist_gradients gradients = gradients_of(got.w, p, g);
            gradients.zero = zero;
            mnist_sink_take(&sink, mnist_kernels_now(), &gradients);
            for (size_t row = 0; row < p->rows; row++)
                for (size_t col = 0; col < p->cols; col++)
                    want.gradient[FIRST + (p->row + row) * COLUMNS + p->col +
                                  col] = g[row * G_ROW + col];
            compare("kept", &got, &want);
        }
}

/* The same, parameter by parameter, as anyone can take a step. */
static void step_alone(const mnist_rmsprop *rule, block *x, const part *p,
                       const float *g)
{
    for (size_t row = 0; row < p->rows; row++)
        for (size_t col = 0; col < p->cols; col++) {
            size_t i = FIRST + (p->row + row) * COLUMNS + p->col + col;
            float alone = g[row * G_ROW + col];
            const mnist_rmsprop_arrays one = {
                .w = x->w + i,
                .g = &alone,
                .v = x->v + i,
                .s = x->s + i,
                .a = x->a + i,
            };
            mnist_rmsprop_step(rule, 1, &one);
        }
}

/* Several steps on end, so that what they leave behind counts. */
static void check_steps(const mnist_rmsprop *rule, const part *p, bool zero,
                        uint64_t seed)
{
    static block got, want;
    float g[TENSOR_ROWS * G_ROW];
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, 1);
    fill_arrays(&want, &r);
    got = want;
    const mnist_sink sink = sink_of(&got, rule);
    for (size_t step = 0; step < 3; step++) {
        fill_sparse(&r, g, TENSOR_ROWS * G_ROW);
        mnist_gradients gradients = gradients_of(got.w, p, g);
        mnist_sink_take(&sink, mnist_kernels_now(), &gradients);
        step_alone(rule, &want, p, g);
    }
    if (zero) {
        /* Zero by its flag is as zero by its numbers. */
        mnist_gradients gradients = gradients_of(got.w, p, g);
        memset(g, 0, sizeof g);
        gradients.zero = true;
        mnist_sink_take(&sink, mnist_kernels_now(), &gradients);
        step_alone(rule, &want, p, g);
    }
    compare(mnist_kernels_now()->name, &got, &want);
}

static void steps_are_those_of_rmsprop(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t rule = 0; rule < RULES; rule++)
            for (size_t i = 0; i < PARTS; i++)
                check_steps(&rules[rule], &parts[i], false, i);
}

static void a_zero_gradient_is_a_step_with_zeros(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t rule = 0; rule < RULES; rule++)
            for (size_t i = 0; i < PARTS; i++)
                check_steps(&rules[rule], &parts[i], true, i);
}

/* Every magnitude of v, down to where it is flushed. */
static void decay_is_a_step_without_a_gradient(void **state)
{
    (void)state;
    enum { N = 300 };
    float v[N], w[N], same[N], got[N];
    const float zeros[N] = {0};
    mnist_random r = mnist_random_stream(5, MNIST_RANDOM_SYNTH, 0);
    fill_plain(&r, w, N);
    memcpy(same, w, sizeof w);
    for (size_t i = 0; i < N; i++)
        got[i] = v[i] = ldexpf(1 + mnist_random_float(&r), 127 - (int)i);
    const mnist_rmsprop_factors factors = mnist_rmsprop_rounded(&rules[0]);
    for (size_t set = 0; use_kernel_set(set); set++) {
        mnist_rmsprop_rows rows = {
            .rows = 1, .n = N, .row = N, .w = same, .v = got};
        mnist_rmsprop_arrays arrays = {.w = w, .v = v, .g = zeros};
        mnist_kernels_now()->rmsprop_decay(&factors, &rows);
        mnist_rmsprop_step(&rules[0], N, &arrays);
        assert_same_floats("v", got, v, N);
        assert_same_floats("w", same, w, N);
    }
    assert_true(got[0] > 0 && got[127 + 130] == 0); /* began as 2^-130 */
}

/* The learning rate of a step is the schedule's, not the one at the start. */
static void a_sink_has_the_learning_rate_it_is_given(void **state)
{
    (void)state;
    mnist_optimizer optimizer;
    float w[3] = {1, 1, 1}, want[3] = {1, 1, 1}, v[3] = {0};
    const float g[3] = {1, -2, 0.5f};
    mnist_rmsprop rule = rules[0];
    assert_int_equal(mnist_optimizer_start(&optimizer, &rule, 3, NULL),
                     MNIST_OK);
    assert_null(optimizer.s);
    assert_null(optimizer.a);
    const mnist_sink sink = mnist_optimizer_sink(&optimizer, 0.25, w);
    const mnist_gradients gradients = {
        .w = w, .rows = 1, .n = 3, .row = 3, .g = g, .g_row = 3};
    mnist_sink_take(&sink, mnist_kernels_now(), &gradients);
    rule.lr = 0.25;
    const mnist_rmsprop_arrays arrays = {.w = want, .v = v, .g = g};
    mnist_rmsprop_step(&rule, 3, &arrays);
    assert_same_floats("w", w, want, 3);
    assert_same_floats("v", optimizer.v, v, 3);
    mnist_optimizer_stop(&optimizer);
    assert_null(optimizer.v);
    mnist_optimizer_stop(&optimizer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_kept_where_their_parameters_lie),
        cmocka_unit_test(steps_are_those_of_rmsprop),
        cmocka_unit_test(a_zero_gradient_is_a_step_with_zeros),
        cmocka_unit_test(decay_is_a_step_without_a_gradient),
        cmocka_unit_test(a_sink_has_the_learning_rate_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
