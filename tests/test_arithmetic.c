/* The arithmetic that the kernels are built from: fma rounds once, and exp,
   log, sigmoid, tanh and the inverse root are near libm's in double. */
#include "kernels/kernels.h"

#include <mnist/random.h>

#include "support/sets.h"
#include "support/tally.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_fma(float a, float b, float c)
{
    float got = mnist_fma_portable(a, b, c), want = fmaf(a, b, c);
    if (memcmp(&got, &want, sizeof got) != 0 && !(isnan(got) && isnan(want)))
        fail_msg("fma(%a, %a, %a): got %a, expected %a", (double)a, (double)b,
                 (double)c, (double)got, (double)want);
}

static float any_float(mnist_random *r)
{
    uint32_t bits = (uint32_t)mnist_random_bits(r);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void fma_rounds_once_on_random_floats(void **state)
{
    (void)state;
    const size_t count = 2000000 / tally_stride("fma", 10);
    mnist_random r = mnist_random_stream(5, MNIST_RANDOM_SYNTH, 0);
    for (size_t i = 0; i < count; i++)
        check_fma(any_float(&r), any_float(&r), any_float(&r));
    /* Exponents near each other, where the three really meet. */
    for (size_t i = 0; i < count; i++) {
        float a = mnist_random_float(&r) + 1, b = mnist_random_float(&r) - 1.5f;
        int shift = (int)mnist_random_below(&r, 110) - 80;
        check_fma(a, b, ldexpf(mnist_random_float(&r) - 0.5f, shift));
    }
}

/* Products that fall half way between two floats, or next to it, and a c far
   below that decides: rounding twice gets these wrong. */
static void fma_rounds_once_next_to_half_way(void **state)
{
    (void)state;
    const size_t count = 1000000 / tally_stride("fma", 10);
    mnist_random r = mnist_random_stream(6, MNIST_RANDOM_SYNTH, 0);
    for (size_t i = 0; i < count; i++) {
        /* (m + 1/2) units, as a product of m' = 2m + 1 with a power of two,
           or of factors of 12 bits each. */
        float a = (float)(mnist_random_below(&r, 1u << 12) * 2 + 1);
        float b = (float)(mnist_random_below(&r, 1u << 12) * 2 + 1);
        int down = (int)mnist_random_below(&r, 90);
        float tiny = ldexpf(mnist_random_float(&r) - 0.5f, -down);
        check_fma(a, b, tiny);
        check_fma(a, ldexpf(b, -140), ldexpf(tiny, -30));
        check_fma(a, ldexpf(b, 100), ldexpf(tiny, 100));
        /* The sum is what is half way: c is whole, the product decides. */
        float c = (float)(mnist_random_below(&r, 1u << 23) + (1u << 23));
        check_fma(0.5f, 1.0f + ldexpf(1, -(int)mnist_random_below(&r, 24)), c);
        check_fma(tiny, a, c);
        check_fma(a, b, -a * b);
    }
}

static void fma_takes_the_awkward(void **state)
{
    (void)state;
    const float more[] = {
        0.0f,       -0.0f,         1.0f,          -1.0f,     0x1p-149f,
        -0x1p-149f, 0x1p-126f,     -0x1p-126f,    0x1p-75f,  -0x1p-74f,
        FLT_MAX,    -FLT_MAX,      INFINITY,      -INFINITY, NAN,
        0x1p64f,    0x1p63f,       -0x1p103f,     0x1p104f,  0x1.fffffep-127f,
        0x1p-24f,   0x1.000002p0f, 0x1.fffffep0f, 0x1p127f,  -0x1p127f,
    };
    enum { n = sizeof more / sizeof *more };
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                check_fma(more[i], more[j], more[k]);
}

/* Distance from the exact value in units of a float's last place. */
static double ulps(float got, double want)
{
    int exponent;
    frexp(want, &exponent);
    if (exponent < -125)
        exponent = -125;
    return fabs((double)got - want) / ldexp(1, exponent - 24);
}

static void exp_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (uint32_t bits = 0x80000000u; bits < 0xc2b00000u; bits += 397) {
        float x;
        memcpy(&x, &bits, sizeof x); /* -0 to -88 */
        double want = exp((double)x);
        float got = mnist_exp_portable(x);
        if (want < 0x1p-126)
            assert_true(got == 0 || got == 0x1p-126f);
        else
            worst = fmax(worst, ulps(got, want));
    }
    print_message("exp: off by at most %.3f units in the last place\n", worst);
    assert_true(worst < 1);
    assert_true(mnist_exp_portable(0) == 1 && mnist_exp_portable(-0.0f) == 1);
    assert_true(mnist_exp_portable(-INFINITY) == 0);
    assert_true(mnist_exp_portable(-FLT_MAX) == 0);
    assert_true(isnan(mnist_exp_portable(NAN)));
}

static void log_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (uint32_t bits = 0x00800000u; bits < 0x7f800000u; bits += 509) {
        float x;
        memcpy(&x, &bits, sizeof x);
        double want = log((double)x);
        if (want != 0)
            worst = fmax(worst, ulps(mnist_log_portable(x), want));
    }
    /* And every float next to 1, where the result is small. */
    for (uint32_t bits = 0x3f700000u; bits < 0x3f900000u; bits++) {
        float x;
        memcpy(&x, &bits, sizeof x);
        if (x != 1)
            worst = fmax(worst, ulps(mnist_log_portable(x), log((double)x)));
    }
    print_message("log: off by at most %.3f units in the last place\n", worst);
    assert_true(worst < 1);
    assert_true(mnist_log_portable(1) == 0);
}

/* The worst of a kernel over all magnitudes of both signs, each value of which
   stands alone in its call. */
typedef void (*function)(size_t n, const float *x, float *y);

static double worst_of(function f, double (*exact)(double), double smallest)
{
    double worst = 0;
    for (uint32_t bits = 0; bits < 0x7f800000u; bits += 397) {
        float x[2], y[2];
        memcpy(&x[0], &bits, sizeof *x);
        x[1] = -x[0];
        f(2, x, y);
        for (size_t i = 0; i < 2; i++) {
            double want = exact((double)x[i]);
            if (fabs(want) >= smallest)
                worst = fmax(worst, ulps(y[i], want));
            else /* too small for exp, which gives 0 */
                assert_true(fabs((double)y[i]) <= smallest);
        }
    }
    return worst;
}

static double exact_sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static void sigmoid_is_accurate(void **state)
{
    (void)state;
    use_kernel_set(0);
    const mnist_kernels *k = mnist_kernels_now();
    double worst = worst_of(k->sigmoid, exact_sigmoid, 0x1p-125);
    print_message("sigmoid: off by at most %.3f units in the last place\n",
                  worst);
    assert_true(worst < 2.5);
    const float x[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, FLT_MAX, -1000};
    float y[7];
    k->sigmoid(7, x, y);
    assert_true(y[0] == 0.5f && y[1] == 0.5f && y[2] == 1 && y[3] == 0);
    assert_true(isnan(y[4]) && y[5] == 1 && y[6] == 0);
}

static void tanh_is_accurate(void **state)
{
    (void)state;
    use_kernel_set(0);
    const mnist_kernels *k = mnist_kernels_now();
    double worst = worst_of(k->tanh, tanh, 0);
    print_message("tanh: off by at most %.3f units in the last place\n", worst);
    assert_true(worst < 2.5);
    const float x[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 100, -0x1p-149f};
    float y[7];
    k->tanh(7, x, y);
    assert_true(y[0] == 0 && !signbit(y[0]) && y[1] == 0 && signbit(y[1]));
    assert_true(y[2] == 1 && y[3] == -1 && isnan(y[4]) && y[5] == 1);
    assert_true(y[6] == -0x1p-149f);
}

/* RMSprop's 1 / sqrt(v), by steps of a rule that leaves v as it is: within 2
   units in the last place of every normal float that an epsilon may be, and as
   at the largest float beyond it. */
static void the_inverse_root_is_accurate(void **state)
{
    (void)state;
    const size_t count = 1000000 / tally_stride("roots", 10);
    const mnist_rmsprop_factors f = {1, 1, 0, 0, 0x1p-126f};
    mnist_random r = mnist_random_stream(7, MNIST_RANDOM_SYNTH, 0);
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        int power = (int)mnist_random_below(&r, 200) - 100;
        float v = ldexpf(1 + mnist_random_float(&r), power < 127 ? power : 127);
        float w = 0, g = -1;
        const mnist_rmsprop_rows rows = {
            .rows = 1, .n = 1, .row = 1, .w = &w, .v = &v, .g = &g, .g_row = 1};
        mnist_kernels_now()->rmsprop(&f, &rows);
        double off = fabs((double)w * sqrt((double)v) - 1);
        worst = off > worst ? off : worst;
    }
    assert_true(worst <= 0x1p-23);
    assert_true(worst > 0);
    float w[2] = {0}, v[2] = {INFINITY, NAN}, g[2] = {-1, -1};
    const mnist_rmsprop_rows rows = {
        .rows = 1, .n = 2, .row = 2, .w = w, .v = v, .g = g, .g_row = 2};
    mnist_kernels_now()->rmsprop(&f, &rows);
    assert_true(fabsf(w[0] * 0x1p64f - 1) < 1e-6f);
    assert_true(isnan(w[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fma_rounds_once_on_random_floats),
        cmocka_unit_test(fma_rounds_once_next_to_half_way),
        cmocka_unit_test(fma_takes_the_awkward),
        cmocka_unit_test(exp_is_accurate),
        cmocka_unit_test(log_is_accurate),
        cmocka_unit_test(sigmoid_is_accurate),
        cmocka_unit_test(tanh_is_accurate),
        cmocka_unit_test(the_inverse_root_is_accurate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
