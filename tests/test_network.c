/* Networks: lines that are taken and refused, layer tables, tensors, and their
   first values. What runs them is tested in test_workspace.c. */
#include <mnist/network.h>
#include <mnist/spec.h>

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

static void check_refused(const char *line, const char *word)
{
    const char *words[] = {word, NULL};
    check_line_refused(line, 28, 28, words);
}

/* The place where a person has to look, for a caret. */
static void bad_lines_are_refused_with_the_column(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t column;
    } bad[] = {
        {"", 1},
        {"dens:10:softmax", 1},
        {"dense", 6},
        {"dense:5:relu,dense", 19},
        {"dense:0:softmax", 7},
        {"dense:10", 1},
        {"dense:5:relu,dense:1:softmax", 14},
        {"dense:5:relu,,dense:10:softmax", 14},
        {"dense:5:relu,dense:10:softmax,", 31},
        {"dense:5:relu,dense:10:softmx", 23},
        {"dense:5:relu:tanh,dense:10:softmax", 14},
        {"dense:5:relu:l1=x,dense:10:softmax", 14},
        {"dense:1:a:a:a:a:a:a:a:a,dense:10:softmax", 23},
        {"conv2d:6:3x3:relu,avgpool,dense:10:softmax", 26},
        {"conv2d:6:3x3:relu,avgpool:2:2,dense:10:softmax", 29},
        {"conv2d:6:3x:relu,dense:10:softmax", 10},
        {"conv2d:6,dense:10:softmax", 9},
        {"flatten:1,dense:10:softmax", 9},
        {"dropout,dense:10:softmax", 8},
        {"dropout:1,dense:10:softmax", 9},
        {"dropout:0:0,dense:10:softmax", 11},
        /* These are about a layer and what comes into it. */
        {"avgpool:14x14,conv2d:6:3x3,dense:10:softmax", 15},
        {"dense:5:relu,conv2d:6:3x3,dense:10:softmax", 14},
        {"dense:65536:relu,dense:65536:relu,dense:10:softmax", 18},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mnist_network *net;
        mnist_error err;
        assert_int_equal(
            mnist_network_new(&net, bad[i].line, 28, 28, 255, &err),
            MNIST_ERROR_ARGUMENT);
        if (err.column != bad[i].column)
            fail_msg("\"%s\": column %zu, expected %zu: %s", bad[i].line,
                     err.column, bad[i].column, err.message);
    }
    mnist_error err = {.column = 7};
    mnist_network *net;
    assert_int_equal(mnist_network_new(&net, "dense:10:softmax", 0, 1, 1, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(err.column, 0);
}

static void bad_lines_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line, *word;
    } bad[] = {
        {"", "layer"},
        {",", "layer"},
        {"dense", "units"},
        {"dense:", "units"},
        {"dense:0:softmax", "0"},
        {"dense:-1:softmax", "-1"},
        {"dense:+5:softmax", "+5"},
        {"dense:010:softmax", "010"},
        {"dense:1e1:softmax", "1e1"},
        {"dense:10.0:softmax", "10.0"},
        {"dense:0x10:softmax", "0x10"},
        {"dense:ten:softmax", "ten"},
        {"dense: 10:softmax", " 10"},
        {"dense:65537:softmax", "65537"},
        {"dense:18446744073709551626:softmax", "18446744073709551626"},
        {"dense:10", "softmax"},
        {"dense:10:relu", "softmax"},
        {"dense:10:linear", "softmax"},
        {"dense:1:softmax", "classes"},
        {"dense:257:softmax", "classes"},
        {"dense:10:sigmoid", "sigmoid"},
        {"dense:10:Softmax", "Softmax"},
        {"dense:10:softmax ", "softmax "},
        {"dense:10:relu:softmax", "softmax"},
        {"dense:10:softmax:softmax", "softmax"},
        {"dense:10:softmax:", "expected"},
        {"dense:10::softmax", "expected"},
        {"dense:10:softmax,", "layer"},
        {",dense:10:softmax", "layer"},
        {"dense:5:relu,,dense:10:softmax", "layer"},
        {"dens:10:softmax", "dense"},
        {"Dense:10:softmax", "dense"},
        {" dense:10:softmax", "dense"},
        {"softmax", "layer"},
        {"relu,dense:10:softmax", "layer"},
        {"10", "layer"},
        {"dense:10:softmax:l1=", "l1="},
        {"dense:10:softmax:l1=x", "l1=x"},
        {"dense:10:softmax:l1=-0.1", "l1=-0.1"},
        {"dense:10:softmax:l1=nan", "l1=nan"},
        {"dense:10:softmax:l1=inf", "l1=inf"},
        {"dense:10:softmax:l1=1e99", "l1=1e99"},
        {"dense:10:softmax:l2=0,1", "l"},
        {"dense:10:softmax:l1=1:l1=1", "twice"},
        {"dense:10:softmax:l2=0:l2=0", "twice"},
        {"dense:10:softmax:l3=1", "l3=1"},
        {"dense:10:softmax:L1=1", "L1=1"},
        {"dense:10:l1=1:l2=1:softmax:a:b:c:d:e:f:g:h", ""},
        {"dense:10:softmax;dense:10:softmax", "softmax;dense"},
        {"dense:65536:relu,dense:65536:relu,dense:10:softmax", "parameters"},
        {"dense:65536:relu,dense:4096,dense:10:softmax", "parameters"},
        {"dense:10\n:softmax", "10"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(bad[i].line, bad[i].word);
}

/* The line stands in the message, but no control character of it. */
static void a_line_cannot_steer_a_terminal(void **state)
{
    (void)state;
    static const char word[] = "den\x1b[2J:3";
    char many[MNIST_LINE_MAX] = "";
    for (size_t i = 0; i < MNIST_MAX_LAYERS; i++)
        strcat(many, i == 0 ? "flatten" : ",flatten");
    strcat(many, ",\x9b");
    const struct {
        const char *line, *shown;
    } bad[] = {
        {word, "\"den?[2J:3\", column 1"},
        {"dense:3:\x7f:\xc2\x9b:c:d:e:f:g:h:i", "\"dense:3:?:??:c:"},
        {many, "more than 64 layers"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mnist_network *net;
        mnist_error err;
        assert_int_equal(
            mnist_network_new(&net, bad[i].line, 28, 28, 255, &err),
            MNIST_ERROR_ARGUMENT);
        if (!strstr(err.message, bad[i].shown) ||
            strpbrk(err.message, "\x1b\x7f\x9b"))
            fail_msg("\"%s\" lacks %s", err.message, bad[i].shown);
    }
}

static void the_same_line_is_taken_at_its_bound(void **state)
{
    (void)state;
    char line[MNIST_LINE_MAX + 40] = "";
    for (size_t i = 1; i < MNIST_MAX_LAYERS; i++)
        strcat(line, "dense:2:relu,");
    const size_t last = strlen(line);
    strcpy(line + last, "dense:10:softmax");
    assert_true(strlen(line) < MNIST_LINE_MAX);
    mnist_network_free(make_network(line, 3, 3, 255, 0));
    strcpy(line + last, "dense:2:relu,dense:10:softmax");
    check_refused(line, "64");

    /* A number may be long: 1.000...0 */
    strcpy(line, "dense:10:softmax:l1=1.");
    memset(line + strlen(line), '0', MNIST_LINE_MAX);
    line[MNIST_LINE_MAX] = '\0';
    check_refused(line, "1024");
    line[MNIST_LINE_MAX - 1] = '\0';
    mnist_network *net = NULL;
    mnist_status status = mnist_network_new(&net, line, 3, 3, 255, NULL);
    assert_true(status == MNIST_OK || status == MNIST_ERROR_ARGUMENT);
    mnist_network_free(net);
}

static void other_arguments_out_of_range_are_refused(void **state)
{
    (void)state;
    const char *line = "dense:10:softmax";
    const size_t sides[][2] = {{0, 28}, {28, 0}, {SIZE_MAX, 2}, {2, SIZE_MAX}};
    const float scales[] = {0, -255, NAN, INFINITY, -INFINITY};
    mnist_network *net = NULL;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        assert_int_equal(
            mnist_network_new(&net, line, sides[i][0], sides[i][1], 255, NULL),
            MNIST_ERROR_ARGUMENT);
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        assert_int_equal(mnist_network_new(&net, line, 28, 28, scales[i], NULL),
                         MNIST_ERROR_ARGUMENT);
    assert_null(net);
    mnist_network_free(NULL);
    mnist_workspace_free(NULL);
}

typedef struct row {
    const char *name;
    size_t units, parameters;
} row;

static void check_table(const char *line, const row *want, size_t layers,
                        size_t parameters)
{
    mnist_network *net = make_network(line, 28, 28, 255, 0);
    mnist_layer_info info;
    size_t sum = 0;
    for (size_t i = 0; i < layers; i++) {
        assert_true(mnist_network_layer(net, i, &info));
        assert_string_equal(info.name, want[i].name);
        assert_string_equal(info.kind, "Dense");
        assert_int_equal(info.out.h, 1);
        assert_int_equal(info.out.w, 1);
        assert_int_equal(info.out.c, want[i].units);
        assert_true(info.out.flat);
        assert_int_equal(info.parameters, want[i].parameters);
        sum += info.parameters;
    }
    assert_false(mnist_network_layer(net, layers, &info));
    assert_false(mnist_network_layer(net, SIZE_MAX, &info));
    assert_int_equal(sum, parameters);
    assert_int_equal(mnist_network_parameters(net), parameters);
    assert_string_equal(mnist_network_line(net), line);
    mnist_network_free(net);
}

/* The counts that the tutorials print. */
static void layer_tables_are_those_of_keras(void **state)
{
    (void)state;
    const row wide[] = {{"dense", 512, 401920}, {"dense_1", 10, 5130}};
    check_table("dense:512:relu,dense:10:softmax", wide, 2, 407050);
    const row small[] = {{"dense", 15, 11775}, {"dense_1", 10, 160}};
    check_table("dense:15:relu,dense:10:softmax", small, 2, 11935);
    const row deep[] = {
        {"dense", 128, 100480}, {"dense_1", 32, 4128}, {"dense_2", 10, 330}};
    check_table("dense:128:relu:l1=0.0001,dense:32:l1=0.0001:relu,"
                "dense:10:softmax",
                deep, 3, 104938);
}

static void tensors_are_named_sized_and_aligned(void **state)
{
    (void)state;
    mnist_network *net = NULL;
    assert_int_equal(
        mnist_network_new(&net, "dense:3:relu,dense:5:softmax", 5, 7, 16, NULL),
        MNIST_OK);
    const struct {
        const char *name;
        unsigned dims;
        size_t size[2], count;
    } want[] = {
        {"dense.kernel", 2, {35, 3}, 105},
        {"dense.bias", 1, {3}, 3},
        {"dense_1.kernel", 2, {3, 5}, 15},
        {"dense_1.bias", 1, {5}, 5},
    };
    for (size_t i = 0; i < 4; i++) {
        const mnist_tensor *t = mnist_network_tensor(net, i);
        assert_non_null(t);
        assert_string_equal(t->name, want[i].name);
        assert_int_equal(t->dims, want[i].dims);
        assert_int_equal(t->count, want[i].count);
        for (unsigned d = 0; d < t->dims; d++)
            assert_int_equal(t->size[d], want[i].size[d]);
        assert_int_equal((uintptr_t)t->data % 64, 0);
        for (size_t j = 0; j < t->count; j++)
            assert_true(t->data[j] == 0);
    }
    assert_null(mnist_network_tensor(net, 4));
    assert_null(mnist_network_tensor(net, SIZE_MAX));
    assert_int_equal(mnist_network_rows(net), 5);
    assert_int_equal(mnist_network_cols(net), 7);
    assert_int_equal(mnist_network_classes(net), 5);
    assert_true(mnist_network_scale(net) == 16);
    mnist_network_free(net);
}

/* Glorot-uniform: inside the limit, up to it, mean 0, variance limit^2 / 3. */
static void check_glorot(const mnist_tensor *t)
{
    const double limit = sqrt(6.0 / (double)(t->size[0] + t->size[1]));
    double sum = 0, square = 0, largest = 0;
    for (size_t i = 0; i < t->count; i++) {
        double w = (double)t->data[i];
        sum += w;
        square += w * w;
        largest = fmax(largest, fabs(w));
    }
    const double n = (double)t->count;
    assert_true(largest <= limit * (1 + 1e-6));
    assert_true(largest >= limit * (1 - 20 / n));
    /* Five standard errors. */
    assert_near("mean", sum / n, 0, 0, 5 * limit / sqrt(3 * n));
    assert_near("variance", square / n, limit * limit / 3, 0,
                5 * limit * limit * sqrt(4.0 / 45 / n));
}

static void init_is_glorot_uniform_and_by_seed(void **state)
{
    (void)state;
    const char *line = "dense:64:relu,dense:64:relu,dense:10:softmax";
    mnist_network *a = make_network(line, 28, 28, 255, 1);
    mnist_network *b = make_network(line, 28, 28, 255, 1);
    mnist_network_init(a, 7);
    mnist_network_init(b, 7);
    assert_same_parameters("same seed", a, b);
    mnist_network_init(b, 8);
    for (size_t i = 0; i < 6; i++) {
        const mnist_tensor *t = mnist_network_tensor(a, i);
        const mnist_tensor *u = mnist_network_tensor(b, i);
        if (t->dims == 2) {
            check_glorot(t);
            assert_memory_not_equal(t->data, u->data, 64 * sizeof(float));
        } else {
            for (size_t j = 0; j < t->count; j++)
                assert_true(t->data[j] == 0);
        }
    }
    /* Layers do not begin alike. */
    assert_memory_not_equal(mnist_network_tensor(a, 0)->data,
                            mnist_network_tensor(a, 2)->data,
                            64 * sizeof(float));
    mnist_network_free(a);
    mnist_network_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_lines_are_refused_with_the_reason),
        cmocka_unit_test(bad_lines_are_refused_with_the_column),
        cmocka_unit_test(a_line_cannot_steer_a_terminal),
        cmocka_unit_test(the_same_line_is_taken_at_its_bound),
        cmocka_unit_test(other_arguments_out_of_range_are_refused),
        cmocka_unit_test(layer_tables_are_those_of_keras),
        cmocka_unit_test(tensors_are_named_sized_and_aligned),
        cmocka_unit_test(init_is_glorot_uniform_and_by_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
