/* Networks from files of other programs. */
#include <mnist/exchange.h>

#include "support/compare.h"
#include "support/foreign.h"
#include "support/networks.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Imports what must be right. */
static mnist_network *import(const char *path, mnist_import_options options,
                             mnist_import_report *report)
{
    mnist_network *net = NULL;
    mnist_error err;
    if (mnist_import(&net, path, &options, report, &err))
        fail_msg("%s", err.message);
    return net;
}

static mnist_import_options with_line(const char *line)
{
    mnist_import_options options = mnist_import_defaults();
    options.line = line;
    return options;
}

/* Fails unless it is refused with a message that holds both words. */
static void refused(const char *path, mnist_import_options options,
                    mnist_status status, const char *word, const char *other)
{
    mnist_network *net = NULL;
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(mnist_import(&net, path, &options, NULL, &err), status);
    assert_int_equal(err.status, status);
    assert_null(net);
    if (!strstr(err.message, word) || !strstr(err.message, other))
        fail_msg("\"%s\" has not \"%s\" and \"%s\"", err.message, word, other);
}

/* ---- PyTorch ---- */

static void a_chain_of_pytorch_needs_no_line(void **state)
{
    static const char *const names[] = {"2.weight", "2.bias",    "4.weight",
                                        "4.bias",   "10.weight", "10.bias"};
    mnist_import_report report;
    mnist_network *net =
        make_network("dense:7:relu,dense:7:relu,dense:3:softmax", 4, 4, 255, 5);
    mnist_network *got = import(foreign_pytorch(*state, "x", net, names),
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
    mnist_network *got = import(foreign_pytorch(*state, "x", net, names),
                                with_line(line), &report);
    assert_same_parameters("dense", got, net);
    assert_true(report.order_by_names);
    assert_false(report.line_inferred);
    mnist_network_free(net);
    mnist_network_free(got);
}

static void convolutions_of_pytorch_are_turned(void **state)
{
    static const char *const names[] = {
        "features.0.weight",   "features.0.bias",     "features.3.weight",
        "features.3.bias",     "classifier.1.weight", "classifier.1.bias",
        "classifier.4.weight", "classifier.4.bias"};
    const char *line = "conv2d:2:3x2:relu,avgpool:2x1,conv2d:3:1x2:tanh,"
                       "dropout:0.5,flatten,dense:5:relu,dense:4:softmax";
    mnist_import_options options = with_line(line);
    mnist_network *net = make_network(line, 8, 6, 255, 5);
    options.rows = 8;
    options.cols = 6;
    mnist_network *got =
        import(foreign_pytorch(*state, "x", net, names), options, NULL);
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
    mnist_network *got = import(foreign_pytorch(*state, "x", net, names),
                                mnist_import_defaults(), &report);
    assert_same_parameters("dense", got, net);
    assert_string_equal(report.tensor[1].from, "");
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
        mnist_network *net = import(foreign_write(*state, "x", "", tensors),
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
    mnist_import_options options = with_line(line);
    options.rows = 4;
    options.cols = 5;
    for (size_t i = 0; i < 4; i++) {
        const mnist_tensor *from = mnist_network_tensor(net, i);
        tensors[i] = (foreign_tensor){
            .name = names[i], .dims = from->dims, .bytes = from->data};
        memcpy(tensors[i].size, from->size, sizeof from->size);
    }
    mnist_network *got =
        import(foreign_write(*state, "x", "", tensors), options, NULL);
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
        mnist_import_options options = with_line("dense:2:softmax");
        mnist_import_report report;
        options.rows = 1;
        options.cols = 2;
        options.layout = rows[i].asked;
        mnist_network *net =
            import(foreign_write(*state, "x", "", tensors), options, &report);
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
    mnist_import_options options = with_line("dense:2:softmax");
    options.rows = options.cols = 2;
    mnist_network *net = import(path, options, &report);
    assert_int_equal(report.layout, MNIST_IMPORT_KERAS);
    assert_false(report.layout_by_names);
    assert_memory_equal(mnist_network_tensor(net, 0)->data, kernel, 32);
    mnist_network_free(net);
    options.layout = MNIST_IMPORT_PYTORCH;
    refused(path, options, MNIST_ERROR_WEIGHTS, "found fc.weight (4x2)",
            "expected for layer dense a kernel of 2x4 in PyTorch's layout");
}

/* ---- Values ---- */

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
        mnist_network *net = import(foreign_write(*state, "x", "", tensors),
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
        refused(foreign_write(*state, "x", "", tensors),
                mnist_import_defaults(), MNIST_ERROR_WEIGHTS, rows[i].word, "");
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
    mnist_import_options options = with_line("dense:2:softmax");
    options.rows = 1;
    options.cols = 2;
    options.mean = 0.5;
    options.deviation = 0.25;
    options.scale = 2;
    mnist_network *net = import(path, options, NULL);
    assert_memory_equal(mnist_network_tensor(net, 0)->data, kernel, 16);
    assert_memory_equal(mnist_network_tensor(net, 1)->data, moved, 8);
    assert_true(mnist_network_scale(net) == 2);
    mnist_network_free(net);
    options.deviation = 1e-300;
    refused(path, options, MNIST_ERROR_WEIGHTS, "leave the range of float32",
            "");
    options.deviation = 0;
    refused(path, options, MNIST_ERROR_ARGUMENT, "standard deviation 0", "");
}

/* A convolution of 2 x 2 all of whose weights are 1: 4 means go. */
static void also_into_a_convolution(void **state)
{
    static const float ones[] = {1, 1, 1, 1}, dense[2] = {1, 1};
    const foreign_tensor tensors[] = {{"0.weight", 4, {1, 1, 2, 2}, NULL, ones},
                                      {"1.weight", 2, {2, 1}, NULL, dense},
                                      {0}};
    mnist_import_options options = with_line("conv2d:1:2x2,dense:2:softmax");
    options.rows = options.cols = 2;
    options.mean = 3;
    options.deviation = 2;
    mnist_network *net =
        import(foreign_write(*state, "x", "", tensors), options, NULL);
    assert_true(mnist_network_tensor(net, 0)->data[3] == 0.5f);
    assert_true(mnist_network_tensor(net, 1)->data[0] == -6);
    assert_true(mnist_network_tensor(net, 2)->data[0] == 1);
    mnist_network_free(net);
}

/* ---- The file ---- */

static void files_of_others_are_read_in_any_order(void **state)
{
    /* Metadata behind the tensors, which stand in another order than their
       data; an empty one among them. */
    static const char header[] =
        "{\"b.bias\": {\"shape\": [2], \"data_offsets\": [8, 16], \"dtype\": "
        "\"F32\"}, \"b.weight\": {\"dtype\": \"F32\", \"data_offsets\": [0, 8],"
        " \"shape\": [2, 1]}, \"__metadata__\": {\"format\": \"pt\"}}  ";
    static const float data[] = {1, 2, 3, 4};
    unsigned char file[sizeof header + 8 + sizeof data] = {sizeof header - 1};
    memcpy(file + 8, header, sizeof header - 1);
    memcpy(file + 8 + sizeof header - 1, data, sizeof data);
    mnist_network *net = import(
        temporary_write(*state, "x", file, 8 + sizeof header - 1 + sizeof data),
        mnist_import_defaults(), NULL);
    assert_memory_equal(mnist_network_tensor(net, 0)->data, data, 8);
    assert_memory_equal(mnist_network_tensor(net, 1)->data, data + 2, 8);
    mnist_network_free(net);
}

static void every_cut_is_refused(void **state)
{
    const foreign_tensor tensors[] = {{"a.weight", 2, {3, 4}, NULL, NULL},
                                      {"a.bias", 1, {3}, NULL, NULL},
                                      {0}};
    temporary *t = *state;
    size_t length;
    char *whole = temporary_read(foreign_write(t, "x", "", tensors), &length);
    for (size_t cut = 0; cut < length; cut++)
        refused(temporary_write(t, "cut", whole, cut), mnist_import_defaults(),
                MNIST_ERROR_WEIGHTS, "cut: ", "");
    whole = realloc(whole, length + 1);
    assert_non_null(whole);
    whole[length] = 0;
    refused(temporary_write(t, "cut", whole, length + 1),
            mnist_import_defaults(), MNIST_ERROR_WEIGHTS,
            "1 bytes after the last tensor", "");
    free(whole);
}

static void tensors_that_fit_no_layer_are_named(void **state)
{
    const struct {
        foreign_tensor tensors[4];
        const char *line;
        mnist_status status;
        const char *words[2];
    } rows[] = {
        {{{"bn.running_mean", 1, {3}, NULL, NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"tensor bn.running_mean (F32 3)", "ends in weight, kernel or bias"}},
        {{{"ownweight", 2, {3, 4}, NULL, NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"tensor ownweight", "ends in weight"}},
        {{{"a.weight", 2, {2, 4}, "I64", NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"tensor a.weight (I64 2x4)", "expected type F32, F16, BF16 or F64"}},
        {{{"a.weight", 2, {2, 4}, "F8_E4M3", NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"F8_E4M3", "expected dtype F32, F16, BF16 or F64"}},
        {{{"a.weight", 3, {2, 4, 1}, NULL, NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"a.weight (F32 2x4x1)",
          "expected 2 dimensions (a dense layer) or 4"}},
        {{{"a.bias", 2, {2, 4}, NULL, NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"a.bias (F32 2x4)", "a bias of 1 dimension"}},
        {{{"a.bias", 1, {2}, NULL, NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"a.bias", "a bias without its weight"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL},
          {"a.kernel", 2, {2, 4}, NULL, NULL}},
         NULL,
         MNIST_ERROR_WEIGHTS,
         {"a.kernel", "another of this kind"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL},
          {"b.weight", 2, {2, 3}, NULL, NULL}},
         NULL,
         MNIST_ERROR_ARGUMENT,
         {"b.weight takes 3 values, a.weight before it gives 2", "--net"}},
        {{{"a.weight", 4, {2, 1, 3, 3}, NULL, NULL}},
         NULL,
         MNIST_ERROR_ARGUMENT,
         {"a.weight is of a convolution", "--net"}},
        {{{"a.weight", 2, {2, 5}, NULL, NULL}},
         NULL,
         MNIST_ERROR_ARGUMENT,
         {"takes 5 values, no square picture", "--input"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL}},
         "dense:3:softmax",
         MNIST_ERROR_WEIGHTS,
         {"found a.weight (2x4) next", "expected for layer dense a kernel of "
                                       "3x4"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL}, {"a.bias", 1, {3}, NULL, NULL}},
         "dense:2:softmax",
         MNIST_ERROR_WEIGHTS,
         {"found a.weight (2x4) next", "a bias of 2 or none"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL},
          {"b.weight", 2, {9, 2}, NULL, NULL}},
         "dense:2:softmax",
         MNIST_ERROR_WEIGHTS,
         {"b.weight (9x2) is of no layer", "dense:2:softmax"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL}},
         "dense:2:relu,dense:3:softmax",
         MNIST_ERROR_WEIGHTS,
         {"nothing is left for layer dense_1", "a kernel of 3x2"}},
        {{{"a.weight", 2, {2, 4}, NULL, NULL}},
         "dens:2:softmax",
         MNIST_ERROR_ARGUMENT,
         {"dens", "dense"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refused(foreign_write(*state, "x", "", rows[i].tensors),
                with_line(rows[i].line), rows[i].status, rows[i].words[0],
                rows[i].words[1]);
}

/* 128 layers of one value each. */
static void a_chain_too_long_for_a_line_is_told(void **state)
{
    enum { LAYERS = 128 };
    static char names[LAYERS][16];
    static foreign_tensor tensors[LAYERS + 1];
    for (size_t i = 0; i < LAYERS; i++) {
        snprintf(names[i], sizeof names[i], "%zu.weight", i);
        tensors[i] = (foreign_tensor){names[i], 2, {1, 1}, NULL, NULL};
    }
    refused(foreign_write(*state, "x", "", tensors), mnist_import_defaults(),
            MNIST_ERROR_ARGUMENT, "128 layers", "longer than 1023");
}

static void half_a_size_is_told(void **state)
{
    mnist_import_options options = mnist_import_defaults();
    options.rows = 28;
    refused(temporary_path(*state, "none"), options, MNIST_ERROR_ARGUMENT,
            "28x0", "both sizes or neither");
}

static void other_files_are_told(void **state)
{
    temporary *t = *state;
    mnist_network *net = make_network("dense:2:softmax", 2, 2, 255, 5);
    const char *own = temporary_path(t, "own");
    assert_int_equal(mnist_weights_save(net, own, NULL, 0, NULL), MNIST_OK);
    refused(own, mnist_import_defaults(), MNIST_ERROR_WEIGHTS,
            "weights of this program already", "");
    refused(foreign_write(t, "x", "\"__metadata__\": {}", &(foreign_tensor){0}),
            mnist_import_defaults(), MNIST_ERROR_WEIGHTS, "no tensors", "");
    refused(temporary_write(t, "zip", "PK\3\4 and more than 16", 22),
            mnist_import_defaults(), MNIST_ERROR_WEIGHTS, "a zip archive",
            "save them as safetensors first");
    refused(temporary_path(t, "none"), mnist_import_defaults(),
            MNIST_ERROR_SYSTEM, "none: cannot open", "");
    mnist_network_free(net);
}

static void a_named_network_takes_the_classes_of_the_file(void **state)
{
    static const char *const names[] = {"1.weight", "1.bias", "3.weight",
                                        "3.bias"};
    mnist_network *net =
        make_network("dense:15:relu,dense:7:softmax", 5, 5, 255, 5);
    mnist_network *got = import(foreign_pytorch(*state, "x", net, names),
                                with_line("mlp15"), NULL);
    assert_same_parameters("mlp15", got, net);
    assert_int_equal(mnist_network_rows(got), 5);
    mnist_network_free(net);
    mnist_network_free(got);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_chain_of_pytorch_needs_no_line),
        TEST(layers_of_one_shape_go_by_their_names),
        TEST(convolutions_of_pytorch_are_turned),
        TEST(a_missing_bias_is_zeros),
        TEST(names_of_keras_are_known),
        TEST(convolutions_of_keras_are_as_ours),
        TEST(squares_go_by_their_names),
        TEST(shapes_are_believed_before_names),
        TEST(types_become_float32),
        TEST(what_is_not_finite_is_refused),
        TEST(a_normalization_goes_into_the_first_layer),
        TEST(also_into_a_convolution),
        TEST(files_of_others_are_read_in_any_order),
        TEST(every_cut_is_refused),
        TEST(tensors_that_fit_no_layer_are_named),
        TEST(a_chain_too_long_for_a_line_is_told),
        TEST(half_a_size_is_told),
        TEST(other_files_are_told),
        TEST(a_named_network_takes_the_classes_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
