/* The trainer's steps are those of RMSprop's rule, one after the other, of
   gradients as they are or clipped. */
#include <mnist/train.h>

#include "support/compare.h"
#include "support/networks.h"
#include "support/problem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 9, COLS = 8, TRAIN = 101, BATCH = 20 };

static size_t clips; /* how many tensors were */

static mnist_network *start(void)
{
    return make_network("conv2d:4:2x2:relu:l2=0.001,dropout:0.2,"
                        "dense:16:tanh,dense:10:softmax",
                        ROWS, COLS, 255, 4);
}

/* By the words of train.h. */
static const float *clipped(const mnist_train_options *options, float *to,
                            const float *from, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)from[i] * (double)from[i];
    double norm = sqrt(sum);
    if (options->clip_norm <= 0 || norm <= options->clip_norm)
        return from;
    for (size_t i = 0; i < count; i++)
        to[i] = (float)((double)from[i] * (options->clip_norm / norm));
    clips++;
    return to;
}

/* All epochs in the order of the file, step by step, with the public functions
   alone. */
static mnist_network *by_hand(const mnist_dataset *data,
                              const mnist_train_options *options)
{
    enum { TENSORS = 6, MOST = 4000 };
    static float v[TENSORS][MOST], s[TENSORS][MOST], a[TENSORS][MOST];
    static float short_g[MOST];
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
            const float *g = clipped(
                options, short_g, mnist_workspace_gradient(p.ws, i), t->count);
            const mnist_rmsprop_arrays arrays = {t->data, g, v[i], s[i], a[i]};
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
    for (int i = 0; i < 8; i++) {
        options.rmsprop.momentum = i % 2 ? 0.6 : 0;
        options.rmsprop.centered = i / 2 % 2;
        options.clip_norm = i < 4 ? 0 : 0.5;
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
    assert_in_range(clips, 50, 4 * 2 * 6 * 6 - 50); /* some, not all */
}

/* A norm that nothing reaches leaves each gradient's own step, bit for bit: in
   panels, in pictures, with momentum. */
static void a_large_norm_changes_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "dense:40:relu:l1=0.001,dense:10:softmax",
        "conv2d:4:2x2:relu,avgpool:2x2,dense:10:softmax"};
    mnist_dataset data = make_dataset(TRAIN, ROWS, COLS, 10, 1);
    mnist_train_options options = mnist_train_defaults();
    options.epochs = 2;
    options.batch = BATCH;
    for (int i = 0; i < 4; i++) {
        mnist_network *net[2];
        options.rmsprop.momentum = i % 2 ? 0.6 : 0;
        for (int k = 0; k < 2; k++) {
            options.clip_norm = k ? 1e30 : 0;
            options.threads = 1 + (unsigned)k;
            net[k] = make_network(lines[i / 2], ROWS, COLS, 255, 4);
            assert_int_equal(mnist_train(net[k], &data, &options, NULL, NULL),
                             MNIST_OK);
        }
        assert_same_parameters(lines[i / 2], net[1], net[0]);
        mnist_network_free(net[0]);
        mnist_network_free(net[1]);
    }
    release_dataset(&data);
}

static void norms_out_of_range_are_refused(void **state)
{
    (void)state;
    const double bad[] = {-1, NAN, INFINITY};
    mnist_dataset data = make_dataset(TRAIN, ROWS, COLS, 10, 1);
    mnist_network *net = start();
    for (size_t i = 0; i < 3; i++) {
        mnist_train_options options = mnist_train_defaults();
        mnist_error err = {.status = MNIST_OK};
        options.clip_norm = bad[i];
        assert_int_equal(mnist_train(net, &data, &options, NULL, &err),
                         MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "clip norm"));
    }
    mnist_network_free(net);
    release_dataset(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_rule),
        cmocka_unit_test(a_large_norm_changes_nothing),
        cmocka_unit_test(norms_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
