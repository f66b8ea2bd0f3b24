/* Running networks: forward and backward against golden values and central
   differences, and the same bits whatever runs beside. */
#include <mnist/network.h>
#include <mnist/random.h>

#include "golden/networks.h"
#include "support/compare.h"
#include "support/golden.h"
#include "support/networks.h"
#include "support/problem.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static mnist_workspace *new_workspace(mnist_network *net, size_t batch,
                                      unsigned threads, int training)
{
    mnist_workspace *ws = NULL;
    assert_int_equal(
        mnist_workspace_new(&ws, net, batch, threads, training, NULL),
        MNIST_OK);
    return ws;
}

static const uint32_t in_order[] = {0, 1, 2};

enum { GOLDEN = sizeof golden_networks / sizeof *golden_networks };

static void forward_and_backward_equal_golden(void **state)
{
    (void)state;
    /* Errors of float32 chains of up to 35 terms. */
    for (size_t i = 0; i < GOLDEN; i++)
        golden_check(&golden_networks[i], 2e-6);
}

static void gradients_equal_differences_on_golden_networks(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        /* Raw pixels are up to 255: a step moves the logits too far. */
        if (golden_networks[i].scale != 1)
            golden_check_differences(&golden_networks[i]);
}

/* Larger than any tile, without a relu, so without its corners. */
static void gradients_equal_differences_beyond_a_tile(void **state)
{
    (void)state;
    enum { N = 67, K = 10 };
    const char *line = "dense:37:l2=0.01,dense:41:softmax,"
                       "dense:10:softmax:l1=0.001";
    mnist_network *net = make_network(line, 9, 11, 255, 5);
    mnist_dataset data = make_dataset(N, 9, 11, K, 6);
    problem p = problem_make(net, &data, NULL, N, 3);
    problem_check_differences("large", &p, 60, 1e-2);
    problem_release(&p);
    release_dataset(&data);
    mnist_network_free(net);
}

/* An image's logits are the same bits whatever stands beside it. */
static void logits_do_not_depend_on_the_batch(void **state)
{
    (void)state;
    enum { COUNT = 50, K = 10 };
    mnist_network *net =
        make_network("dense:33:relu,dense:10:softmax", 13, 11, 255, 3);
    mnist_dataset data = make_dataset(COUNT, 13, 11, K, 4);
    static float all[COUNT * K];
    mnist_workspace *ws = new_workspace(net, COUNT, 1, 0);
    mnist_batch batch = {&data, NULL, COUNT};
    memcpy(all, mnist_network_forward(ws, &batch), sizeof all);
    mnist_workspace_free(ws);

    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned threads = 1; threads <= 4; threads++) {
            ws = new_workspace(net, 20, threads, threads % 2);
            assert_in_range(mnist_workspace_threads(ws), 1, threads);
            assert_int_equal(mnist_workspace_batch(ws), 20);
            assert_ptr_equal(mnist_workspace_network(ws), net);
            mnist_random r = mnist_random_stream(threads, 4, set);
            for (size_t count = 1; count <= 20; count++) {
                uint32_t index[20]; /* any order, repeats included */
                for (size_t n = 0; n < count; n++)
                    index[n] = mnist_random_below(&r, COUNT);
                batch = (mnist_batch){&data, index, count};
                const float *logits = mnist_network_forward(ws, &batch);
                for (size_t n = 0; n < count; n++)
                    assert_same_floats("logits", logits + n * K,
                                       all + index[n] * K, K);
            }
            mnist_workspace_free(ws);
        }
    release_dataset(&data);
    mnist_network_free(net);
}

/* Gradients are the same bits with every set and any number of threads. */
static void gradients_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    check_same_everywhere("dense:35:relu:l1=0.01,dense:19:softmax:l2=0.1,"
                          "dense:10:softmax",
                          13, 11, 45);
}

/* What an earlier, larger batch left in the lanes of blocks that have no
   picture now adds nothing. */
static void an_earlier_batch_leaves_nothing(void **state)
{
    (void)state;
    enum { COUNT = 70 };
    mnist_network *net =
        make_network("conv2d:3:2x2:tanh,maxpool:2x2,conv2d:4:2x2:relu,"
                     "dense:10:softmax",
                     9, 8, 255, 3);
    mnist_dataset data = make_dataset(COUNT, 9, 8, 10, 4);
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t count = 1; count < COUNT; count += 13) {
            problem used = problem_make(net, &data, NULL, COUNT, 2);
            problem fresh = problem_make(net, &data, NULL, count, 1);
            problem_gradients(&used);
            used.batch.count = count;
            assert_true(problem_gradients(&used) == problem_gradients(&fresh));
            for (size_t t = 0; t < 6; t++)
                assert_same_floats("gradient",
                                   mnist_workspace_gradient(used.ws, t),
                                   mnist_workspace_gradient(fresh.ws, t),
                                   mnist_network_tensor(net, t)->count);
            problem_release(&used);
            problem_release(&fresh);
        }
    release_dataset(&data);
    mnist_network_free(net);
}

static void two_workspaces_run_one_network(void **state)
{
    (void)state;
    const golden_network *g = &golden_networks[0];
    mnist_network *net = golden_make(g);
    mnist_workspace *a = new_workspace(net, 3, 2, 0);
    mnist_workspace *b = new_workspace(net, 3, 1, 1);
    mnist_dataset data =
        borrow_dataset(g->pixels, g->labels, g->count, g->rows, g->cols);
    const mnist_batch batch = {&data, in_order, g->count};
    const float *from_a = mnist_network_forward(a, &batch);
    const float *from_b = mnist_network_forward(b, &batch);
    assert_ptr_not_equal(from_a, from_b);
    assert_same_floats("logits", from_a, from_b, g->count * g->classes);
    mnist_workspace_free(a);
    mnist_workspace_free(b);
    mnist_network_free(net);
}

static void a_batch_out_of_bounds_is_refused(void **state)
{
    (void)state;
    mnist_network *net = make_network("dense:2:softmax", 2, 2, 255, 0);
    mnist_workspace *ws = NULL;
    assert_int_equal(mnist_workspace_new(&ws, net, 0, 1, 1, NULL),
                     MNIST_ERROR_ARGUMENT);
    /* 4 inputs, 2 outputs, their gradient twice: 10 floats an image. */
    const size_t too_many[] = {UINT32_MAX / 10 + 1, SIZE_MAX / 2, SIZE_MAX};
    for (size_t i = 0; i < 3; i++) {
        mnist_error err = {.status = MNIST_OK};
        assert_int_equal(mnist_workspace_new(&ws, net, too_many[i], 1, 1, &err),
                         MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "too many images"));
    }
    assert_null(ws);
    ws = new_workspace(net, 1, 0, 1);
    assert_in_range(mnist_workspace_threads(ws), 1, 1 << 16);
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_equal_golden),
        cmocka_unit_test(gradients_equal_differences_on_golden_networks),
        cmocka_unit_test(gradients_equal_differences_beyond_a_tile),
        cmocka_unit_test(logits_do_not_depend_on_the_batch),
        cmocka_unit_test(gradients_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(an_earlier_batch_leaves_nothing),
        cmocka_unit_test(two_workspaces_run_one_network),
        cmocka_unit_test(a_batch_out_of_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
