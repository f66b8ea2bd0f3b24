/* Learning rates by the epoch, against NumPy's; and of plateaus, worked out by
   hand. */
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
            assert_near(what, mnist_schedule_lr(&options, e, NULL), g->rate[e],
                        1e-14, 1e-15 * g->lr);
    }
}

static void the_first_epoch_has_the_whole_rate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_schedules / sizeof *golden_schedules;
         i++) {
        const mnist_train_options options = options_of(&golden_schedules[i]);
        assert_true(mnist_schedule_lr(&options, 0, NULL) == options.rmsprop.lr);
    }
}

static void the_default_is_constant(void **state)
{
    (void)state;
    mnist_train_options options = mnist_train_defaults();
    assert_int_equal(options.schedule, MNIST_CONSTANT);
    assert_int_equal(options.step_epochs, 10);
    assert_true(options.step_factor == 0.1);
    assert_true(mnist_schedule_lr(&options, 1000, NULL) == options.rmsprop.lr);
}

static void settings_out_of_range_are_named(void **state)
{
    (void)state;
    const double bad[] = {0, -0.5, 1.0000001, NAN, INFINITY};
    mnist_train_options options = mnist_train_defaults();
    mnist_error err = {.status = MNIST_OK};
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

enum { PLATEAU_EPOCHS = 12 };

typedef struct plateau_case {
    const char *name;
    mnist_monitor monitor;
    size_t epochs;
    double factor, min_lr;
    double figure[PLATEAU_EPOCHS], rate[PLATEAU_EPOCHS]; /* rate: of the next */
} plateau_case;

/* The rate begins at 1. */
static const plateau_case plateaus[] = {
    {"always better",
     MNIST_MONITOR_LOSS,
     1,
     0.5,
     0,
     {9, 8, 7, 6, 5, 4, 3, 2, 1, 0.9, 0.8, 0.7},
     {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {"after two that are no better, and two more each time",
     MNIST_MONITOR_LOSS,
     2,
     0.5,
     0,
     {9, 9, 9, 9, 9, 8, 8, 9, 7, 8, 6, 7},
     {1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125, 0.125}},
    {"down to the least rate and no further",
     MNIST_MONITOR_LOSS,
     1,
     0.5,
     0.2,
     {5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4},
     {1, 0.5, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2}},
    {"by less than 0.0001 is not better",
     MNIST_MONITOR_LOSS,
     3,
     0.5,
     0,
     {1, 0.99995, 0.9999, 0.99985, 0.9998, 0.9997, 0.9996, 0.9995, 0.9995,
      0.9995, 0.9, 0.9},
     {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {"of an accuracy more is better",
     MNIST_MONITOR_ACCURACY,
     2,
     0.5,
     0,
     {0.1, 0.2, 0.1, 0.15, 0.3, 0.3, 0.3, 0.3, 0.3, 0.31, 0.3, 0.2},
     {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625}},
    {"what is no number is not better",
     MNIST_MONITOR_LOSS,
     2,
     0.5,
     0,
     {NAN, INFINITY, 5, NAN, INFINITY, 5, 4, 4, 4, 4, 3, 3},
     {1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125}},
};

static void plateaus_lower_the_rate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plateaus / sizeof *plateaus; i++) {
        const plateau_case *c = &plateaus[i];
        mnist_train_options options = mnist_train_defaults();
        options.schedule = MNIST_PLATEAU;
        options.rmsprop.lr = 1;
        options.monitor = c->monitor;
        options.plateau_epochs = c->epochs;
        options.plateau_factor = c->factor;
        options.min_lr = c->min_lr;
        assert_int_equal(mnist_schedule_check(&options, NULL), MNIST_OK);
        mnist_plateau plateau = mnist_plateau_start(&options);
        assert_true(mnist_schedule_lr(&options, 0, &plateau) == 1);
        for (size_t e = 0; e < PLATEAU_EPOCHS; e++) {
            mnist_plateau_step(&plateau, &options, e + 1, c->figure[e]);
            double rate = mnist_schedule_lr(&options, e + 1, &plateau);
            if (rate != c->rate[e])
                fail_msg("%s: after epoch %zu the rate is %g, expected %g",
                         c->name, e + 1, rate, c->rate[e]);
        }
    }
}

static void plateaus_out_of_range_are_named(void **state)
{
    (void)state;
    static const struct {
        size_t epochs;
        double factor, min_lr;
        const char *word;
    } bad[] = {{0, 0.1, 0, "0 epochs"},
               {1, 0, 0, "plateau factor 0"},
               {1, 1, 0, "plateau factor 1"},
               {1, NAN, 0, "plateau factor nan"},
               {1, 0.1, -1, "least learning rate -1"},
               {1, 0.1, 0.0011, "learning rate, 0.001"},
               {1, 0.1, NAN, "least learning rate nan"}};
    mnist_train_options options = mnist_train_defaults();
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(options.plateau_epochs, 10);
    assert_true(options.plateau_factor == 0.1 && options.min_lr == 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.plateau_epochs = bad[i].epochs;
        options.plateau_factor = bad[i].factor;
        options.min_lr = bad[i].min_lr;
        options.schedule = MNIST_CONSTANT;
        assert_int_equal(mnist_schedule_check(&options, NULL), MNIST_OK);
        options.schedule = MNIST_PLATEAU;
        assert_int_equal(mnist_schedule_check(&options, &err),
                         MNIST_ERROR_ARGUMENT);
        if (!strstr(err.message, bad[i].word))
            fail_msg("\"%s\" lacks \"%s\"", err.message, bad[i].word);
    }
    options.schedule = (mnist_schedule)4;
    assert_int_equal(mnist_schedule_check(&options, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "schedule 4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_equal_golden),
        cmocka_unit_test(the_first_epoch_has_the_whole_rate),
        cmocka_unit_test(the_default_is_constant),
        cmocka_unit_test(settings_out_of_range_are_named),
        cmocka_unit_test(plateaus_lower_the_rate),
        cmocka_unit_test(plateaus_out_of_range_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
