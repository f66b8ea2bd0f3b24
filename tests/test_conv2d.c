/* Convolution: golden values, gradients, the same bytes everywhere, and lines
   that are refused. */
#include <mnist/network.h>
#include <mnist/spec.h>

#include "golden/conv2d.h"
#include "support/compare.h"
#include "support/golden.h"
#include "support/networks.h"
#include "support/problem.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { GOLDEN = sizeof golden_conv2d / sizeof *golden_conv2d };

static void forward_and_backward_equal_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        golden_check(&golden_conv2d[i], 5e-6);
}

static void gradients_equal_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        golden_check_differences(&golden_conv2d[i]);
}

static void check_differences(const char *line, size_t rows, size_t cols)
{
    enum { N = 7 };
    mnist_network *net = make_network(line, rows, cols, 255, 5);
    mnist_dataset data = make_dataset(N, rows, cols, 10, 6);
    problem p = problem_make(net, &data, NULL, N, 3);
    problem_check_differences(line, &p, 50, 1e-2);
    problem_release(&p);
    release_dataset(&data);
    mnist_network_free(net);
}

/* More filters, elements and patches than any tile or block has; dx of many
   pictures at once, and of one at a time. */
static void gradients_equal_differences_beyond_a_block(void **state)
{
    (void)state;
    check_differences("conv2d:9:3x4:tanh,conv2d:35:2x5:tanh:l2=0.001,"
                      "conv2d:3:1x1,dense:10:softmax",
                      11, 13);
    check_differences("conv2d:4:2x2:tanh,conv2d:5:3x3:tanh,dense:10:softmax",
                      18, 16);
}

static void bytes_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    char lenet[MNIST_LINE_MAX];
    assert_int_equal(mnist_spec_resolve(lenet, "lenet", 10, NULL), MNIST_OK);
    check_same_everywhere(lenet, 28, 28, 11);
    check_same_everywhere("conv2d:6:3x3:relu,conv2d:33:2x3:relu:l1=0.001,"
                          "dense:10:softmax",
                          13, 11, 45);
    check_same_everywhere("conv2d:1:1x1,conv2d:1:1x1,dense:10:softmax", 5, 7,
                          1);
    check_same_everywhere("conv2d:70:5x5,conv2d:2:3x9,dense:10:softmax", 9, 20,
                          3);
    check_same_everywhere("conv2d:5:13x11:tanh,dense:10:softmax", 13, 11, 40);
}

/* A picture's logits are the same bits whatever stands beside it. */
static void logits_do_not_depend_on_the_batch(void **state)
{
    (void)state;
    enum { COUNT = 23, K = 10 };
    mnist_network *net = make_network(
        "conv2d:5:3x2:relu,conv2d:9:2x2,dense:10:softmax", 9, 8, 255, 3);
    mnist_dataset data = make_dataset(COUNT, 9, 8, K, 4);
    problem all = problem_make(net, &data, NULL, COUNT, 1);
    const float *together = mnist_network_forward(all.ws, &all.batch);
    for (unsigned threads = 1; threads <= 3; threads++) {
        problem one = problem_make(net, &data, NULL, 2, threads);
        for (uint32_t n = 0; n < COUNT; n++) {
            const uint32_t images[] = {n / 2, n};
            const mnist_batch batch = {&data, images, 2};
            const float *logits = mnist_network_forward(one.ws, &batch);
            assert_same_floats("logits", logits + K, together + n * K, K);
        }
        problem_release(&one);
    }
    problem_release(&all);
    release_dataset(&data);
    mnist_network_free(net);
}

/* fan_in = height width channels, fan_out = height width filters. */
static void kernels_start_glorot_uniform(void **state)
{
    (void)state;
    mnist_network *net = NULL;
    assert_int_equal(mnist_network_new(&net,
                                       "conv2d:16:3x5,conv2d:24:4x2,"
                                       "dense:10:softmax",
                                       28, 28, 255, NULL),
                     MNIST_OK);
    mnist_network_init(net, 3);
    const double fans[] = {15 + 15 * 16, 8 * 16 + 8 * 24};
    for (size_t i = 0; i < 2; i++) {
        const mnist_tensor *w = mnist_network_tensor(net, 2 * i);
        const mnist_tensor *b = mnist_network_tensor(net, 2 * i + 1);
        const double limit = sqrt(6 / fans[i]), n = (double)w->count;
        double largest = 0, square = 0;
        for (size_t j = 0; j < w->count; j++) {
            largest = fmax(largest, fabs((double)w->data[j]));
            square += (double)w->data[j] * (double)w->data[j];
        }
        assert_true(largest <= limit * (1 + 1e-6));
        assert_true(largest >= limit * (1 - 20 / n));
        /* Five standard errors. */
        assert_near("variance", square / n, limit * limit / 3, 0,
                    5 * limit * limit * sqrt(4.0 / 45 / n));
        for (size_t j = 0; j < b->count; j++)
            assert_true(b->data[j] == 0);
    }
    mnist_network_free(net);
}

static void tensors_have_keras_names_and_sizes(void **state)
{
    (void)state;
    mnist_network *net = make_network(
        "conv2d:6:3x4,dropout:0.5,conv2d:2:2x1,dense:3:softmax", 5, 7, 255, 0);
    const struct {
        const char *name;
        unsigned dims;
        size_t size[4];
    } want[] = {
        {"conv2d.kernel", 4, {3, 4, 1, 6}},   {"conv2d.bias", 1, {6}},
        {"conv2d_1.kernel", 4, {2, 1, 6, 2}}, {"conv2d_1.bias", 1, {2}},
        {"dense.kernel", 2, {2 * 4 * 2, 3}},  {"dense.bias", 1, {3}},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const mnist_tensor *t = mnist_network_tensor(net, i);
        assert_string_equal(t->name, want[i].name);
        assert_int_equal(t->dims, want[i].dims);
        for (unsigned d = 0; d < t->dims; d++)
            assert_int_equal(t->size[d], want[i].size[d]);
    }
    assert_null(mnist_network_tensor(net, 6));
    mnist_network_free(net);
}

typedef struct refusal {
    const char *line;
    size_t rows, cols;
    const char *words[5];
} refusal;

static void bad_lines_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const refusal bad[] = {
        {"conv2d", 28, 28, {"conv2d", "filters"}},
        {"conv2d:", 28, 28, {"conv2d", "filters"}},
        {"conv2d:0:3x3", 28, 28, {"\"0\"", "filters"}},
        {"conv2d:65537:3x3", 28, 28, {"65537", "filters"}},
        {"conv2d:3x3:6", 28, 28, {"3x3", "filters", "FILTERS:KHxKW"}},
        {"conv2d:6", 28, 28, {"window", "3x3"}},
        {"conv2d:6:", 28, 28, {"window"}},
        {"conv2d:6:3", 28, 28, {"\"3\"", "window"}},
        {"conv2d:6:relu", 28, 28, {"\"relu\"", "window"}},
        {"conv2d:6:3x", 28, 28, {"\"3x\"", "window"}},
        {"conv2d:6:x3", 28, 28, {"\"x3\"", "window"}},
        {"conv2d:6:x", 28, 28, {"\"x\"", "window"}},
        {"conv2d:6:3x3x3", 28, 28, {"3x3x3", "window"}},
        {"conv2d:6:0x3", 28, 28, {"0x3", "window"}},
        {"conv2d:6:3x0", 28, 28, {"3x0", "window"}},
        {"conv2d:6:-3x3", 28, 28, {"-3x3", "window"}},
        {"conv2d:6:3X3", 28, 28, {"3X3", "window"}},
        {"conv2d:6:3 x3", 28, 28, {"3 x3", "window"}},
        {"conv2d:6:03x3", 28, 28, {"03x3", "window"}},
        {"conv2d:6:4097x1", 28, 28, {"4097x1", "window"}},
        {"conv2d:6:99999999999999999999x1", 28, 28, {"window"}},
        {"conv2d:6:3x3:same", 28, 28, {"same", "conv2d:FILTERS"}},
        {"conv2d:6:3x3:relu:tanh", 28, 28, {"tanh", "second activation"}},
        {"conv2d:6:3x3:l1=-1", 28, 28, {"l1=-1"}},
        {"conv2d:6:3x3:l2=1:l2=1", 28, 28, {"twice"}},
        /* A window that does not fit, with both shapes. */
        {"conv2d:6:29x3,dense:10:softmax",
         28,
         28,
         {"conv2d", "29x3", "28x28x1", "larger"}},
        {"conv2d:6:3x29", 28, 28, {"3x29", "28x28x1", "larger"}},
        {"conv2d:6:3x3", 2, 2, {"3x3", "2x2x1", "larger"}},
        {"conv2d:6:3x3", 40, 2, {"3x3", "40x2x1", "larger"}},
        {"conv2d:6:3x3:relu,avgpool:2x2,conv2d:16:3x3",
         7,
         7,
         {"conv2d_1", "3x3", "2x2x6", "larger"}},
        /* Behind a row of values. */
        {"dense:5:relu,conv2d:6:3x3", 28, 28, {"conv2d", "row of 5"}},
        {"flatten,conv2d:6:3x3", 28, 28, {"conv2d", "row of 784"}},
        {"flatten,dropout:0.5,conv2d:6:1x1", 28, 28, {"row of 784"}},
        /* No end of a network. */
        {"conv2d:10:28x28:softmax", 28, 28, {"dense", "softmax"}},
        {"conv2d:10:28x28:softmax,flatten", 28, 28, {"dense", "softmax"}},
        /* Out of bounds. */
        {"conv2d:65536:64x64,dense:10:softmax", 64, 64, {"parameters"}},
        {"conv2d:65536:1x1,dense:10:softmax", 4096, 4096, {"values"}},
        {"conv2d:16:1x1,conv2d:65536:4096x4096", 4096, 4096, {"parameters"}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_line_refused(bad[i].line, bad[i].rows, bad[i].cols, bad[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_equal_golden),
        cmocka_unit_test(gradients_equal_differences),
        cmocka_unit_test(gradients_equal_differences_beyond_a_block),
        cmocka_unit_test(bytes_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(logits_do_not_depend_on_the_batch),
        cmocka_unit_test(kernels_start_glorot_uniform),
        cmocka_unit_test(tensors_have_keras_names_and_sizes),
        cmocka_unit_test(bad_lines_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
