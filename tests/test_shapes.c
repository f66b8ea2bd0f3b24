/* Shapes come from the data: the tutorials' networks have Keras' counts and
   shapes, and other sizes and classes train, predict, save and load. */
#include <mnist/evaluate.h>
#include <mnist/spec.h>
#include <mnist/train.h>
#include <mnist/weights.h>

#include "support/compare.h"
#include "support/networks.h"
#include "support/tally.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static mnist_network *named(const char *name, size_t rows, size_t cols,
                            size_t classes)
{
    char line[MNIST_LINE_MAX];
    assert_int_equal(mnist_spec_resolve(line, name, classes, NULL), MNIST_OK);
    return make_network(line, rows, cols, 255, 1);
}

static void counts_are_those_of_the_tutorials(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t parameters;
    } want[] = {{"mlp512", 407050},
                {"mlp15", 11935},
                {"mlp128", 104938},
                {"lenet", 109994}};
    for (size_t i = 0; i < 4; i++) {
        mnist_network *net = named(want[i].name, 28, 28, 10);
        assert_int_equal(mnist_network_parameters(net), want[i].parameters);
        assert_string_equal(mnist_spec_named(i)->name, want[i].name);
        mnist_network_free(net);
    }
    assert_null(mnist_spec_named(4));
}

typedef struct row {
    const char *name, *kind;
    size_t h, w, c;
    int flat;
    size_t parameters;
} row;

static void check_table(const char *name, const row *want, size_t rows)
{
    mnist_network *net = named(name, 28, 28, 10);
    mnist_layer_info info;
    for (size_t i = 0; i < rows; i++) {
        assert_true(mnist_network_layer(net, i, &info));
        assert_string_equal(info.name, want[i].name);
        assert_string_equal(info.kind, want[i].kind);
        assert_int_equal(info.out.h, want[i].h);
        assert_int_equal(info.out.w, want[i].w);
        assert_int_equal(info.out.c, want[i].c);
        assert_int_equal(info.out.flat, want[i].flat);
        assert_int_equal(info.parameters, want[i].parameters);
    }
    assert_false(mnist_network_layer(net, rows, &info));
    mnist_network_free(net);
}

/* As Keras' summary() has them. */
static void tables_are_those_of_keras(void **state)
{
    (void)state;
    static const row lenet[] = {
        {"conv2d", "Conv2D", 26, 26, 6, 0, 60},
        {"average_pooling2d", "AveragePooling2D", 13, 13, 6, 0, 0},
        {"conv2d_1", "Conv2D", 11, 11, 16, 0, 880},
        {"average_pooling2d_1", "AveragePooling2D", 5, 5, 16, 0, 0},
        {"conv2d_2", "Conv2D", 3, 3, 120, 0, 17400},
        {"flatten", "Flatten", 1, 1, 1080, 1, 0},
        {"dense", "Dense", 1, 1, 84, 1, 90804},
        {"dense_1", "Dense", 1, 1, 10, 1, 850},
    };
    static const row mlp128[] = {
        {"dense", "Dense", 1, 1, 128, 1, 100480},
        {"dropout", "Dropout", 1, 1, 128, 1, 0},
        {"dense_1", "Dense", 1, 1, 32, 1, 4128},
        {"dropout_1", "Dropout", 1, 1, 32, 1, 0},
        {"dense_2", "Dense", 1, 1, 10, 1, 330},
    };
    check_table("lenet", lenet, sizeof lenet / sizeof *lenet);
    check_table("mlp128", mlp128, sizeof mlp128 / sizeof *mlp128);
}

/* Saved and loaded it is the same network, and gives the same answers. */
static void check_file(temporary *t, const mnist_network *net,
                       const mnist_dataset *data, const float *want)
{
    const char *path = temporary_path(t, "weights");
    const size_t values = data->count * mnist_network_classes(net);
    mnist_network *loaded = NULL;
    mnist_workspace *ws = NULL;
    mnist_error err = {.status = MNIST_OK};
    float *p = malloc(values * sizeof *p);
    assert_non_null(p);
    if (mnist_weights_save(net, path, NULL, 0, &err) ||
        mnist_weights_load(&loaded, NULL, path, &err))
        fail_msg("%s", err.message);
    assert_same_parameters("loaded", loaded, net);
    assert_int_equal(mnist_workspace_new(&ws, loaded, 7, 1, 0, NULL), MNIST_OK);
    assert_int_equal(mnist_predict(ws, data, 0, data->count, p, NULL),
                     MNIST_OK);
    assert_same_floats("predictions", p, want, values);
    free(p);
    mnist_workspace_free(ws);
    mnist_network_free(loaded);
}

/* Trains on the first images, and wants the rest to be told apart; not where
   that takes too long, and it trains for some epochs only. */
static void check_learns(temporary *t, const char *line, size_t rows,
                         size_t cols, size_t classes)
{
    enum { TRAIN = 600, TEST = 200, EPOCHS = 20, SOME_EPOCHS = 2 };
    mnist_dataset all = make_dataset(TRAIN + TEST, rows, cols, classes, 3);
    mnist_dataset train = mnist_dataset_slice(&all, 0, TRAIN);
    mnist_dataset test = mnist_dataset_slice(&all, TRAIN, TEST);
    mnist_network *net = make_network(line, rows, cols, 255, 1);
    mnist_workspace *ws = NULL;
    mnist_train_options options = mnist_train_defaults();
    mnist_error err = {.status = MNIST_OK};
    mnist_evaluation e;
    float *p = malloc(TEST * classes * sizeof *p);
    assert_non_null(p);
    bool all_epochs = tally_stride("epochs", EPOCHS / SOME_EPOCHS) == 1;
    options.epochs = all_epochs ? EPOCHS : SOME_EPOCHS;
    options.rmsprop.lr = 0.003;
    options.batch = 20;
    if (mnist_train(net, &train, &options, NULL, &err))
        fail_msg("%s: %s", line, err.message);
    assert_int_equal(mnist_workspace_new(&ws, net, 64, 2, 0, NULL), MNIST_OK);
    assert_int_equal(mnist_evaluate(ws, &test, &e, NULL, NULL), MNIST_OK);
    print_message("%zux%zu, %zu classes: %.3f of the unseen right: %s\n", rows,
                  cols, classes, e.accuracy, line);
    assert_true(!all_epochs || e.accuracy > 0.5 + 0.5 / (double)classes);

    /* Predictions are the same answers. */
    size_t right = 0;
    assert_int_equal(mnist_predict(ws, &test, 0, TEST, p, NULL), MNIST_OK);
    for (size_t n = 0; n < TEST; n++) {
        double sum = 0;
        size_t best = 0;
        for (size_t k = 0; k < classes; k++) {
            sum += (double)p[n * classes + k];
            best = p[n * classes + k] > p[n * classes + best] ? k : best;
        }
        assert_near("sum", sum, 1, 1e-6, 0);
        right += best == test.labels[n];
    }
    assert_int_equal(right, e.correct);
    check_file(t, net, &test, p);
    free(p);
    mnist_workspace_free(ws);
    mnist_network_free(net);
    release_dataset(&all);
}

static void check_size(temporary *t, size_t rows, size_t cols, size_t classes)
{
    char line[MNIST_LINE_MAX];
    assert_int_equal(mnist_spec_resolve(line, "mlp512", classes, NULL),
                     MNIST_OK);
    check_learns(t, line, rows, cols, classes);
    snprintf(
        line, sizeof line,
        "conv2d:12:3x3:relu,avgpool:2x2,dropout:0.1,flatten,dense:%zu:softmax",
        classes);
    check_learns(t, line, rows, cols, classes);
}

static void eight_by_eight_of_ten_classes(void **state)
{
    check_size(*state, 8, 8, 10);
}

static void letters_of_26_classes(void **state)
{
    check_size(*state, 28, 28, 26);
}

static void oblong_of_two_classes(void **state)
{
    check_size(*state, 32, 20, 2);
}

static void what_does_not_fit_is_said_before_training(void **state)
{
    (void)state;
    char line[MNIST_LINE_MAX];
    mnist_network *net = NULL;
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(mnist_spec_resolve(line, "lenet", 10, NULL), MNIST_OK);
    /* 8x8 becomes 6x6, 3x3, 1x1, and then there is no window of 2x2. */
    assert_int_equal(mnist_network_new(&net, line, 8, 8, 255, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_null(net);
    assert_non_null(strstr(err.message, "average_pooling2d_1"));
    assert_non_null(strstr(err.message, "2x2"));
    assert_non_null(strstr(err.message, "1x1x16"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_tutorials),
        cmocka_unit_test(tables_are_those_of_keras),
        cmocka_unit_test(eight_by_eight_of_ten_classes),
        cmocka_unit_test(letters_of_26_classes),
        cmocka_unit_test(oblong_of_two_classes),
        cmocka_unit_test(what_does_not_fit_is_said_before_training),
    };
    return cmocka_run_group_tests(tests, temporary_setup, temporary_teardown);
}
