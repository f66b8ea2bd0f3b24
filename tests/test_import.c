/* Networks from files of other programs: names, order and layout. */
#include <mnist/exchange.h>

#include "support/compare.h"
#include "support/foreign.h"
#include "support/importing.h"
#include "support/networks.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* ---- PyTorch ---- */

static void a_chain_of_pytorch_needs_no_line(void **state)
{
    static const char *const names[] = {"2.weight", "2.bias",    "4.weight",
                                        "4.bias",   "10.weight", "10.bias"};
    mnist_import_report report;
    mnist_network *net =
        make_network("dense:7:relu,dense:7:relu,dense:3:softmax", 4, 4, 255, 5);
    mnist_network *got = import_file(foreign_pytorch(*state, "x", net, names),
                                     mnist_import_defaults(), &report);
    assert_same_parameters("dense", got, net);
    assert_int_equal(report.layout, MNIST_IMPORT_PYTORCH);
    assert_true(report.line_inferred);
    assert_false(report.order_by_names);
    assert_false(report.layout_by_names);
    assert_int_equal(report.count, 6);
    assert_string_equal(report.tensor[5].from, "10.bias");
    assert_string_equal(report.tensor[5].tensor->name, "dense_2.bias");
    assert_int_equal(report.tensor[4].size[0], 3);
    assert_int_equal(report.tensor[4].size[1], 7);
    mnist_network_free(net);
    mnist_network_free(got);
}

static void layers_of_one_shape_go_by_their_names(void **state)
{
    /* In the file they stand in another order: "10" before "9". */
    static const char *const names[] = {
        "net.1.weight",  "net.1.bias",  "net.9.weight",  "net.9.bias",
        "net.10.weight", "net.10.bias", "net.11.weight", "net.11.bias"};
    const char *line = "dense:5:relu,dense:5:tanh,dense:5:relu,dense:2:softmax";
    mnist_import_report report;
    mnist_network *net = make_network(line, 3, 3, 255, 5);
    mnist_network *got = import_file(foreign_pytorch(*state, "x", net, names),
                                     import_with_line(line), &report);
    assert_same_parameters("dense", got, net);
    assert_true(report.order_by_names);
    assert_false(report.line_inferred);
    mnist_network_free(net);
    mnist_network_free(got);
}

/* All layers have one shape, and bias number i is i. */
static void numbers_in_names_count_as_such(void **state)
{
    static const char *const sorted[] = {"a",
                                         "a.1",
                                         "a.02",
                                         "a.2b",
                                         "a.003",
                                         "a.0012",
                                         "a.12.x",
                                         "a.99999999999999999998",
                                         "a.99999999999999999999",
                                         "a0",
                                         "a00b",
                                         "b"};
    enum { LAYERS = sizeof sorted / sizeof *sorted };
    static char names[LAYERS][2][40];
    foreign_tensor tensors[2 * LAYERS + 2] = {{0}};
    float number[LAYERS];
    for (size_t i = 0; i < LAYERS; i++) {
        size_t at = i * 5 % LAYERS; /* any order in the file */
        number[i] = (float)i;
        snprintf(names[i][0], 40, "%s.weight", sorted[i]);
        snprintf(names[i][1], 40, "%s.bias", sorted[i]);
        tensors[2 * at] = (foreign_tensor){names[i][0], 2, {1, 1}, NULL, NULL};
        tensors[2 * at + 1] =
            (foreign_tensor){names[i][1], 1, {1}, NULL, &number[i]};
    }
    tensors[2 * LAYERS] = (foreign_tensor){"z.weight", 2, {2, 1}, NULL, NULL};
    mnist_network *net = import_file(foreign_write(*state, "x", "", tensors),
                                     mnist_import_defaults(), NULL);
    for (size_t i = 0; i < LAYERS; i++)
        assert_true(mnist_network_tensor(net, 2 * i + 1)->data[0] == (float)i);
    mnist_network_free(net);
}

static void convolutions_of_pytorch_are_turned(void **state)
{
    static const char *const names[] = {
        "features.0.weight",   "features.0.bias",     "features.3.weight",
        "features.3.bias",     "classifier.1.weight", "classifier.1.bias",
        "classifier.4.weight", "classifier.4.bias"};
    const char *line = "conv2d:2:3x2:relu,avgpool:2x1,conv2d:3:1x2:tanh,"
                       "dropout:0.5,flatten,dense:5:relu,dense:4:softmax";
    mnist_import_options options = import_with_line(line);
    mnist_network *net = make_network(line, 8, 6, 255, 5);
    options.rows = 8;
    options.cols = 6;
    mnist_network *got =
        import_file(foreign_pytorch(*state, "x", net, names), options, NULL);
    assert_same_parameters("conv2d", got, net);
    mnist_network_free(net);
    mnist_network_free(got);
}

static void a_missing_bias_is_zeros(void **state)
{
    static const char *const names[] = {"a.weight", "!", "b.weight", "b.bias"};
    mnist_import_report report;
    mnist_network *net =
        make_network("dense:3:relu,dense:2:softmax", 2, 2, 255, 5);
    const mnist_tensor *bias = mnist_network_tensor(net, 1);
    memset(bias->data, 0, bias->count * sizeof *bias->data);
    mnist_network *got = import_file(foreign_pytorch(*state, "x", net, names),
                                     mnist_import_defaults(), &report);
    assert_same_parameters("dense", got, net);
    assert_string_equal(report.tensor[1].from, "");
    mnist_network_free(net);
    mnist_network_free(got);
}

static void a_named_network_takes_the_classes_of_the_file(void **state)
{
    static const char *const names[] = {"1.weight", "1.bias", "3.weight",
                                        "3.bias"};
    mnist_network *net =
        make_network("dense:15:relu,dense:7:softmax", 5, 5, 255, 5);
    mnist_network *got = import_file(foreign_pytorch(*state, "x", net, names),
                                     import_with_line("mlp15"), NULL);
    assert_same_parameters("mlp15", got, net);
    assert_int_equal(mnist_network_rows(got), 5);
    mnist_network_free(net);
    mnist_network_free(got);
}

/* ---- Keras ---- */

static void names_of_keras_are_known(void **state)
{
    static const char *const names[][4] = {
        {"dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"},
        {"m/d9/kernel:0", "m/d9/bias:0", "m/d10/kernel:0", "m/d10/bias:0"},
        {"layers/dense/vars/0", "layers/dense/vars/1", "layers/dense_1/vars/0",
         "layers/dense_1/vars/1"},
        {"dense.kernel", "dense.bias", "dense_1.kernel", "dense_1.bias"},
        {"a.vars.0", "a.vars.1", "b.vars.0", "b.vars.1"},
    };
    static const float kernel[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const float bias[2] = {9, 10}, second[6] = {1, 1, 2, 2, 3, 3};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const foreign_tensor tensors[] = {
            {names[i][3], 1, {3}, NULL, NULL},
            {names[i][2], 2, {2, 3}, NULL, second},
            {names[i][1], 1, {2}, NULL, bias},
            {names[i][0], 2, {4, 2}, NULL, kernel},
            {0}};
        mnist_import_report report;
        mnist_network *net =
            import_file(foreign_write(*state, "x", "", tensors),
                        mnist_import_defaults(), &report);
        assert_int_equal(report.layout, MNIST_IMPORT_KERAS);
        assert_string_equal(mnist_network_line(net),
                            "dense:2:relu,dense:3:softmax");
        assert_int_equal(mnist_network_rows(net), 2);
        assert_memory_equal(mnist_network_tensor(net, 0)->data, kernel, 32);
        assert_memory_equal(mnist_network_tensor(net, 1)->data, bias, 8);
        assert_memory_equal(mnist_network_tensor(net, 2)->data, second, 24);
        mnist_network_free(net);
    }
}

static void convolutions_of_keras_are_as_ours(void **state)
{
    const char *line = "conv2d:2:2x3:relu,dense:3:softmax";
    mnist_network *net = make_network(line, 4, 5, 255, 5);
    foreign_tensor tensors[5] = {{0}};
    static const char *const names[] = {"conv/kernel", "conv/bias",
                                        "dense/kernel", "dense/bias"};
    mnist_import_options options = import_with_line(line);
    options.rows = 4;
    options.cols = 5;
    for (size_t i = 0; i < 4; i++) {
        const mnist_tensor *from = mnist_network_tensor(net, i);
        tensors[i] = (foreign_tensor){
            .name = names[i], .dims = from->dims, .bytes = from->data};
        memcpy(tensors[i].size, from->size, sizeof from->size);
    }
    mnist_network *got =
        import_file(foreign_write(*state, "x", "", tensors), options, NULL);
    assert_same_parameters("conv2d", got, net);
    mnist_network_free(net);
    mnist_network_free(got);
}

/* ---- Which layout ---- */

static const float square[4] = {1, 2, 3, 4};

static void squares_go_by_their_names(void **state)
{
    static const float turned[4] = {1, 3, 2, 4};
    const struct {
        const char *name;
        mnist_import_layout asked, got;
        const float *values;
        int by_names;
    } rows[] = {
        {"a.weight", MNIST_IMPORT_AUTO, MNIST_IMPORT_PYTORCH, turned, 1},
        {"a.kernel", MNIST_IMPORT_AUTO, MNIST_IMPORT_KERAS, square, 1},
        {"a.weight", MNIST_IMPORT_KERAS, MNIST_IMPORT_KERAS, square, 0},
        {"a.kernel", MNIST_IMPORT_PYTORCH, MNIST_IMPORT_PYTORCH, turned, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const foreign_tensor tensors[] = {
            {rows[i].name, 2, {2, 2}, NULL, square}, {0}};
        mnist_import_options options = import_with_line("dense:2:softmax");
        mnist_import_report report;
        options.rows = 1;
        options.cols = 2;
        options.layout = rows[i].asked;
        mnist_network *net = import_file(
            foreign_write(*state, "x", "", tensors), options, &report);
        assert_int_equal(report.layout, rows[i].got);
        assert_int_equal(report.layout_by_names, rows[i].by_names);
        assert_memory_equal(mnist_network_tensor(net, 0)->data, rows[i].values,
                            sizeof square);
        mnist_network_free(net);
    }
}

static void shapes_are_believed_before_names(void **state)
{
    static const float kernel[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const foreign_tensor tensors[] = {{"fc.weight", 2, {4, 2}, NULL, kernel},
                                      {0}};
    const char *path = foreign_write(*state, "x", "", tensors);
    mnist_import_report report;
    mnist_import_options options = import_with_line("dense:2:softmax");
    options.rows = options.cols = 2;
    mnist_network *net = import_file(path, options, &report);
    assert_int_equal(report.layout, MNIST_IMPORT_KERAS);
    assert_false(report.layout_by_names);
    assert_memory_equal(mnist_network_tensor(net, 0)->data, kernel, 32);
    mnist_network_free(net);
    options.layout = MNIST_IMPORT_PYTORCH;
    import_refused(
        path, options, MNIST_ERROR_WEIGHTS, "found fc.weight (4x2)",
        "expected for layer dense a kernel of 2x4 in PyTorch's layout");
}

static void a_layout_that_is_asked_for_is_held_to(void **state)
{
    const foreign_tensor tensors[] = {{"a.kernel", 2, {3, 4}, NULL, NULL},
                                      {"b.kernel", 2, {2, 3}, NULL, NULL},
                                      {0}};
    const char *path = foreign_write(*state, "x", "", tensors);
    mnist_import_options options = mnist_import_defaults();
    mnist_import_report report;
    mnist_network *net = import_file(path, options, &report);
    assert_int_equal(report.layout, MNIST_IMPORT_PYTORCH);
    mnist_network_free(net);
    options.layout = MNIST_IMPORT_PYTORCH;
    net = import_file(path, options, &report);
    assert_string_equal(mnist_network_line(net),
                        "dense:3:relu,dense:2:softmax");
    mnist_network_free(net);
    options.layout = MNIST_IMPORT_KERAS;
    import_refused(path, options, MNIST_ERROR_ARGUMENT,
                   "b.kernel takes 2 values", "in Keras' layout");
    options.line = "dense:4:softmax";
    import_refused(path, options, MNIST_ERROR_ARGUMENT,
                   "takes 3 values, no square", "");
    options.rows = options.cols = 28;
    import_refused(path, options, MNIST_ERROR_WEIGHTS, "found a.kernel (3x4)",
                   "a kernel of 784x4 in Keras' layout");
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_chain_of_pytorch_needs_no_line),
        TEST(layers_of_one_shape_go_by_their_names),
        TEST(numbers_in_names_count_as_such),
        TEST(convolutions_of_pytorch_are_turned),
        TEST(a_missing_bias_is_zeros),
        TEST(a_named_network_takes_the_classes_of_the_file),
        TEST(names_of_keras_are_known),
        TEST(convolutions_of_keras_are_as_ours),
        TEST(squares_go_by_their_names),
        TEST(shapes_are_believed_before_names),
        TEST(a_layout_that_is_asked_for_is_held_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
