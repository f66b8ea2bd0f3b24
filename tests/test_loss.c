/* Softmax and cross-entropy against float64 golden values, against libm in
   double at many sizes, and against central differences. */
#include <mnist/loss.h>
#include <mnist/random.h>

#include "golden/loss.h"
#include "support/compare.h"
#include "support/gradcheck.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N golden_loss_rows
#define K golden_loss_cols

/* A float's unit in the last place is 2^-23 of it at most; exp, the sum and the
   division may each be off by a few. */
#define RELATIVE 6e-7
/* Below the smallest normal float a probability may be 0. */
#define TINY 0x1p-126

static void loss_equals_golden(void **state)
{
    (void)state;
    float loss[N], dz[N * K];
    mnist_softmax_cross_entropy(golden_loss_z, golden_loss_label, N, K, loss,
                                dz);
    for (size_t n = 0; n < N; n++)
        assert_near(golden_loss_name[n], (double)loss[n], golden_loss_each[n],
                    RELATIVE, 3e-7);
    /* p - 1 keeps an error of p's last place. */
    assert_close("dz", dz, golden_loss_dz, N * K, RELATIVE, 2e-7 / N);
}

static void softmax_equals_golden(void **state)
{
    (void)state;
    float p[N * K], in_place[N * K];
    mnist_softmax(golden_loss_z, N, K, p);
    for (size_t n = 0; n < N; n++)
        assert_close(golden_loss_name[n], p + n * K, golden_loss_p + n * K, K,
                     RELATIVE, TINY);
    memcpy(in_place, golden_loss_z, sizeof in_place);
    mnist_softmax(in_place, N, K, in_place);
    assert_same_floats("in place", in_place, p, N * K);
}

static void loss_alone_is_the_same(void **state)
{
    (void)state;
    float with[N], without[N], dz[N * K];
    mnist_softmax_cross_entropy(golden_loss_z, golden_loss_label, N, K, with,
                                dz);
    mnist_softmax_cross_entropy(golden_loss_z, golden_loss_label, N, K, without,
                                NULL);
    assert_same_floats("without dz", without, with, N);
    for (size_t n = 0; n < N; n++) {
        mnist_softmax_cross_entropy(golden_loss_z + n * K,
                                    golden_loss_label + n, 1, K, without, NULL);
        assert_same_floats("one row", without, with + n, 1);
    }
}

/* The naive formula in double, where nothing under- or overflows here. */
static void reference(const float *z, uint8_t label, size_t k, double *loss,
                      double *p)
{
    double sum = 0;
    for (size_t j = 0; j < k; j++)
        sum += exp((double)z[j]);
    for (size_t j = 0; j < k; j++)
        p[j] = exp((double)z[j]) / sum;
    *loss = log(sum) - (double)z[label];
}

enum { most_rows = 40, most_classes = 256, guard = 7 };

static void check_size(size_t n, size_t k)
{
    static float z[most_rows * most_classes], p[most_rows * most_classes],
        dz[most_rows * most_classes + guard], loss[most_rows + guard];
    static uint8_t label[most_rows];
    mnist_random r = mnist_random_stream(n, MNIST_RANDOM_SYNTH, k);
    for (size_t i = 0; i < n * k; i++)
        z[i] = (mnist_random_float(&r) - 0.5f) * 24;
    for (size_t i = 0; i < n; i++)
        label[i] = (uint8_t)mnist_random_below(&r, (uint32_t)k);
    for (size_t i = 0; i < guard; i++)
        loss[n + i] = dz[n * k + i] = -7;
    mnist_softmax_cross_entropy(z, label, n, k, loss, dz);
    mnist_softmax(z, n, k, p);
    for (size_t i = 0; i < n; i++) {
        double want, wanted[most_classes];
        reference(z + i * k, label[i], k, &want, wanted);
        /* Logits up to 24 apart: their difference is rounded too, and that
           goes into the exponent. */
        const double relative = RELATIVE + 24 * 0x1p-24;
        assert_near("loss", (double)loss[i], want, RELATIVE, 3e-7);
        assert_close("p", p + i * k, wanted, k, relative, TINY);
        wanted[label[i]] -= 1;
        for (size_t j = 0; j < k; j++)
            wanted[j] /= (double)n;
        assert_close("dz", dz + i * k, wanted, k, relative,
                     relative / (double)n);
    }
    for (size_t i = 0; i < guard; i++) {
        assert_true(loss[n + i] == -7);
        assert_true(dz[n * k + i] == -7);
    }
}

static void every_size_equals_libm(void **state)
{
    (void)state;
    for (size_t k = 1; k <= most_classes; k += k < 35 ? 1u : 17u)
        for (size_t n = 0; n <= most_rows; n++)
            check_size(n, k);
}

typedef struct rows {
    float z[3 * 10];
    uint8_t label[3];
} rows;

static double mean_loss(void *context)
{
    const rows *r = context;
    float loss[3];
    mnist_softmax_cross_entropy(r->z, r->label, 3, 10, loss, NULL);
    return ((double)loss[0] + (double)loss[1] + (double)loss[2]) / 3;
}

static void dz_is_the_gradient_of_the_mean(void **state)
{
    (void)state;
    rows r = {.label = {3, 0, 9}};
    float loss[3], dz[30];
    for (size_t i = 0; i < 30; i++)
        r.z[i] = (float)((i * 7) % 13) / 4 - 1.5f;
    mnist_softmax_cross_entropy(r.z, r.label, 3, 10, loss, dz);
    gradcheck("dz", mean_loss, &r, r.z, dz, 30, 1, 1e-3);
}

static void bad_logits_give_a_loss_that_is_not_finite(void **state)
{
    (void)state;
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t at = 0; at < 10; at++)
        for (size_t i = 0; i < 3; i++) {
            float z[20], loss[2], dz[20];
            uint8_t label[2] = {(uint8_t)at, 4};
            for (size_t j = 0; j < 20; j++)
                z[j] = 0.5f;
            z[at] = bad[i];
            mnist_softmax_cross_entropy(z, label, 2, 10, loss, dz);
            assert_true(!isfinite(loss[0]));
            assert_near("other row", (double)loss[1], log(10), RELATIVE, 0);
        }
}

static void argmax_takes_the_first_of_equals(void **state)
{
    (void)state;
    const float z[] = {-3, 2, 5, 5, -INFINITY, 5, 4.999999f};
    assert_int_equal(mnist_argmax(z, 7), 2);
    assert_int_equal(mnist_argmax(z + 3, 4), 0);
    assert_int_equal(mnist_argmax(z, 2), 1);
    assert_int_equal(mnist_argmax(z, 1), 0);
    assert_int_equal(mnist_argmax(z + 4, 3), 1);
    const float zeros[] = {-0.0f, 0.0f, 0.0f};
    assert_int_equal(mnist_argmax(zeros, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_equals_golden),
        cmocka_unit_test(softmax_equals_golden),
        cmocka_unit_test(loss_alone_is_the_same),
        cmocka_unit_test(every_size_equals_libm),
        cmocka_unit_test(dz_is_the_gradient_of_the_mean),
        cmocka_unit_test(bad_logits_give_a_loss_that_is_not_finite),
        cmocka_unit_test(argmax_takes_the_first_of_equals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
