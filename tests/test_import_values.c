/* Types and values of imported weights, and what --mean and --std make of them.
 */
#include <mnist/exchange.h>

#include "support/compare.h"
#include "support/foreign.h"
#include "support/importing.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void types_become_float32(void **state)
{
    /* 1, -2, the smallest and the largest below infinity. */
    static const uint8_t half[] = {0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b};
    static const float of_half[] = {1, -2, 0x1p-24f, 65504};
    static const uint8_t brain[] = {0x80, 0x3f, 0, 0xc0, 1, 0, 0x7f, 0x7f};
    static const float of_brain[] = {1, -2, 0x1p-133f, 0x1.fep127f};
    static const double wide[] = {1, -2, 0x1.000001p-149, 0x1.ffffff4p126};
    static const float of_wide[] = {1, -2, 0x1p-149f, 0x1p127f};
    const struct {
        const char *type;
        const void *bytes;
        const float *values;
    } rows[] = {{"F16", half, of_half},
                {"BF16", brain, of_brain},
                {"F64", wide, of_wide}};
    for (size_t i = 0; i < 3; i++) {
        const foreign_tensor tensors[] = {
            {"kernel", 2, {1, 4}, rows[i].type, rows[i].bytes}, {0}};
        mnist_network *net =
            import_file(foreign_write(*state, "x", "", tensors),
                        mnist_import_defaults(), NULL);
        assert_same_floats(rows[i].type, mnist_network_tensor(net, 0)->data,
                           rows[i].values, 4);
        mnist_network_free(net);
    }
}

static void what_is_not_finite_is_refused(void **state)
{
    static const uint8_t half[] = {0, 0x3c, 0, 0xfc, 1, 0x7c, 0, 0};
    static const double wide[] = {0, 0, 0x1.ffffffp127, 0};
    static const uint32_t single[] = {0, 0, 0, UINT32_C(0x7fc00000)};
    const struct {
        const char *type;
        const void *bytes;
        const char *word;
    } rows[] = {
        {"F16", half, "value 1 of tensor weight is not finite"},
        {"F64", wide, "value 2 of tensor weight is not finite as a float32"},
        {"F32", single, "value 3 of tensor weight is not finite"},
    };
    for (size_t i = 0; i < 3; i++) {
        const foreign_tensor tensors[] = {
            {"weight", 2, {4, 1}, rows[i].type, rows[i].bytes}, {0}};
        import_refused(foreign_write(*state, "x", "", tensors),
                       mnist_import_defaults(), MNIST_ERROR_WEIGHTS,
                       rows[i].word, "");
    }
}

/* (x - 0.5) / 0.25 in front of 2 x0 + 3 x1 + 10 and -1 x0 + 4 x1 + 0. */
static void a_normalization_goes_into_the_first_layer(void **state)
{
    static const float weight[] = {2, 3, -1, 4}, bias[] = {10, 0};
    static const float kernel[] = {8, -4, 12, 16}, moved[] = {0, -6};
    const foreign_tensor tensors[] = {{"a.weight", 2, {2, 2}, NULL, weight},
                                      {"a.bias", 1, {2}, NULL, bias},
                                      {0}};
    const char *path = foreign_write(*state, "x", "", tensors);
    mnist_import_options options = import_with_line("dense:2:softmax");
    options.rows = 1;
    options.cols = 2;
    options.mean = 0.5;
    options.deviation = 0.25;
    options.scale = 2;
    mnist_network *net = import_file(path, options, NULL);
    assert_memory_equal(mnist_network_tensor(net, 0)->data, kernel, 16);
    assert_memory_equal(mnist_network_tensor(net, 1)->data, moved, 8);
    assert_true(mnist_network_scale(net) == 2);
    mnist_network_free(net);
    options.deviation = 1e-300;
    import_refused(path, options, MNIST_ERROR_WEIGHTS,
                   "leave the range of float32", "");
    /* Without a mean the bias stays as it is. */
    options.mean = 0;
    import_refused(path, options, MNIST_ERROR_WEIGHTS,
                   "leave the range of float32", "");
    options.deviation = 0;
    import_refused(path, options, MNIST_ERROR_ARGUMENT, "standard deviation 0",
                   "");
}

static void also_behind_pooling(void **state)
{
    static const float weight[] = {2, 3};
    static const uint32_t none[] = {0, UINT32_C(0x7f800000)};
    const foreign_tensor tensors[] = {{"a.weight", 2, {2, 1}, NULL, weight},
                                      {0}};
    const foreign_tensor infinite[] = {{"a.weight", 2, {2, 1}, NULL, weight},
                                       {"a.bias", 1, {2}, NULL, none},
                                       {0}};
    mnist_import_options options =
        import_with_line("avgpool:2x2,dense:2:softmax");
    options.rows = options.cols = 2;
    options.mean = 1;
    options.deviation = 0.5;
    mnist_network *net =
        import_file(foreign_write(*state, "x", "", tensors), options, NULL);
    assert_true(mnist_network_tensor(net, 0)->data[1] == 6);
    assert_true(mnist_network_tensor(net, 1)->data[1] == -6);
    mnist_network_free(net);
    import_refused(foreign_write(*state, "x", "", infinite), options,
                   MNIST_ERROR_WEIGHTS,
                   "value 1 of tensor a.bias is not finite", "");
}

/* A convolution of 2 x 2 all of whose weights are 1: 4 means go. */
static void also_into_a_convolution(void **state)
{
    static const float ones[] = {1, 1, 1, 1}, dense[2] = {1, 1};
    const foreign_tensor tensors[] = {{"0.weight", 4, {1, 1, 2, 2}, NULL, ones},
                                      {"1.weight", 2, {2, 1}, NULL, dense},
                                      {0}};
    mnist_import_options options =
        import_with_line("conv2d:1:2x2,dense:2:softmax");
    options.rows = options.cols = 2;
    options.mean = 3;
    options.deviation = 2;
    mnist_network *net =
        import_file(foreign_write(*state, "x", "", tensors), options, NULL);
    assert_true(mnist_network_tensor(net, 0)->data[3] == 0.5f);
    assert_true(mnist_network_tensor(net, 1)->data[0] == -6);
    assert_true(mnist_network_tensor(net, 2)->data[0] == 1);
    mnist_network_free(net);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(types_become_float32),
        TEST(what_is_not_finite_is_refused),
        TEST(a_normalization_goes_into_the_first_layer),
        TEST(also_behind_pooling),
        TEST(also_into_a_convolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
