/* RMSprop against ten golden steps by Keras 3's rule. */
#include <mnist/rmsprop.h>

#include "golden/rmsprop.h"
#include "support/compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N     golden_rmsprop_n
#define STEPS golden_rmsprop_steps

static void defaults_are_those_of_keras(void **state)
{
    (void)state;
    mnist_rmsprop rule = mnist_rmsprop_defaults();
    assert_true(rule.lr == 0.001 && rule.rho == 0.9);
    assert_true(rule.momentum == 0 && rule.epsilon == 1e-7);
    assert_false(rule.centered);
    assert_int_equal(mnist_rmsprop_check(&rule, NULL), MNIST_OK);
}

/* One step; s and a may be NULL. */
static void step(const mnist_rmsprop *rule, size_t n, float *w, float *v,
                 float *s, float *a, const float *g)
{
    const mnist_rmsprop_arrays arrays = {
        .w = w, .g = g, .v = v, .s = s, .a = a};
    mnist_rmsprop_step(rule, n, &arrays);
}

/* Means of gradients of both signs: near 0 they are as exact as the largest
   gradient of the same parameter. */
static void check_means(const char *name, const float *a, const double *want,
                        double rounding)
{
    for (size_t i = 0; i < N; i++) {
        double largest = 0;
        for (size_t k = 0; k < STEPS; k++)
            largest = fmax(largest, fabs((double)golden_rmsprop_g[k * N + i]));
        assert_near(name, (double)a[i], want[i], 0,
                    rounding * largest + 0x1p-126);
    }
}

static void check_rule(const golden_rule *golden)
{
    const mnist_rmsprop rule = {golden->lr, golden->rho, golden->momentum,
                                golden->epsilon, golden->a != NULL};
    float w[N], v[N] = {0}, s[N] = {0}, a[N] = {0};
    size_t mark = 0;
    memcpy(w, golden_rmsprop_w, sizeof w);
    for (size_t done = 1; done <= STEPS; done++) {
        step(&rule, N, w, v, golden->s ? s : NULL, golden->a ? a : NULL,
             golden_rmsprop_g + (done - 1) * N);
        if (done != golden_rmsprop_marks[mark])
            continue;
        /* Each step rounds a few times, at the size of w or of the update. */
        const double rounding = (double)done * 2e-7;
        /* Centered, v - a * a loses up to three bits here. */
        const double moved = golden->a ? 8 * rounding : rounding;
        const size_t at = mark * N;
        assert_close(golden->name, v, golden->v + at, N, rounding * 2,
                     0x1p-126);
        /* The most that one step can move, and many with momentum. */
        const double most =
            golden->lr / sqrt(1 - golden->rho) / (1 - golden->momentum);
        if (golden->s)
            assert_close(golden->name, s, golden->s + at, N, 0, moved * most);
        if (golden->a)
            check_means(golden->name, a, golden->a + at, rounding);
        assert_close(golden->name, w, golden->w + at, N, rounding,
                     rounding + moved * most);
        mark++;
    }
    assert_int_equal(mark, golden_rmsprop_marked);
}

static void ten_steps_equal_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_rules / sizeof *golden_rules; i++)
        check_rule(&golden_rules[i]);
}

/* From keras/src/optimizers/rmsprop_test.py: one step with lr 0.5. */
static void one_step_equals_keras_own_test(void **state)
{
    (void)state;
    mnist_rmsprop rule = mnist_rmsprop_defaults();
    rule.lr = 0.5;
    float w[] = {1, 2, 3, 4}, v[4] = {0};
    const float g[] = {1, 6, 7, 2};
    const double want[] = {-0.5811, 0.4189, 1.4189, 2.4189};
    step(&rule, 4, w, v, NULL, NULL, g);
    assert_close("w", w, want, 4, 0, 5e-5);
}

static void parameters_do_not_see_each_other(void **state)
{
    (void)state;
    const mnist_rmsprop rule = {0.01, 0.9, 0.5, 1e-7, 1};
    float w[N], v[N], s[N], a[N];
    for (size_t i = 0; i < N; i++)
        v[i] = s[i] = a[i] = (float)i / 8;
    memcpy(w, golden_rmsprop_w, sizeof w);
    step(&rule, N, w, v, s, a, golden_rmsprop_g);
    for (size_t i = 0; i < N; i++) {
        /* In the middle of guards: nothing around it may change. */
        float one[4][3];
        for (size_t j = 0; j < 4; j++)
            one[j][0] = one[j][2] = 7;
        one[0][1] = golden_rmsprop_w[i];
        one[1][1] = one[2][1] = one[3][1] = (float)i / 8;
        step(&rule, 1, &one[0][1], &one[1][1], &one[2][1], &one[3][1],
             &golden_rmsprop_g[i]);
        assert_same_floats("w", &one[0][1], &w[i], 1);
        assert_same_floats("v", &one[1][1], &v[i], 1);
        assert_same_floats("s", &one[2][1], &s[i], 1);
        assert_same_floats("a", &one[3][1], &a[i], 1);
        for (size_t j = 0; j < 4; j++)
            assert_true(one[j][0] == 7 && one[j][2] == 7);
    }
}

static void nothing_moves_without_a_gradient(void **state)
{
    (void)state;
    const mnist_rmsprop rule = mnist_rmsprop_defaults();
    float w[] = {1.5f, -0.0f, 0x1p-130f}, v[3] = {0};
    const float g[3] = {0}, same[] = {1.5f, -0.0f, 0x1p-130f};
    step(&rule, 3, w, v, NULL, NULL, g);
    assert_same_floats("w", w, same, 3);
    assert_same_floats("v", v, g, 3);
    step(&rule, 0, NULL, NULL, NULL, NULL, NULL);
}

static void denormal_v_becomes_zero(void **state)
{
    (void)state;
    const mnist_rmsprop rule = mnist_rmsprop_defaults();
    /* 0.9 times these: just above 2^-126, and just below. */
    float w[2] = {0}, v[2] = {0x1.2p-126f, 0x1.1p-126f};
    const float g[2] = {0};
    step(&rule, 2, w, v, NULL, NULL, g);
    assert_true(v[0] >= 0x1p-126f);
    assert_true(v[1] == 0);
}

static void settings_out_of_range_are_named(void **state)
{
    (void)state;
    const mnist_rmsprop good = mnist_rmsprop_defaults();
    const struct {
        const char *name;
        size_t at;
        double value;
    } bad[] = {
        {"learning rate", offsetof(mnist_rmsprop, lr), 0},
        {"learning rate", offsetof(mnist_rmsprop, lr), -0.001},
        {"learning rate", offsetof(mnist_rmsprop, lr), NAN},
        {"learning rate", offsetof(mnist_rmsprop, lr), INFINITY},
        {"learning rate", offsetof(mnist_rmsprop, lr), 1e39},
        {"rho", offsetof(mnist_rmsprop, rho), 1},
        {"rho", offsetof(mnist_rmsprop, rho), -0.1},
        {"rho", offsetof(mnist_rmsprop, rho), NAN},
        {"momentum", offsetof(mnist_rmsprop, momentum), 1},
        {"momentum", offsetof(mnist_rmsprop, momentum), -1e-9},
        {"momentum", offsetof(mnist_rmsprop, momentum), NAN},
        {"epsilon", offsetof(mnist_rmsprop, epsilon), 0},
        {"epsilon", offsetof(mnist_rmsprop, epsilon), 0x1p-101},
        {"epsilon", offsetof(mnist_rmsprop, epsilon), 0x1p101},
        {"epsilon", offsetof(mnist_rmsprop, epsilon), NAN},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mnist_rmsprop rule = good;
        mnist_error err = {.status = MNIST_OK};
        memcpy((char *)&rule + bad[i].at, &bad[i].value, sizeof(double));
        assert_int_equal(mnist_rmsprop_check(&rule, &err),
                         MNIST_ERROR_ARGUMENT);
        assert_int_equal(err.status, MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, bad[i].name));
    }
}

static void settings_at_their_limits_are_taken(void **state)
{
    (void)state;
    const mnist_rmsprop rules[] = {
        {1e30, 0, 0, 0x1p-100, 0},
        {1e-30, 0.999999, 0.999999, 0x1p100, 1},
    };
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(mnist_rmsprop_check(&rules[i], NULL), MNIST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_keras),
        cmocka_unit_test(ten_steps_equal_golden),
        cmocka_unit_test(one_step_equals_keras_own_test),
        cmocka_unit_test(parameters_do_not_see_each_other),
        cmocka_unit_test(nothing_moves_without_a_gradient),
        cmocka_unit_test(denormal_v_becomes_zero),
        cmocka_unit_test(settings_out_of_range_are_named),
        cmocka_unit_test(settings_at_their_limits_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
