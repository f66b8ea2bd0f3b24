/* Files of other programs that are not in order, and what is said of them. */
#include <mnist/exchange.h>

#include "support/foreign.h"
#include "support/importing.h"
#include "support/networks.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    mnist_network *net = import_file(
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
        import_refused(temporary_write(t, "cut", whole, cut),
                       mnist_import_defaults(), MNIST_ERROR_WEIGHTS,
                       "cut: ", "");
    whole = realloc(whole, length + 1);
    assert_non_null(whole);
    whole[length] = 0;
    import_refused(temporary_write(t, "cut", whole, length + 1),
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
        import_refused(foreign_write(*state, "x", "", rows[i].tensors),
                       import_with_line(rows[i].line), rows[i].status,
                       rows[i].words[0], rows[i].words[1]);
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
    import_refused(foreign_write(*state, "x", "", tensors),
                   mnist_import_defaults(), MNIST_ERROR_ARGUMENT, "128 layers",
                   "longer than 1023");
}

static void half_a_size_is_told(void **state)
{
    mnist_import_options options = mnist_import_defaults();
    options.rows = 28;
    import_refused(temporary_path(*state, "none"), options,
                   MNIST_ERROR_ARGUMENT, "28x0", "both sizes or neither");
}

static void wrong_options_are_told(void **state)
{
    const foreign_tensor tensors[] = {{"a.weight", 2, {3, 4}, NULL, NULL}, {0}};
    const char *path = foreign_write(*state, "x", "", tensors);
    mnist_import_options options = mnist_import_defaults();
    import_refused(path, import_with_line("mlp5122"), MNIST_ERROR_ARGUMENT,
                   "mlp5122", "mlp512");
    options.mean = NAN;
    import_refused(path, options, MNIST_ERROR_ARGUMENT, "mean nan", "");
    options.mean = 0;
    options.deviation = INFINITY;
    import_refused(path, options, MNIST_ERROR_ARGUMENT, "deviation inf", "");
    options.deviation = 1;
    options.scale = 0;
    import_refused(path, options, MNIST_ERROR_ARGUMENT, "scale 0", "");
}

static void other_files_are_told(void **state)
{
    temporary *t = *state;
    mnist_network *net = make_network("dense:2:softmax", 2, 2, 255, 5);
    const char *own = temporary_path(t, "own");
    assert_int_equal(mnist_weights_save(net, own, NULL, 0, NULL), MNIST_OK);
    import_refused(own, mnist_import_defaults(), MNIST_ERROR_WEIGHTS,
                   "weights of this program already", "");
    import_refused(
        foreign_write(t, "x", "\"__metadata__\": {}", &(foreign_tensor){0}),
        mnist_import_defaults(), MNIST_ERROR_WEIGHTS, "no tensors", "");
    import_refused(temporary_write(t, "zip", "PK\3\4 and more than 16", 22),
                   mnist_import_defaults(), MNIST_ERROR_WEIGHTS,
                   "a zip archive", "save them as safetensors first");
    import_refused(temporary_path(t, "none"), mnist_import_defaults(),
                   MNIST_ERROR_SYSTEM, "none: cannot open", "");
    mnist_network_free(net);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_others_are_read_in_any_order),
        TEST(every_cut_is_refused),
        TEST(tensors_that_fit_no_layer_are_named),
        TEST(a_chain_too_long_for_a_line_is_told),
        TEST(half_a_size_is_told),
        TEST(wrong_options_are_told),
        TEST(other_files_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
