/* Activations between layers: golden values, gradients, the same bytes
   everywhere. (Their kernels: test_kernels and test_arithmetic.) */
#include <mnist/network.h>

#include "golden/activations.h"
#include "support/golden.h"
#include "support/networks.h"
#include "support/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { GOLDEN = sizeof golden_activations / sizeof *golden_activations };

static void forward_and_backward_equal_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        golden_check(&golden_activations[i], 5e-6);
}

static void gradients_equal_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        /* Pixels above 1: a step moves what is curved too far. */
        if (golden_activations[i].scale >= 255)
            golden_check_differences(&golden_activations[i]);
}

static void bytes_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    check_same_everywhere("dense:71:tanh,dense:33:sigmoid:l1=0.001,"
                          "dense:17:softmax,dense:10:softmax",
                          13, 11, 37);
    check_same_everywhere("conv2d:5:2x2:tanh,conv2d:3:2x2:sigmoid,"
                          "conv2d:9:2x2:softmax,dense:10:softmax",
                          13, 11, 7);
}

static void bad_lines_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line, *words[4];
    } bad[] = {
        {"dense:5:Tanh,dense:2:softmax", {"\"Tanh\"", "dense:UNITS"}},
        {"dense:5:sigmoid:tanh,dense:2:softmax", {"tanh", "second"}},
        {"dense:5:linear:tanh,dense:2:softmax", {"tanh", "second"}},
        {"dense:5:dropout,dense:2:softmax", {"\"dropout\""}},
        {"tanh,dense:2:softmax", {"\"tanh\"", "no layer"}},
        {"sigmoid", {"\"sigmoid\"", "no layer"}},
        {"dense:2:sigmoid", {"softmax"}},
        {"dense:2:tanh", {"softmax"}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_line_refused(bad[i].line, 5, 7, bad[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_equal_golden),
        cmocka_unit_test(gradients_equal_differences),
        cmocka_unit_test(bytes_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(bad_lines_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
