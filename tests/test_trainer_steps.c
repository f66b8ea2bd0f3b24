/* The trainer's steps are those of RMSprop's rule, one after the other. */
#include <mnist/train.h>

#include "support/compare.h"
#include "support/networks.h"
#include "support/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 9, COLS = 8, TRAIN = 101, BATCH = 20 };

static mnist_network *start(void)
{
    return make_network("conv2d:4:2x2:relu:l2=0.001,dropout:0.2,"
                        "dense:16:tanh,dense:10:softmax",
                        ROWS, COLS, 255, 4);
}

/* All epochs in the order of the file, step by step, with the public functions
   alone. */
static mnist_network *by_hand(const mnist_dataset *data,
                              const mnist_train_options *options)
{
    enum { TENSORS = 6, MOST = 4000 };
    static float v[TENSORS][MOST], s[TENSORS][MOST], a[TENSORS][MOST];
    mnist_network *net = start();
    memset(v, 0, sizeof v);
    memset(s, 0, sizeof s);
    memset(a, 0, sizeof a);
    const uint32_t steps = (TRAIN + BATCH - 1) / BATCH;
    for (uint32_t step = 0; step < options->epochs * steps; step++) {
        uint32_t images[BATCH], first = step % steps * BATCH;
        size_t count = TRAIN - first < BATCH ? TRAIN - first : BATCH;
        for (uint32_t n = 0; n < count; n++)
            images[n] = first + n;
        problem p = problem_make(net, data, images, count, 1);
        p.seed = options->seed;
        p.epoch = step / steps;
        problem_gradients(&p);
        for (size_t i = 0; i < TENSORS; i++) {
            const mnist_tensor *t = mnist_network_tensor(net, i);
            assert_in_range(t->count, 1, MOST);
            const mnist_rmsprop_arrays arrays = {
                t->data, mnist_workspace_gradient(p.ws, i), v[i], s[i], a[i]};
            mnist_rmsprop_step(&options->rmsprop, t->count, &arrays);
        }
        problem_release(&p);
    }
    return net;
}

static void steps_follow_the_rule(void **state)
{
    (void)state;
    mnist_dataset data = make_dataset(TRAIN, ROWS, COLS, 10, 1);
    mnist_train_options options = mnist_train_defaults();
    mnist_network *last = NULL;
    options.epochs = 2;
    options.batch = BATCH;
    options.seed = 3;
    options.threads = 2;
    options.shuffle = 0;
    options.rmsprop.lr = 0.01;
    for (int i = 0; i < 4; i++) {
        options.rmsprop.momentum = i % 2 ? 0.6 : 0;
        options.rmsprop.centered = i / 2;
        mnist_network *got = start(), *want = by_hand(&data, &options);
        assert_int_equal(mnist_train(got, &data, &options, NULL, NULL),
                         MNIST_OK);
        assert_same_parameters("by hand", got, want);
        if (last)
            assert_memory_not_equal(mnist_network_tensor(got, 0)->data,
                                    mnist_network_tensor(last, 0)->data,
                                    16 * sizeof(float));
        mnist_network_free(last);
        mnist_network_free(want);
        last = got;
    }
    mnist_network_free(last);
    release_dataset(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
