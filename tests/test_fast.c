/* Fast training: close to the strict one, the same bytes on any number of
   threads and when gone on with, and strict where it has no effect. */
#include <mnist/checkpoint.h>
#include <mnist/cpu.h>
#include <mnist/synth.h>
#include <mnist/train.h>

#include "support/compare.h"
#include "support/networks.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FAST_NAME "avx512 + amx"

enum { IMAGES = 300, SIDE = 20 };

static mnist_dataset digits;
static bool has_tiles;

/* What a network that could be fast is computed with. */
static bool find_tiles(void)
{
    mnist_train_options options = mnist_train_defaults();
    mnist_network *net =
        make_network("dense:17,dense:10:softmax", SIDE, SIDE, 255, 0);
    mnist_trainer *trainer;
    const char *why;
    options.fast = 1;
    assert_int_equal(mnist_trainer_new(&trainer, net, &digits, &options, NULL),
                     MNIST_OK);
    bool fast = strcmp(mnist_trainer_kernels(trainer, &why), FAST_NAME) == 0;
    assert_int_equal(fast, why == NULL);
    if (!fast)
        printf("skipped: %s\n", why);
    mnist_trainer_free(trainer);
    mnist_network_free(net);
    return fast;
}

static int setup(void **state)
{
    (void)state;
    if (mnist_synth_dataset(&digits, IMAGES, SIDE, SIDE, 1, 0, NULL))
        return -1;
    has_tiles = find_tiles();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mnist_dataset_free(&digits);
    return 0;
}

/* Awkward in units and images a step; all that a first layer can be told. */
typedef struct setting {
    const char *line;
    size_t batch;
    double momentum;
    int centered;
} setting;

static const setting settings[] = {
    {"dense:70:relu,dense:10:softmax", 128, 0, 0},
    {"dense:17:relu:l1=0.001:l2=0.01,dense:10:softmax", 45, 0, 0},
    {"dense:33:tanh,dropout:0.2,dense:20:relu,dense:10:softmax", 7, 0.5, 1},
    {"dense:100:softmax", 300, 0, 0},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static mnist_train_options options_of(const setting *s, unsigned threads,
                                      int fast)
{
    mnist_train_options options = mnist_train_defaults();
    options.epochs = 3;
    options.batch = s->batch;
    options.rmsprop.momentum = s->momentum;
    options.rmsprop.centered = s->centered;
    options.threads = threads;
    options.fast = fast;
    return options;
}

/* Trains a new network; release it. */
static mnist_network *train(const setting *s, unsigned threads, int fast,
                            mnist_progress *last)
{
    mnist_network *net = make_network(s->line, SIDE, SIDE, 255, 1);
    mnist_train_options options = options_of(s, threads, fast);
    assert_int_equal(mnist_train(net, &digits, &options, last, NULL), MNIST_OK);
    return net;
}

static void test_any_number_of_threads(void **state)
{
    static const unsigned threads[] = {2, 3, 8};
    (void)state;
    for (size_t i = 0; i < SETTINGS; i++) {
        mnist_network *one = train(&settings[i], 1, 1, NULL);
        for (size_t j = 0; j < sizeof threads / sizeof *threads; j++) {
            mnist_network *some = train(&settings[i], threads[j], 1, NULL);
            assert_same_parameters(settings[i].line, some, one);
            mnist_network_free(some);
        }
        mnist_network_free(one);
    }
}

static void test_close_to_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < SETTINGS; i++) {
        mnist_progress fast, strict;
        mnist_network *a = train(&settings[i], 2, 1, &fast);
        mnist_network *b = train(&settings[i], 2, 0, &strict);
        assert_near("loss", fast.loss, strict.loss, 1e-3, 0);
        /* Or there would be nothing to compare. */
        if (has_tiles)
            assert_true(fast.loss != strict.loss);
        else
            assert_same_parameters(settings[i].line, a, b);
        mnist_network_free(b);
        mnist_network_free(a);
    }
}

static void test_no_first_layer_for_it(void **state)
{
    static const char *const lines[] = {
        "dense:16:relu,dense:10:softmax",
        "conv2d:3:3x3:relu,dense:20:relu,dense:10:softmax",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const setting s = {lines[i], 50, 0, 0};
        mnist_network *fast = train(&s, 2, 1, NULL);
        mnist_network *strict = train(&s, 2, 0, NULL);
        assert_same_parameters(lines[i], fast, strict);
        mnist_network_free(strict);
        mnist_network_free(fast);
    }
}

/* With kernels that tiles do not go with, it is strict, too, and says so. */
static void test_other_kernels(void **state)
{
    const setting *s = &settings[0];
    mnist_train_options options = options_of(s, 2, 1);
    mnist_network *net = make_network(s->line, SIDE, SIDE, 255, 1);
    mnist_trainer *trainer;
    const char *why;
    (void)state;
    assert_int_equal(mnist_cpu_use("portable", NULL), MNIST_OK);
    assert_int_equal(mnist_trainer_new(&trainer, net, &digits, &options, NULL),
                     MNIST_OK);
    assert_string_equal(mnist_trainer_kernels(trainer, &why), "portable");
    assert_non_null(why);
    assert_int_equal(mnist_trainer_run(trainer, NULL), MNIST_OK);
    mnist_trainer_free(trainer);
    assert_int_equal(mnist_cpu_use("auto", NULL), MNIST_OK);
    mnist_network *strict = train(s, 2, 0, NULL);
    assert_same_parameters(s->line, net, strict);
    mnist_network_free(strict);
    mnist_network_free(net);
}

/* Stops after five batches. */
static int stop_in_the_middle(const mnist_progress *progress, void *user)
{
    (void)progress;
    return ++*(int *)user == 5;
}

/* Trains until the callback stops it, and saves that. */
static void save_part(const setting *s, const char *path)
{
    mnist_network *net = make_network(s->line, SIDE, SIDE, 255, 1);
    mnist_train_options options = options_of(s, 2, 1);
    mnist_trainer *trainer;
    int steps = 0;
    options.callback = stop_in_the_middle;
    options.user = &steps;
    assert_int_equal(mnist_trainer_new(&trainer, net, &digits, &options, NULL),
                     MNIST_OK);
    assert_int_equal(mnist_trainer_run(trainer, NULL), MNIST_ERROR_STOPPED);
    assert_int_equal(mnist_checkpoint_save(trainer, path, NULL, 0, NULL),
                     MNIST_OK);
    mnist_trainer_free(trainer);
    mnist_network_free(net);
}

static void test_gone_on_with(void **state)
{
    for (size_t i = 0; i < SETTINGS - 1; i++) {
        const setting *s = &settings[i];
        const char *path = temporary_path(*state, "checkpoint");
        mnist_train_options options = mnist_train_defaults();
        mnist_notes *notes;
        mnist_trainer *trainer;
        save_part(s, path);
        mnist_network *net = load_network(path, &notes);
        assert_int_equal(mnist_checkpoint_options(&options, notes, NULL),
                         MNIST_OK);
        assert_int_equal(options.fast, 1);
        options.threads = 3;
        assert_int_equal(
            mnist_trainer_new(&trainer, net, &digits, &options, NULL),
            MNIST_OK);
        assert_int_equal(mnist_checkpoint_load(trainer, path, NULL), MNIST_OK);
        assert_int_equal(mnist_trainer_run(trainer, NULL), MNIST_OK);
        mnist_network *whole = train(s, 1, 1, NULL);
        assert_same_parameters(s->line, net, whole);
        mnist_network_free(whole);
        mnist_trainer_free(trainer);
        mnist_network_free(net);
        mnist_notes_free(notes);
    }
}

static void test_not_gone_on_with_as_strict(void **state)
{
    const setting *s = &settings[0];
    const char *path = temporary_path(*state, "checkpoint");
    mnist_train_options options = options_of(s, 2, 0);
    mnist_trainer *trainer;
    mnist_error err;
    save_part(&settings[1], path);
    mnist_network *net = load_network(path, NULL);
    options.batch = settings[1].batch;
    assert_int_equal(mnist_trainer_new(&trainer, net, &digits, &options, NULL),
                     MNIST_OK);
    assert_int_equal(mnist_checkpoint_load(trainer, path, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "fast on, not off"));
    mnist_trainer_free(trainer);
    mnist_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_threads),
        cmocka_unit_test(test_close_to_strict),
        cmocka_unit_test(test_no_first_layer_for_it),
        cmocka_unit_test(test_other_kernels),
        cmocka_unit_test_setup_teardown(test_gone_on_with, temporary_setup,
                                        temporary_teardown),
        cmocka_unit_test_setup_teardown(test_not_gone_on_with_as_strict,
                                        temporary_setup, temporary_teardown),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
