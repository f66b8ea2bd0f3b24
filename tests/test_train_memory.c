/* Training takes all its memory before the first step, and says so when there
   is none. */
#include <mnist/train.h>

#include "support/allocations.h"
#include "support/networks.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LINE                                                                   \
    "dense:71:relu:l1=0.0001,dense:33:softmax:l2=0.001,dense:10:softmax"
#define PICTURES "conv2d:3:2x2:relu,avgpool:2x2,dropout:0.1,dense:10:softmax"

enum { COUNT = 301 };

static mnist_train_options some_options(void)
{
    mnist_train_options options = mnist_train_defaults();
    options.batch = 37;
    options.patience = 1;
    options.clip_norm = 1;
    return options;
}

typedef struct counts {
    size_t before, after_first, last;
} counts;

static int count_allocations(const mnist_progress *progress, void *user)
{
    counts *c = user;
    c->last = allocations_count();
    if (progress->epoch == 1 && progress->step == 1)
        c->after_first = c->last;
    return 0;
}

static void nothing_is_allocated_after_the_first_step(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned threads = 1; threads <= 3; threads++) {
            mnist_dataset data = make_dataset(COUNT, 13, 11, 10, 1);
            mnist_network *net = make_network(LINE, 13, 11, 255, 2);
            counts c = {.before = allocations_count()};
            mnist_train_options options = some_options();
            options.epochs = 3;
            options.threads = threads;
            options.validation = &data;
            options.callback = count_allocations;
            options.user = &c;
            assert_int_equal(mnist_train(net, &data, &options, NULL, NULL),
                             MNIST_OK);
            assert_true(c.after_first > c.before); /* the counter counts */
            assert_int_equal(c.last, c.after_first);
            assert_int_equal(allocations_count(), c.after_first);
            mnist_network_free(net);
            release_dataset(&data);
        }
}

/* The first allocation fails, then the second, until none does. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    mnist_dataset data = make_dataset(COUNT, 13, 11, 10, 1);
    mnist_train_options options = some_options();
    options.epochs = 1;
    options.threads = 2;
    options.rmsprop.momentum = 0.5;
    options.rmsprop.centered = 1;
    size_t after = 0;
    for (int failed = 1; failed; after++) {
        mnist_network *net = NULL;
        mnist_error err = {.status = MNIST_OK};
        allocations_fail(after);
        mnist_status status =
            mnist_network_new(&net, PICTURES, 13, 11, 255, &err);
        if (!status) {
            mnist_network_init(net, 1);
            status = mnist_train(net, &data, &options, NULL, &err);
        }
        failed = allocations_failed();
        allocations_fail(SIZE_MAX);
        assert_int_equal(status, failed ? MNIST_ERROR_MEMORY : MNIST_OK);
        if (failed)
            assert_non_null(strstr(err.message, "memory"));
        mnist_network_free(net);
    }
    assert_in_range(after, 5, 100);
    release_dataset(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_allocated_after_the_first_step),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
