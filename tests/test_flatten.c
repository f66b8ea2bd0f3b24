/* Flatten: rows, in each its columns, in each its channels; said or implied. */
#include <mnist/network.h>

#include "golden/flatten.h"
#include "support/compare.h"
#include "support/golden.h"
#include "support/networks.h"
#include "support/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { GOLDEN = sizeof golden_flatten / sizeof *golden_flatten };

static void forward_and_backward_equal_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++) {
        golden_check(&golden_flatten[i], 5e-6);
        golden_check_differences(&golden_flatten[i]);
    }
}

/* Said or implied, the same gradients; only the table tells. */
static void it_is_implied_before_dense(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "conv2d:4:3x2:tanh,flatten,dense:10:softmax",
        "conv2d:4:3x2:tanh,dense:10:softmax",
    };
    enum { N = 9 };
    mnist_network *net[2];
    problem p[2];
    mnist_dataset data = make_dataset(N, 7, 5, 10, 2);
    for (size_t i = 0; i < 2; i++) {
        net[i] = make_network(lines[i], 7, 5, 255, 1);
        for (size_t t = 0; i == 1 && t < 4; t++) {
            const mnist_tensor *from = mnist_network_tensor(net[0], t);
            for (size_t j = 0; j < from->count; j++)
                mnist_network_tensor(net[1], t)->data[j] = from->data[j];
        }
        p[i] = problem_make(net[i], &data, NULL, N, 2);
    }
    assert_true(problem_gradients(&p[0]) == problem_gradients(&p[1]));
    for (size_t t = 0; t < 4; t++)
        assert_same_floats("gradient", mnist_workspace_gradient(p[1].ws, t),
                           mnist_workspace_gradient(p[0].ws, t),
                           mnist_network_tensor(net[0], t)->count);
    mnist_layer_info info;
    assert_true(mnist_network_layer(net[0], 1, &info));
    assert_string_equal(info.kind, "Flatten");
    assert_string_equal(info.name, "flatten");
    assert_true(info.out.flat && info.out.c == 5 * 4 * 4);
    assert_true(mnist_network_layer(net[1], 1, &info));
    assert_string_equal(info.kind, "Dense");
    for (size_t i = 0; i < 2; i++) {
        problem_release(&p[i]);
        mnist_network_free(net[i]);
    }
    release_dataset(&data);
}

static void bad_lines_are_refused_with_the_reason(void **state)
{
    (void)state;
    const char *const settings[] = {"flatten", "no settings", NULL};
    const char *const end[] = {"dense", "softmax", NULL};
    check_line_refused("flatten:2,dense:2:softmax", 5, 7, settings);
    check_line_refused("flatten:relu,dense:2:softmax", 5, 7, settings);
    check_line_refused("flatten:,dense:2:softmax", 5, 7, settings);
    check_line_refused("flatten", 5, 7, end);
    check_line_refused("dense:2:softmax,flatten", 5, 7, end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_equal_golden),
        cmocka_unit_test(it_is_implied_before_dense),
        cmocka_unit_test(bad_lines_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
