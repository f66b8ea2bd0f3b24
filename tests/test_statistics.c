/*
 * Means, their errors, and t-tests: mnist/statistics.h and base/student.h. The
 * numbers are SciPy's, 1.10.1, for instance by
 *
 *     python3 -c "from scipy import optimize, special, stats
 *     print(special.betainc(2.5, 0.5, 0.99), 2 * stats.t.sf(3.1, 7.6),
 *           optimize.brentq(lambda t: 2 * stats.t.sf(t, 7.6) - 0.05, 0, 9,
 *                           xtol=1e-15))
 *     print(stats.sem(A), stats.ttest_ind(B, A, equal_var=False),
 *           stats.ttest_rel(C, A))"
 *
 * Its stats.t.isf is good to some 10 digits only; hence the root of its tails.
 */
#include <mnist/statistics.h>

#include "base/student.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

static const double A[] = {0.9792, 0.9801, 0.9775, 0.9788, 0.9810};
static const double B[] = {0.9815, 0.9822, 0.9799, 0.9803};
static const double C[] = {0.9799, 0.9806, 0.9779, 0.9801, 0.9812};

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void test_beta(void **state)
{
    static const struct {
        double a, b, x, value;
    } rows[] = {
        {0.5, 0.5, 0.25, 0.333333333333333},
        {1, 0.5, 0.9, 0.683772233983162},
        {2, 0.5, 0.1, 0.00388253704696051},
        {2.5, 0.5, 0.99, 0.831082278972056},
        {3.7, 0.5, 0.5, 0.0282165436934284},
        {50, 0.5, 0.98, 0.15624350786682},
        {5000, 0.5, 0.9999, 0.317310507257732},
        {2, 3, 0.4, 0.5248},
        {0.5, 4, 1e-6, 0.00218749781250131},
        {10, 10, 0.5, 0.5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double a = rows[i].a, b = rows[i].b, x = rows[i].x;
        /* Logarithms of factorials of thousands are a digit less exact in the C
           library's 32-bit version. */
        double within = a > 1000 ? 1e-10 : 1e-11;
        assert_near(mnist_beta_regularized(a, b, x, 1 - x), rows[i].value,
                    within);
        assert_near(mnist_beta_regularized(b, a, 1 - x, x), 1 - rows[i].value,
                    within);
    }
    assert_true(mnist_beta_regularized(2, 3, 0, 1) == 0);
    assert_true(mnist_beta_regularized(2, 3, 1, 0) == 1);
}

static void test_tails(void **state)
{
    static const struct {
        double t, freedom, p;
    } rows[] = {
        {1, 1, 0.5},
        {12.706204736, 1, 0.0500000000006846},
        {2.5, 2, 0.129611720221511},
        {-2.776445105, 4, 0.0500000000101195},
        {3.1, 7.6, 0.0156244901748487},
        {0.001, 5, 0.999240786772198},
        {8, 9, 2.21348168094002e-05},
        {40, 30, 1.37260451944064e-27},
        {2, 1000, 0.0457703464932517},
        {1.96, 1e5, 0.0499985631943017},
        {1e3, 3, 2.2053076425766e-09},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_near(mnist_student_tails(rows[i].t, rows[i].freedom), rows[i].p,
                    1e-10);
    assert_true(mnist_student_tails(0, 1) == 1);
    assert_true(mnist_student_tails(1e200, 4) == 0);
    assert_true(mnist_student_tails(-INFINITY, 4) == 0);
    assert_true(isnan(mnist_student_tails(NAN, 4)));
}

static void test_quantiles(void **state)
{
    /* The first two and the seventh stand in every printed table. */
    static const struct {
        double p, freedom, t;
    } rows[] = {
        {0.05, 1, 12.7062047361747},    {0.05, 4, 2.77644510519779},
        {0.05, 7.6, 2.32730178878637},  {0.01, 9, 3.24983554159213},
        {0.5, 3, 0.764892328404345},    {0.001, 2, 31.5990545764436},
        {0.05, 1000, 1.96233908082641}, {1e-6, 5, 28.4784734629842},
        {0.9, 6, 0.131075653115726},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_near(mnist_student_quantile(rows[i].p, rows[i].freedom),
                    rows[i].t, 1e-10);
}

static void test_samples(void **state)
{
    (void)state;
    mnist_sample a = mnist_sample_of(A, 5), b = mnist_sample_of(B, 4);
    assert_int_equal(a.count, 5);
    assert_near(a.mean, 0.97932, 1e-15);
    assert_near(a.deviation, 0.00132551876637034, 1e-11);
    assert_near(a.error, 0.000592790013411148, 1e-11);
    assert_near(b.mean, 0.980975, 1e-15);
    assert_near(b.deviation, 0.00106262254195301, 1e-11);
    assert_near(b.error, 0.000531311270976505, 1e-11);
}

/* Far from 0 against their spread, where squares alone would keep no digit. */
static void test_far_samples(void **state)
{
    static const double far[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    (void)state;
    mnist_sample s = mnist_sample_of(far, 4);
    assert_near(s.mean, 1e9 + 10, 0);
    assert_near(s.deviation, sqrt(30), 1e-15);
}

static void test_samples_without_spread(void **state)
{
    static const double same[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    (void)state;
    mnist_sample s = mnist_sample_of(same, 7), one = mnist_sample_of(same, 1);
    assert_true(s.mean == 0.1 && s.deviation == 0 && s.error == 0);
    assert_true(one.mean == 0.1);
    assert_true(isnan(one.deviation) && isnan(one.error));
}

static void test_welch(void **state)
{
    (void)state;
    mnist_sample a = mnist_sample_of(A, 5), b = mnist_sample_of(B, 4);
    mnist_difference d = mnist_welch_test(&a, &b, 0.95);
    mnist_difference back = mnist_welch_test(&b, &a, 0.95);
    assert_near(d.mean, 0.00165499999999985, 1e-11);
    assert_near(d.error, 0.00079604752789432, 1e-11);
    assert_near(d.low, -0.000227798414707555, 1e-9);
    assert_near(d.high, 0.00353779841470725, 1e-10);
    assert_near(d.t, 2.07902159356943, 1e-11);
    assert_near(d.freedom, 6.99184561910202, 1e-11);
    assert_near(d.p, 0.0762415940358832, 1e-10);
    assert_true(back.mean == -d.mean && back.p == d.p && back.low == -d.high);
}

static void test_paired(void **state)
{
    double differences[5];
    (void)state;
    for (size_t i = 0; i < 5; i++)
        differences[i] = C[i] - A[i];
    mnist_sample s = mnist_sample_of(differences, 5);
    mnist_difference d = mnist_paired_test(&s, 0.99);
    assert_near(d.mean, 0.000619999999999998, 1e-11);
    assert_near(d.error, 0.000188148877222266, 1e-11);
    assert_near(d.low, -0.000246255280681696, 1e-9);
    assert_near(d.high, 0.00148625528068169, 1e-9);
    assert_near(d.t, 3.29526282140697, 1e-11);
    assert_near(d.p, 0.0300666601680996, 1e-10);
    assert_true(d.freedom == 4);
}

static void test_without_spread(void **state)
{
    static const double two[] = {2, 2, 2}, three[] = {3, 3};
    (void)state;
    mnist_sample a = mnist_sample_of(two, 3), b = mnist_sample_of(three, 2);
    mnist_sample one = mnist_sample_of(two, 1);
    mnist_difference d = mnist_welch_test(&a, &b, 0.95);
    assert_true(d.mean == 1 && d.error == 0 && d.low == 1 && d.high == 1);
    assert_true(isnan(d.t) && isnan(d.freedom) && isnan(d.p));
    d = mnist_welch_test(&one, &b, 0.95);
    assert_true(d.mean == 1 && isnan(d.error) && isnan(d.low));
    assert_true(isnan(d.high) && isnan(d.t) && isnan(d.p));
    d = mnist_paired_test(&one, 0.95);
    assert_true(d.mean == 2 && isnan(d.error) && isnan(d.p));
    /* One that spreads is enough. */
    mnist_sample c = mnist_sample_of(A, 5);
    d = mnist_welch_test(&a, &c, 0.95);
    assert_true(d.freedom == 4 && d.p > 0 && d.p < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beta),
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_far_samples),
        cmocka_unit_test(test_samples_without_spread),
        cmocka_unit_test(test_welch),
        cmocka_unit_test(test_paired),
        cmocka_unit_test(test_without_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
