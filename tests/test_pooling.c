/* Average and max pooling: golden values, gradients, what fills no window,
   equal values, and lines that are refused. */
#include "kernels/pictures.h"
#include "layers/kinds.h"

#include <mnist/network.h>

#include "golden/pooling.h"
#include "support/blocks.h"
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
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GOLDEN = sizeof golden_pooling / sizeof *golden_pooling };

static void forward_and_backward_equal_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        golden_check(&golden_pooling[i], 5e-6);
}

static void gradients_equal_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOLDEN; i++)
        golden_check_differences(&golden_pooling[i]);
}

static void bytes_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    check_same_everywhere("conv2d:5:2x2:relu,avgpool:3x2,conv2d:7:2x2,"
                          "maxpool:1x2,dense:10:softmax",
                          13, 11, 37);
    check_same_everywhere("maxpool:2x3,avgpool:2x1,dense:10:softmax", 13, 11,
                          5);
    check_same_everywhere("conv2d:4:2x2:tanh,conv2d:3:3x2,maxpool:2x2,conv2d:"
                          "2:1x2:softmax,avgpool:2x1,dense:10:softmax",
                          14, 13, 65);
}

static void sizes_are_rounded_down(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t rows, cols, h, w;
    } shapes[] = {
        {"avgpool:2x2", 28, 28, 14, 14}, {"avgpool:2x2", 5, 7, 2, 3},
        {"maxpool:2x3", 5, 7, 2, 2},     {"maxpool:3x2", 5, 7, 1, 3},
        {"maxpool:3x5", 28, 28, 9, 5},   {"avgpool:5x7", 5, 7, 1, 1},
        {"avgpool:1x1", 5, 7, 5, 7},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char line[80];
        mnist_layer_info info;
        strcpy(line, shapes[i].line);
        strcat(line, ",dense:2:softmax");
        mnist_network *net =
            make_network(line, shapes[i].rows, shapes[i].cols, 255, 0);
        assert_true(mnist_network_layer(net, 0, &info));
        assert_int_equal(info.out.h, shapes[i].h);
        assert_int_equal(info.out.w, shapes[i].w);
        assert_int_equal(info.out.c, 1);
        assert_false(info.out.flat);
        assert_int_equal(info.parameters, 0);
        assert_string_equal(info.kind, line[0] == 'a' ? "AveragePooling2D"
                                                      : "MaxPooling2D");
        assert_string_equal(info.name, line[0] == 'a' ? "average_pooling2d"
                                                      : "max_pooling2d");
        mnist_network_free(net);
    }
}

/* One layer on one picture of 5x4 with 1 channel, windows of 2x3. */
enum { IN = 5 * 4, OUT = 2 * 1 };

static void run_layer(const mnist_layer_kind *kind, const float *x, float *y,
                      const float *dy, float *dx)
{
    const mnist_engine engine = start_engine(1);
    const mnist_layer layer = {
        .kind = kind,
        .in = {5, 4, 1, 0},
        .out = {2, 1, 1, 0},
        .height = 2,
        .width = 3,
    };
    const mnist_pass pass = {.engine = &engine, .N = 1};
    float *x_block = blocks_of(1, IN, x, -1),
          *y_block = blocks_of(1, OUT, y, 0);
    float *dy_block = blocks_of(1, OUT, dy, 0);
    for (size_t i = 0; i < IN; i++)
        dx[i] = 77; /* every value must be written */
    float *dx_block = blocks_of(1, IN, dx, 77);
    kind->forward(&layer, &pass, x_block, y_block);
    kind->backward_blocks(&layer, &pass, x_block, y_block, dy_block, dx_block);
    rows_of(1, OUT, y_block, y);
    rows_of(1, IN, dx_block, dx);
    for (size_t i = 0; i < IN * MNIST_LANES; i++)
        assert_true(i % MNIST_LANES == 0 || dx_block[i] == 0);
    float *const all[] = {x_block, y_block, dy_block, dx_block};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
    stop_engine(&engine);
}

static void what_fills_no_window_gets_no_gradient(void **state)
{
    (void)state;
    const float dy[OUT] = {6, -12};
    float x[IN], y[OUT] = {0}, dx[IN];
    for (size_t i = 0; i < IN; i++)
        x[i] = (float)(i * i);
    const float mean[IN] = {1,  1, 1,  0,  1,  1, 1, 0, -2, -2,
                            -2, 0, -2, -2, -2, 0, 0, 0, 0,  0};
    run_layer(&mnist_layer_avgpool, x, y, dy, dx);
    assert_true(y[0] == (0 + 1 + 4 + 16 + 25 + 36) / 6.0f);
    assert_true(y[1] == (64 + 81 + 100 + 144 + 169 + 196) / 6.0f);
    assert_same_floats("avgpool", dx, mean, IN);
    float most[IN] = {0};
    most[6] = 6;
    most[14] = -12;
    run_layer(&mnist_layer_maxpool, x, y, dy, dx);
    assert_true(y[0] == 36 && y[1] == 196);
    assert_same_floats("maxpool", dx, most, IN);
}

static void of_equal_values_the_first_gets_the_gradient(void **state)
{
    (void)state;
    const float dy[OUT] = {6, -12};
    float x[IN], y[OUT] = {0}, dx[IN], want[IN] = {0};
    for (size_t i = 0; i < IN; i++)
        x[i] = -3;
    x[9] = x[10] = x[12] = -1;
    want[0] = 6;
    want[9] = -12;
    run_layer(&mnist_layer_maxpool, x, y, dy, dx);
    assert_true(y[0] == -3 && y[1] == -1);
    assert_same_floats("ties", dx, want, IN);
}

/* Else a network that has gone wrong would look right again. */
static void nan_is_not_hidden(void **state)
{
    (void)state;
    const float dy[OUT] = {1, 1};
    for (size_t at = 0; at < 7; at += at == 2 ? 2 : 1) {
        float x[IN], y[OUT] = {0}, dx[IN];
        for (size_t i = 0; i < IN; i++)
            x[i] = (float)i;
        x[at] = NAN;
        run_layer(&mnist_layer_maxpool, x, y, dy, dx);
        assert_true(isnan(y[0]) && y[1] == 14);
        run_layer(&mnist_layer_avgpool, x, y, dy, dx);
        assert_true(isnan(y[0]) && !isnan(y[1]));
    }
}

static void bad_lines_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t rows, cols;
        const char *words[5];
    } bad[] = {
        {"avgpool", 28, 28, {"average_pooling2d", "window", "avgpool:PHxPW"}},
        {"maxpool", 28, 28, {"max_pooling2d", "window", "maxpool:PHxPW"}},
        {"avgpool:2", 28, 28, {"\"2\"", "window"}},
        {"avgpool:2x", 28, 28, {"\"2x\"", "window"}},
        {"avgpool:0x2", 28, 28, {"0x2", "window"}},
        {"maxpool:2x2x2", 28, 28, {"2x2x2", "window"}},
        {"maxpool:2x2:relu", 28, 28, {"maxpool:PHxPW"}},
        {"avgpool:2x2:2x2", 28, 28, {"avgpool:PHxPW"}},
        {"avgpool:29x1", 28, 28, {"29x1", "28x28x1", "larger"}},
        {"maxpool:1x29", 28, 28, {"1x29", "28x28x1", "larger"}},
        {"conv2d:4:3x3,maxpool:2x2",
         3,
         9,
         {"max_pooling2d", "2x2", "1x7x4", "larger"}},
        {"dense:9:relu,avgpool:2x2", 28, 28, {"row of 9"}},
        {"flatten,maxpool:2x2", 28, 28, {"row of 784"}},
        {"averagepool:2x2", 28, 28, {"averagepool", "no layer"}},
        {"maxpol:2x2", 28, 28, {"maxpol", "did you mean maxpool"}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_line_refused(bad[i].line, bad[i].rows, bad[i].cols, bad[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_equal_golden),
        cmocka_unit_test(gradients_equal_differences),
        cmocka_unit_test(bytes_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(sizes_are_rounded_down),
        cmocka_unit_test(what_fills_no_window_gets_no_gradient),
        cmocka_unit_test(of_equal_values_the_first_gets_the_gradient),
        cmocka_unit_test(nan_is_not_hidden),
        cmocka_unit_test(bad_lines_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
