/* Learning in panels: where they lie, that nothing is lost between the two
   orders of parameters, and that it is the same learning to the last bit. */
#include "kernels/panels.h"

#include "layers/sink.h"
#include "model/chain.h"
#include "training/optimizer.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 5, IMAGES = 21, PIXELS = SIDE * SIDE, CLASSES = 10 };

/* Each element is in the columns that are asked for, and in no other place. */
static void check_columns(size_t rows, size_t cols, bool panels)
{
    float *data = calloc(rows * cols, sizeof *data);
    assert_non_null(data);
    const mnist_matrix m = {data, rows, cols, panels};
    for (size_t j = 0; j < cols;) {
        mnist_columns part = mnist_matrix_columns(&m, j, cols);
        assert_in_range(part.cols, 1, MNIST_PANEL);
        assert_true(panels ? j % MNIST_PANEL || part.row == part.cols
                           : part.row == cols);
        for (size_t i = 0; i < rows; i++)
            for (size_t q = 0; q < part.cols; q++)
                part.at[i * part.row + q] += (float)(i * cols + j + q + 1);
        j += part.cols;
    }
    for (size_t j = 0; j < cols; j++) {
        mnist_columns one = mnist_matrix_columns(&m, j, j + 1);
        assert_int_equal(one.cols, 1);
        for (size_t i = 0; i < rows; i++)
            assert_true(one.at[i * one.row] == (float)(i * cols + j + 1));
    }
    free(data);
}

static void columns_are_found(void **state)
{
    (void)state;
    static const size_t cols[] = {1, 17, 63, 64, 65, 100, 128, 200};
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++)
        for (size_t rows = 1; rows < 9; rows += 3) {
            check_columns(rows, cols[i], false);
            check_columns(rows, cols[i], true);
        }
}

static const char *const lines[] = {
    "dense:10:softmax",
    "dense:17:relu,dense:10:softmax",
    "dense:64:relu,dense:16:relu,dense:10:softmax",
    "dense:100:relu:l1=0.01,dropout:0.2,dense:65:tanh:l2=0.01,dense:10:softmax",
    "conv2d:5:3x3:relu,flatten,dense:130:relu,dense:10:softmax",
};
enum { LINES = sizeof lines / sizeof *lines };

static mnist_network *make_network(const char *line)
{
    mnist_network *net;
    mnist_error err;
    assert_int_equal(mnist_network_new(&net, line, SIDE, SIDE, 255, &err),
                     MNIST_OK);
    mnist_network_init(net, 3);
    return net;
}

static void nothing_is_lost_between_the_orders(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        mnist_network *net = make_network(lines[i]);
        size_t n = net->size;
        float *panels = calloc(n, sizeof *panels);
        float *back = calloc(n, sizeof *back);
        assert_true(panels && back);
        mnist_network_arrange(net, true, net->block, panels);
        assert_true((memcmp(panels, net->block, n * sizeof *panels) == 0) ==
                    (i < 3)); /* up to 64 columns, a panel is the matrix */
        mnist_network_arrange(net, false, panels, back);
        assert_same_floats(lines[i], back, net->block, n);
        assert_int_equal(mnist_network_has_panels(net), i > 0);
        free(panels);
        free(back);
        mnist_network_free(net);
    }
}

static uint8_t pixels[IMAGES * PIXELS];
static const mnist_dataset images = {
    .count = IMAGES, .rows = SIDE, .cols = SIDE, .pixels = pixels};

static void fill_images(void)
{
    mnist_random r = mnist_random_stream(5, MNIST_RANDOM_SYNTH, 0);
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = mnist_random_below(&r, 4)
                        ? 0
                        : (uint8_t)mnist_random_below(&r, 256);
}

/* A step's gradient with respect to the logits: anything will do. */
static void fill_dlogits(float *dlogits, uint64_t step)
{
    mnist_random r = mnist_random_stream(6, MNIST_RANDOM_SYNTH, step);
    fill_plain(&r, dlogits, IMAGES * CLASSES);
}

enum { STEPS = 3 };

/* By steps as the trainer makes them. */
static void learn(mnist_network *net, mnist_optimizer *optimizer,
                  unsigned threads, float *v)
{
    static float dlogits[IMAGES * CLASSES];
    const mnist_batch batch = {&images, NULL, IMAGES};
    mnist_workspace *ws;
    assert_int_equal(
        mnist_workspace_make(&ws, net, IMAGES, threads, MNIST_LEARN, NULL),
        MNIST_OK);
    const mnist_sink sink =
        mnist_optimizer_sink(optimizer, 0.01, mnist_workspace_weights(ws));
    for (uint64_t step = 0; step < STEPS; step++) {
        mnist_network_forward_training(ws, &batch, 1, step);
        fill_dlogits(dlogits, step);
        mnist_network_learn(ws, dlogits, &sink);
    }
    mnist_workspace_give(ws);
    mnist_network_arrange(net, false, optimizer->v, v);
    mnist_workspace_free(ws);
}

/* By the gradient of all parameters, row by row, and the optimizer alone. */
static void learn_plainly(mnist_network *net, const mnist_rmsprop *rule,
                          float *v)
{
    static float dlogits[IMAGES * CLASSES];
    const mnist_batch batch = {&images, NULL, IMAGES};
    mnist_workspace *ws;
    assert_int_equal(mnist_workspace_new(&ws, net, IMAGES, 1, 1, NULL),
                     MNIST_OK);
    for (uint64_t step = 0; step < STEPS; step++) {
        mnist_network_forward_training(ws, &batch, 1, step);
        fill_dlogits(dlogits, step);
        mnist_network_backward(ws, dlogits);
        const mnist_tensor *tensor;
        for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
            const mnist_rmsprop_arrays arrays = {
                .w = tensor->data,
                .v = v + (tensor->data - net->block),
                .g = mnist_workspace_gradient(ws, i)};
            mnist_rmsprop_step(rule, tensor->count, &arrays);
        }
    }
    mnist_workspace_free(ws);
}

static void check_learning(const char *line, unsigned threads)
{
    mnist_rmsprop rule = mnist_rmsprop_defaults();
    rule.lr = 0.01;
    mnist_network *net = make_network(line), *plain = make_network(line);
    size_t n = net->size;
    float *v = calloc(n, sizeof *v), *plain_v = calloc(n, sizeof *v);
    mnist_optimizer optimizer;
    assert_true(v && plain_v);
    assert_int_equal(mnist_optimizer_start(&optimizer, &rule, n, NULL),
                     MNIST_OK);
    learn(net, &optimizer, threads, v);
    learn_plainly(plain, &rule, plain_v);
    assert_same_floats(line, net->block, plain->block, n);
    assert_same_floats(line, v, plain_v, n);
    mnist_optimizer_stop(&optimizer);
    mnist_network_free(net);
    mnist_network_free(plain);
    free(v);
    free(plain_v);
}

static void learning_in_panels_is_learning(void **state)
{
    (void)state;
    fill_images();
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < LINES; i++)
            for (unsigned threads = 1; threads < 9; threads += 1 + threads / 2)
                check_learning(lines[i], threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found),
        cmocka_unit_test(nothing_is_lost_between_the_orders),
        cmocka_unit_test(learning_in_panels_is_learning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
