/* Dropout: the scale against PyTorch's, and masks that depend on the seed, the
   epoch, the image and the layer, and on nothing else. */
#include "layers/kinds.h"

#include <mnist/train.h>

#include "golden/dropout.h"
#include "support/compare.h"
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

/* One layer and the step of training that it is run in. */
typedef struct setup {
    float rate;
    size_t values; /* of an image */
    size_t layer;  /* its number in the network */
    uint64_t seed, epoch;
    unsigned threads;
    int evaluation;
} setup;

/* y = dropout of x, or dx of dy, for N images with these numbers. */
static void run(const setup *s, size_t N, const uint32_t *images, bool backward,
                const float *from, float *to)
{
    const mnist_engine engine = start_engine(s->threads);
    const mnist_layer layer = {
        .kind = &mnist_layer_dropout,
        .in = {1, 1, s->values, 1},
        .out = {1, 1, s->values, 1},
        .rate = s->rate,
        .number = s->layer,
    };
    const mnist_pass pass = {
        .engine = &engine,
        .N = N,
        .training = !s->evaluation,
        .seed = s->seed,
        .epoch = s->epoch,
        .image = images,
    };
    float *dy = malloc(N * s->values * sizeof *dy);
    assert_non_null(dy);
    memcpy(dy, from, N * s->values * sizeof *dy);
    if (backward)
        layer.kind->backward(&layer, &pass, NULL, NULL, dy, to, NULL);
    else
        layer.kind->forward(&layer, &pass, from, to);
    free(dy);
    stop_engine(&engine);
}

enum { VALUES = 10001 };

/* What becomes of ones: the mask, times the scale. */
static void draw(const setup *s, uint32_t image, float *mask)
{
    static float ones[VALUES];
    for (size_t i = 0; i < VALUES; i++)
        ones[i] = 1;
    assert_true(s->values <= VALUES);
    run(s, 1, &image, false, ones, mask);
}

static const setup usual = {.rate = 0.5f,
                            .values = VALUES,
                            .layer = 1,
                            .seed = 7,
                            .epoch = 3,
                            .threads = 1};

/* ---------------------------------------------------------------- scale */

static void kept_values_equal_golden(void **state)
{
    (void)state;
    enum { N = golden_dropout_values };
    for (size_t r = 0; r < golden_dropout_rates; r++) {
        const double *kept = golden_dropout_kept + r * N;
        const double *back = golden_dropout_dx + r * N;
        bool seen[N] = {false};
        for (uint32_t image = 0; image < 2000; image++) {
            setup s = usual;
            float mask[N], y[N], dx[N];
            s.rate = (float)golden_dropout_rate[r];
            s.values = N;
            draw(&s, image, mask);
            run(&s, 1, &image, false, golden_dropout_x, y);
            run(&s, 1, &image, true, golden_dropout_dy, dx);
            for (size_t i = 0; i < N; i++) {
                seen[i] = seen[i] || mask[i] != 0;
                /* 1 - rate in float: 1 - 0.99 keeps fewer digits. */
                const double close = 2e-7 / (1 - golden_dropout_rate[r]);
                assert_near("y", (double)y[i], mask[i] != 0 ? kept[i] : 0,
                            close, 0);
                assert_near("dx", (double)dx[i], mask[i] != 0 ? back[i] : 0,
                            close, 0);
            }
        }
        for (size_t i = 0; i < N; i++)
            assert_true(seen[i]);
    }
}

static void evaluation_leaves_values_as_they_are(void **state)
{
    (void)state;
    float x[99], y[99];
    for (size_t i = 0; i < 99; i++)
        x[i] = (float)i - 40.25f;
    x[7] = NAN;
    x[8] = -0.0f;
    setup s = usual;
    s.values = 33;
    s.evaluation = 1;
    run(&s, 3, NULL, false, x, y);
    assert_same_floats("evaluation", y, x, 99);
    run(&s, 3, NULL, true, x, y);
    assert_same_floats("its gradient", y, x, 99);
    s.evaluation = 0;
    s.rate = 0;
    run(&s, 3, NULL, false, x, y);
    assert_same_floats("rate 0", y, x, 99);
}

/* ---------------------------------------------------------------- masks */

static void check_share(const setup *s, uint32_t image)
{
    static float mask[VALUES];
    const double rate = (double)s->rate, n = VALUES;
    double kept = 0;
    draw(s, image, mask);
    for (size_t i = 0; i < VALUES; i++)
        kept += mask[i] != 0;
    /* Five standard deviations. */
    assert_near("share", kept / n, 1 - rate, 0,
                5 * sqrt(rate * (1 - rate) / n));
}

static void the_share_kept_is_one_less_the_rate(void **state)
{
    (void)state;
    const float rates[] = {0.001f, 0.01f, 0.25f, 0.5f, 0.8f, 0.999f};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        for (uint32_t image = 0; image < 20; image++) {
            setup s = usual;
            s.rate = rates[i];
            check_share(&s, image);
        }
}

/* Of two masks at rate 1/2 half the values agree, if neither tells anything of
   the other. */
static void check_apart(const char *what, const setup *a, uint32_t image_a,
                        const setup *b, uint32_t image_b)
{
    static float one[VALUES], other[VALUES];
    double same = 0, n = VALUES;
    draw(a, image_a, one);
    draw(b, image_b, other);
    for (size_t i = 0; i < VALUES; i++)
        same += one[i] == other[i];
    assert_near(what, same / n, 0.5, 0, 5 * 0.5 / sqrt(n));
}

static void each_of_them_changes_the_mask(void **state)
{
    (void)state;
    setup other[5] = {usual, usual, usual, usual, usual};
    other[0].seed++;
    other[1].epoch++;
    other[2].layer++;
    other[3].epoch = usual.epoch + ((uint64_t)1 << 20);
    other[4].seed = ~usual.seed;
    for (uint32_t image = 0; image < 10; image++) {
        for (size_t i = 0; i < 5; i++)
            check_apart("other setup", &usual, image, &other[i], image);
        check_apart("next image", &usual, image, &usual, image + 1);
        check_apart("far image", &usual, image, &usual, UINT32_MAX - image);
        /* Neither are they the same numbers one further. */
        check_apart("next epoch, image before", &usual, image + 1, &other[1],
                    image);
    }
}

/* Inside a mask, too: a value does not tell its neighbours. */
static void neighbours_are_independent(void **state)
{
    (void)state;
    static float mask[VALUES];
    draw(&usual, 5, mask);
    for (size_t apart = 1; apart <= 64; apart *= 2) {
        double same = 0, n = (double)(VALUES - apart);
        for (size_t i = 0; i + apart < VALUES; i++)
            same += mask[i] == mask[i + apart];
        assert_near("neighbours", same / n, 0.5, 0, 5 * 0.5 / sqrt(n));
    }
}

static void nothing_else_changes_the_mask(void **state)
{
    (void)state;
    enum { N = 9, SIZE = 35 };
    static const uint32_t images[N] = {4, 0, 70000, 4, 8, 4294967295u, 1, 2, 3};
    float x[N * SIZE], y[N * SIZE], alone[SIZE];
    for (size_t i = 0; i < N * SIZE; i++)
        x[i] = 1;
    setup s = usual;
    s.values = SIZE;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (s.threads = 1; s.threads <= 8; s.threads++)
            for (size_t count = 1; count <= N; count++) {
                run(&s, count, images + N - count, false, x, y);
                for (size_t n = 0; n < count; n++) {
                    draw(&s, images[N - count + n], alone);
                    assert_same_floats("mask", y + n * SIZE, alone, SIZE);
                }
            }
    /* Without numbers images are the first ones. */
    run(&s, 3, NULL, false, x, y);
    for (uint32_t n = 0; n < 3; n++) {
        draw(&s, n, alone);
        assert_same_floats("first images", y + n * SIZE, alone, SIZE);
    }
}

/* ------------------------------------------------------------- networks */

#define LINE                                                                   \
    "conv2d:3:2x2:relu,dropout:0.25,dense:20:tanh,dropout:0.5,dense:10:"       \
    "softmax"

static void bytes_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    check_same_everywhere(LINE, 9, 8, 31);
    check_same_everywhere("dropout:0.1,dense:10:softmax", 9, 8, 5);
    /* Between layers that have their pictures in blocks, and in front. */
    check_same_everywhere("dropout:0.1,conv2d:3:2x2:relu,dropout:0.25,"
                          "conv2d:2:2x3:tanh,maxpool:2x1,dropout:0.5,"
                          "dense:10:softmax",
                          9, 8, 70);
}

/* With the masks of one step the loss is a function like any other. */
static void gradients_equal_differences(void **state)
{
    (void)state;
    enum { N = 6 };
    mnist_network *net =
        make_network("conv2d:3:2x2:tanh,dropout:0.25,dense:20:tanh,dropout:0.5,"
                     "dense:10:softmax",
                     7, 6, 255, 3);
    mnist_dataset data = make_dataset(N, 7, 6, 10, 4);
    problem p = problem_make(net, &data, NULL, N, 2);
    p.seed = 11;
    p.epoch = 4;
    problem_check_differences("dropout", &p, 60, 5e-3);
    problem_release(&p);
    release_dataset(&data);
    mnist_network_free(net);
}

/* The logits of image 3 as a step of training, in a batch of `count` whose last
   it is. */
static void logits_of_3(mnist_network *net, const mnist_dataset *data,
                        size_t count, uint64_t epoch, float *logits)
{
    static const uint32_t images[] = {9, 1, 0, 5, 3};
    problem p = problem_make(net, data, images + 5 - count, count, 2);
    const float *all = mnist_network_forward_training(p.ws, &p.batch, 1, epoch);
    memcpy(logits, all + (count - 1) * 10, 10 * sizeof *logits);
    problem_release(&p);
}

static void an_image_is_dropped_alike_in_every_batch(void **state)
{
    (void)state;
    mnist_network *net = make_network(LINE, 9, 8, 255, 3);
    mnist_dataset data = make_dataset(10, 9, 8, 10, 4);
    float first[10], logits[10];
    logits_of_3(net, &data, 1, 0, first);
    for (size_t count = 2; count <= 5; count++) {
        logits_of_3(net, &data, count, 0, logits);
        assert_same_floats("logits", logits, first, 10);
    }
    logits_of_3(net, &data, 1, 1, logits);
    assert_memory_not_equal(logits, first, sizeof logits);
    /* Evaluation draws nothing, before and after. */
    problem p = problem_make(net, &data, NULL, 10, 1);
    memcpy(first, mnist_network_forward(p.ws, &p.batch), sizeof first);
    mnist_network_forward_training(p.ws, &p.batch, 1, 1);
    assert_same_floats("evaluation", mnist_network_forward(p.ws, &p.batch),
                       first, 10);
    problem_release(&p);
    release_dataset(&data);
    mnist_network_free(net);
}

static void bad_lines_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "dropout",
        "dropout:",
        "dropout:1",
        "dropout:1.0",
        "dropout:-0.1",
        "dropout:nan",
        "dropout:inf",
        "dropout:x",
        "dropout:50%",
        "dropout: 0.5",
        "dropout:0.5:0.5",
        "dropout:2",
        "dropout:0.99999999999",
    };
    const char *const words[] = {"dropout", "rate", "below 1", NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_line_refused(bad[i], 5, 7, words);
    const char *const end[] = {"dense", "softmax", NULL};
    check_line_refused("dense:2:softmax,dropout:0.5", 5, 7, end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_values_equal_golden),
        cmocka_unit_test(evaluation_leaves_values_as_they_are),
        cmocka_unit_test(the_share_kept_is_one_less_the_rate),
        cmocka_unit_test(each_of_them_changes_the_mask),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(nothing_else_changes_the_mask),
        cmocka_unit_test(bytes_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(gradients_equal_differences),
        cmocka_unit_test(an_image_is_dropped_alike_in_every_batch),
        cmocka_unit_test(bad_lines_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
