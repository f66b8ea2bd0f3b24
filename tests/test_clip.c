/* Clipping by norm: values made by hand, and the same bits everywhere. */
#include "training/clip.h"

#include "model/chain.h"

#include "support/compare.h"
#include "support/networks.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A kernel of 4 x 3 and a bias of 3. */
static mnist_network *small(void)
{
    return make_network("dense:3:softmax", 2, 2, 255, 1);
}

/* Where the gradient of tensor i is. */
static float *of_tensor(const mnist_network *net, float *gradient, size_t i)
{
    return gradient + (mnist_network_tensor(net, i)->data - net->block);
}

static void clip(const mnist_network *net, double norm, float *gradient)
{
    const mnist_engine engine = start_engine(2);
    mnist_clip(&engine, net, norm, gradient);
    stop_engine(&engine);
}

/* 3, 4 and zeros have the norm 5; 1, 2, 2 have 3. */
static void each_tensor_is_clipped_by_its_own_norm(void **state)
{
    (void)state;
    static const struct {
        double norm;
        float kernel[2], bias[3];
    } cases[] = {
        {6, {3, -4}, {1, 2, -2}},
        {5, {3, -4}, {1, 2, -2}}, /* not above it */
        {4, {2.4f, -3.2f}, {1, 2, -2}},
        {3, {1.8f, -2.4f}, {1, 2, -2}},
        {1.5, {0.9f, -1.2f}, {0.5f, 1, -1}},
        {0.75, {0.45f, -0.6f}, {0.25f, 0.5f, -0.5f}},
    };
    mnist_network *net = small();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float gradient[64] = {0}, want[64] = {0};
        assert_in_range(net->size, 15, 64);
        float *kernel = of_tensor(net, gradient, 0);
        float *bias = of_tensor(net, gradient, 1);
        kernel[1] = 3;
        kernel[10] = -4;
        bias[0] = 1;
        bias[1] = 2;
        bias[2] = -2;
        of_tensor(net, want, 0)[1] = cases[i].kernel[0];
        of_tensor(net, want, 0)[10] = cases[i].kernel[1];
        memcpy(of_tensor(net, want, 1), cases[i].bias, sizeof cases[i].bias);
        clip(net, cases[i].norm, gradient);
        assert_same_floats("clipped", gradient, want, 64);
    }
    mnist_network_free(net);
}

static void nothing_stays_nothing(void **state)
{
    (void)state;
    mnist_network *net = small();
    float gradient[64] = {0}, want[64] = {0};
    clip(net, 1e-30, gradient);
    assert_same_floats("zeros", gradient, want, 64);
    mnist_network_free(net);
}

/* Squares that no float holds; and what is not finite is not made so. */
static void norms_do_not_overflow(void **state)
{
    (void)state;
    mnist_network *net = small();
    float gradient[64] = {0};
    float *kernel = of_tensor(net, gradient, 0);
    kernel[0] = 3e38f;
    kernel[11] = -3e38f;
    clip(net, 2, gradient);
    assert_near("huge", kernel[0], sqrt(2), 1e-7, 0);
    assert_near("huge", kernel[11], -sqrt(2), 1e-7, 0);
    const float bad[] = {INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < 3; i++) {
        kernel[0] = bad[i];
        kernel[11] = 1;
        clip(net, 2, gradient);
        assert_false(isfinite(kernel[0]) && isfinite(kernel[11]));
    }
    mnist_network_free(net);
}

/* Kernels of some parts, of nearly all that there may be, and of larger ones.
 */
static const char *const lines[] = {"dense:31:softmax", "dense:160:softmax",
                                    "dense:200:softmax"};
enum { LINES = sizeof lines / sizeof *lines, SIDE = 20 };

/* Of the first engine. */
static float *first[LINES];
static double first_norm[LINES];

static void check_engine(const mnist_engine *engine)
{
    for (size_t i = 0; i < LINES; i++) {
        mnist_network *net = make_network(lines[i], SIDE, SIDE, 255, 1);
        const mnist_tensor *kernel = mnist_network_tensor(net, 0);
        float *gradient = calloc(net->size, sizeof *gradient);
        mnist_random r = mnist_random_stream(7, MNIST_RANDOM_SYNTH, i);
        double sum = 0;
        assert_non_null(gradient);
        fill_plain(&r, gradient, net->size);
        double norm =
            mnist_clip_norm(engine, of_tensor(net, gradient, 0), kernel->count);
        mnist_clip(engine, net, 0.5, gradient);
        const float *g = of_tensor(net, gradient, 0);
        for (size_t k = 0; k < kernel->count; k++)
            sum += (double)g[k] * (double)g[k];
        assert_near("norm", sqrt(sum), 0.5, 1e-6, 0);
        if (!first[i]) {
            first[i] = gradient;
            first_norm[i] = norm;
        } else {
            assert_true(norm == first_norm[i]);
            assert_same_floats(lines[i], gradient, first[i], net->size);
            free(gradient);
        }
        mnist_network_free(net);
    }
}

static void every_engine_gives_the_same_bits(void **state)
{
    (void)state;
    on_every_engine(check_engine);
    for (size_t i = 0; i < LINES; i++)
        free(first[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tensor_is_clipped_by_its_own_norm),
        cmocka_unit_test(nothing_stays_nothing),
        cmocka_unit_test(norms_do_not_overflow),
        cmocka_unit_test(every_engine_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
