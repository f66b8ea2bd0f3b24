/* Learning rates by the epoch, against NumPy's. */
#include "training/schedule.h"

#include "golden/schedule.h"
#include "support/compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static mnist_train_options options_of(const golden_schedule *g)
{
    mnist_train_options options = mnist_train_defaults();
    options.schedule = g->schedule;
    options.rmsprop.lr = g->lr;
    options.epochs = g->epochs;
    options.step_epochs = g->step_epochs;
    options.step_factor = g->step_factor;
    return options;
}

static void rates_equal_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_schedules / sizeof *golden_schedules;
         i++) {
        const golden_schedule *g = &golden_schedules[i];
        const mnist_train_options options = options_of(g);
        char what[40];
        snprintf(what, sizeof what, "schedule %zu", i);
        assert_int_equal(mnist_schedule_check(&options, NULL), MNIST_OK);
        for (size_t e = 0; e < g->epochs; e++)
            assert_near(what, mnist_schedule_lr(&options, e), g->rate[e], 1e-14,
                        1e-15 * g->lr);
    }
}

static void the_first_epoch_has_the_whole_rate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_schedules / sizeof *golden_schedules;
         i++) {
        const mnist_train_options options = options_of(&golden_schedules[i]);
        assert_true(mnist_schedule_lr(&options, 0) == options.rmsprop.lr);
    }
}

static void the_default_is_constant(void **state)
{
    (void)state;
    mnist_train_options options = mnist_train_defaults();
    assert_int_equal(options.schedule, MNIST_CONSTANT);
    assert_int_equal(options.step_epochs, 10);
    assert_true(options.step_factor == 0.1);
    assert_true(mnist_schedule_lr(&options, 1000) == options.rmsprop.lr);
}

static void settings_out_of_range_are_named(void **state)
{
    (void)state;
    const double bad[] = {0, -0.5, 1.0000001, NAN, INFINITY};
    mnist_train_options options = mnist_train_defaults();
    mnist_error err = {MNIST_OK, ""};
    options.schedule = MNIST_STEP;
    options.step_epochs = 0;
    assert_int_equal(mnist_schedule_check(&options, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "0 epochs"));
    options.step_epochs = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.step_factor = bad[i];
        assert_int_equal(mnist_schedule_check(&options, &err),
                         MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "step factor"));
    }
    /* Where they are not used they do not matter. */
    options.schedule = MNIST_COSINE;
    assert_int_equal(mnist_schedule_check(&options, NULL), MNIST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_equal_golden),
        cmocka_unit_test(the_first_epoch_has_the_whole_rate),
        cmocka_unit_test(the_default_is_constant),
        cmocka_unit_test(settings_out_of_range_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
