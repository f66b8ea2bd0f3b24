/* The dense layer against its formulas written out here, bit for bit: inputs of
   which most are 0, gradients kept and gradients that become steps at once. */
#include "layers/affine.h"
#include "layers/kinds.h"
#include "training/optimizer.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A batch of N rows for a layer of J units on I inputs. */
typedef struct dense_case {
    size_t N, I, J;
    const mnist_layer_kind *activation;
    float l1, l2;
    mnist_rmsprop rule;
    void (*fill)(mnist_random *r, float *x, size_t n); /* x */
} dense_case;

/* What goes in and what comes out; parameters are one block: w, then b. */
typedef struct arrays {
    float *x, *y, *dy, *dx;
    float *parameters, *gradient, *v, *s, *a;
} arrays;

static size_t parameters_of(const dense_case *c)
{
    return (c->I + 1) * c->J;
}

static float *room_for(size_t count)
{
    float *memory = calloc(count, sizeof *memory);
    assert_non_null(memory);
    return memory;
}

static arrays make_arrays(const dense_case *c)
{
    size_t P = parameters_of(c);
    mnist_random r = mnist_random_stream(c->N + c->I, MNIST_RANDOM_SYNTH, c->J);
    arrays m = {
        room_for(c->N * c->I), room_for(c->N * c->J), room_for(c->N * c->J),
        room_for(c->N * c->I), room_for(P),           room_for(P),
        room_for(P),           room_for(P),           room_for(P)};
    c->fill(&r, m.x, c->N * c->I);
    fill_plain(&r, m.dy, c->N * c->J);
    fill_plain(&r, m.parameters, P);
    for (size_t i = 0; i < P; i++) {
        m.parameters[i] /= 8;
        m.v[i] = mnist_random_float(&r);
        m.s[i] = mnist_random_float(&r) - 0.5f;
        m.a[i] = mnist_random_float(&r) - 0.5f;
    }
    return m;
}

static void free_arrays(arrays *m)
{
    float *all[] = {m->x,        m->y, m->dy, m->dx, m->parameters,
                    m->gradient, m->v, m->s,  m->a};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* ----------------------------------------------------------- the formulas */

static void forward(const dense_case *c, arrays *m)
{
    const float *w = m->parameters, *b = w + c->I * c->J;
    for (size_t n = 0; n < c->N; n++)
        for (size_t j = 0; j < c->J; j++) {
            float s = 0;
            for (size_t i = 0; i < c->I; i++)
                s = fmaf(m->x[n * c->I + i], w[i * c->J + j], s);
            m->y[n * c->J + j] = s + b[j];
        }
    if (c->activation)
        c->activation->values->forward(mnist_kernels_now(), c->N * c->J, m->y);
}

/* In chains of MNIST_CHAIN rows. */
static float sum_of_column(const dense_case *c, const float *dy, size_t j)
{
    float total = 0;
    for (size_t from = 0; from < c->N; from += MNIST_CHAIN) {
        float chain = 0;
        for (size_t n = from; n < c->N && n < from + MNIST_CHAIN; n++)
            chain += dy[n * c->J + j];
        total += chain;
    }
    return total;
}

static void backward(const dense_case *c, arrays *m)
{
    const float *w = m->parameters;
    const size_t I = c->I, J = c->J;
    if (c->activation)
        c->activation->values->backward(mnist_kernels_now(), c->N * J, m->y,
                                        m->dy, m->dy);
    for (size_t n = 0; n < c->N; n++)
        for (size_t i = 0; i < I; i++) {
            float s = 0;
            for (size_t j = 0; j < J; j++)
                s = fmaf(m->dy[n * J + j], w[i * J + j], s);
            m->dx[n * I + i] = s;
        }
    for (size_t i = 0; i < I; i++)
        for (size_t j = 0; j < J; j++) {
            float s = 0, at = w[i * J + j];
            for (size_t n = 0; n < c->N; n++)
                s = fmaf(m->x[n * I + i], m->dy[n * J + j], s);
            float sign = at > 0 ? c->l1 : at < 0 ? -c->l1 : 0;
            if (c->l1 > 0 || c->l2 > 0)
                s += fmaf(2 * c->l2, at, sign);
            m->gradient[i * J + j] = s;
        }
    for (size_t j = 0; j < J; j++)
        m->gradient[I * J + j] = sum_of_column(c, m->dy, j);
}

static void step(const dense_case *c, arrays *m)
{
    const mnist_rmsprop_arrays all = {
        .w = m->parameters, .g = m->gradient, .v = m->v, .s = m->s, .a = m->a};
    mnist_rmsprop_step(&c->rule, parameters_of(c), &all);
}

/* -------------------------------------------------------------- the layer */

/* Forward and backward; dx may be left out, and gradients kept or used. */
static void run_layer(const mnist_engine *engine, const dense_case *c,
                      arrays *m, bool want_dx, bool keep)
{
    const mnist_layer layer = {
        .kind = &mnist_layer_dense,
        .in = {1, 1, c->I, 1},
        .out = {1, 1, c->J, 1},
        .units = c->J,
        .activation = c->activation,
        .l1 = c->l1,
        .l2 = c->l2,
        .tensors = 2,
        .tensor = {{.data = m->parameters, .count = c->I * c->J},
                   {.data = m->parameters + c->I * c->J, .count = c->J}},
    };
    const mnist_optimizer optimizer = {
        .factors = mnist_rmsprop_rounded(&c->rule),
        .n = parameters_of(c),
        .v = m->v,
        .s = c->rule.momentum > 0 ? m->s : NULL,
        .a = c->rule.centered ? m->a : NULL,
    };
    mnist_sink sink =
        mnist_optimizer_sink(&optimizer, c->rule.lr, m->parameters);
    sink.gradient = keep ? m->gradient : NULL;
    mnist_pass pass = {.engine = engine, .N = c->N};
    pass.scratch_size = layer.kind->scratch(&layer, c->N);
    pass.scratch = room_for(mnist_pool_size(engine->pool) * pass.scratch_size);
    pass.shared = malloc(layer.kind->shared(&layer, c->N));
    assert_non_null(pass.shared);
    layer.kind->forward(&layer, &pass, m->x, m->y);
    layer.kind->backward(&layer, &pass, m->x, m->y, m->dy,
                         want_dx ? m->dx : NULL, &sink);
    free(pass.scratch);
    free(pass.shared);
}

static void compare(const mnist_engine *engine, const dense_case *c,
                    const arrays *got, const arrays *want)
{
    const size_t P = parameters_of(c);
    char what[120];
    snprintf(what, sizeof what, "%s, %u threads, %zux%zux%zu",
             engine->kernels->name, mnist_pool_size(engine->pool), c->N, c->I,
             c->J);
    assert_same_floats(what, got->y, want->y, c->N * c->J);
    assert_same_floats(what, got->dx, want->dx, c->N * c->I);
    assert_same_floats(what, got->gradient, want->gradient, P);
    assert_same_floats(what, got->parameters, want->parameters, P);
    assert_same_floats(what, got->v, want->v, P);
    assert_same_floats(what, got->s, want->s, P);
    assert_same_floats(what, got->a, want->a, P);
}

/* By formula once, for all engines. */
static const dense_case *current;
static arrays kept, stepped;

static void check_engine(const mnist_engine *engine)
{
    for (unsigned keep = 0; keep < 2; keep++) {
        arrays m = make_arrays(current);
        run_layer(engine, current, &m, true, keep);
        if (!keep) /* gradients went into the steps */
            memcpy(m.gradient, stepped.gradient,
                   parameters_of(current) * sizeof *m.gradient);
        compare(engine, current, &m, keep ? &kept : &stepped);
        free_arrays(&m);
    }
}

static void check_case(const dense_case *c)
{
    current = c;
    kept = make_arrays(c);
    forward(c, &kept);
    backward(c, &kept);
    stepped = make_arrays(c);
    forward(c, &stepped);
    backward(c, &stepped);
    step(c, &stepped);
    on_every_engine(check_engine);
    free_arrays(&kept);
    free_arrays(&stepped);
}

/* ------------------------------------------------------------------ tests */

#define PLAIN                                                                  \
    {                                                                          \
        0.001, 0.9, 0, 1e-7, 0                                                 \
    }
#define MOMENTUM                                                               \
    {                                                                          \
        0.01, 0.8, 0.7, 1e-5, 0                                                \
    }
#define CENTERED                                                               \
    {                                                                          \
        0.01, 0.9, 0, 1e-3, 1                                                  \
    }
#define BOTH                                                                   \
    {                                                                          \
        0.02, 0.99, 0.9, 1e-7, 1                                               \
    }

static void fill_zeros(mnist_random *r, float *x, size_t n)
{
    (void)r;
    memset(x, 0, n * sizeof *x);
}

static const dense_case cases[] = {
    {1, 1, 1, NULL, 0, 0, PLAIN, fill_plain},
    {1, 784, 17, NULL, 0, 0, PLAIN, fill_sparse},
    {37, 51, 40, &mnist_layer_relu, 0, 0, PLAIN, fill_sparse},
    {37, 51, 40, &mnist_layer_relu, 0, 0, MOMENTUM, fill_sparse},
    {37, 51, 40, &mnist_layer_relu, 0, 0, CENTERED, fill_sparse},
    {37, 51, 40, &mnist_layer_relu, 0, 0, BOTH, fill_sparse},
    {5, 130, 70, &mnist_layer_tanh, 0.01f, 0, PLAIN, fill_sparse},
    {6, 7, 130, &mnist_layer_sigmoid, 0, 0.1f, MOMENTUM, fill_sparse},
    {33, 64, 10, NULL, 0, 0, PLAIN, fill_plain},
    {33, 64, 12, &mnist_layer_relu, 0.01f, 0.1f, BOTH, fill_sparse},
    {20, 37, 16, NULL, 0, 0, PLAIN, fill_sparse},
    {300, 5, 20, NULL, 0, 0, PLAIN, fill_sparse},
    {300, 5, 3, &mnist_layer_tanh, 0, 0, PLAIN, fill_sparse},
    {9, 30, 33, NULL, 0, 0, PLAIN, fill_zeros},
    {9, 30, 33, NULL, 0, 0, MOMENTUM, fill_zeros},
    {9, 30, 33, NULL, 0, 0, CENTERED, fill_zeros},
    {9, 30, 33, NULL, 0.01f, 0, PLAIN, fill_zeros},
};

static void everything_equals_the_formulas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(&cases[i]);
}

static void check_without_dx(const mnist_engine *engine)
{
    arrays with = make_arrays(current), without = make_arrays(current);
    run_layer(engine, current, &with, true, true);
    run_layer(engine, current, &without, false, true);
    memset(with.dx, 0, current->N * current->I * sizeof *with.dx);
    compare(engine, current, &without, &with);
    free_arrays(&with);
    free_arrays(&without);
}

static void gradients_do_not_need_dx(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        current = &cases[i];
        on_every_engine(check_without_dx);
    }
}

/* 0 times infinity is no number unless it is left out: whether it is must not
   depend on the set. */
static void check_overflow(const mnist_engine *engine)
{
    arrays m = make_arrays(current);
    m.dy[0] = INFINITY;
    m.dy[current->N * current->J - 1] = NAN;
    m.parameters[1] = -INFINITY;
    run_layer(engine, current, &m, true, true);
    if (kept.x) {
        compare(engine, current, &m, &kept);
        free_arrays(&m);
    } else {
        kept = m;
    }
}

static void what_overflows_is_the_same_everywhere(void **state)
{
    (void)state;
    for (size_t J = 1; J <= 40; J++) {
        const dense_case c = {8, 24, J, NULL, 0, 0, PLAIN, fill_zeros};
        current = &c;
        kept = (arrays){0};
        on_every_engine(check_overflow);
        free_arrays(&kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_equals_the_formulas),
        cmocka_unit_test(gradients_do_not_need_dx),
        cmocka_unit_test(what_overflows_is_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
