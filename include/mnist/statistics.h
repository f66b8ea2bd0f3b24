/**
 * Whether two sets of measurements differ: what a mean is worth, and the tests
 * of the difference of two.
 *
 * A figure that is not defined is NaN: the deviation of a single value, or the
 * test of values that do not spread.
 */
#ifndef MNIST_STATISTICS_H
#define MNIST_STATISTICS_H

#include <mnist/api.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is known of a quantity by n measurements of it. */
typedef struct mnist_sample {
    size_t count;
    double mean;
    double deviation; /* sqrt(sum of (x - mean)^2 / (n - 1)); n > 1 */
    double error;     /* of the mean: deviation / sqrt(n); n > 1 */
} mnist_sample;

/** values: finite; `count` of them, at least 1. */
MNIST_API mnist_sample mnist_sample_of(const double *values, size_t count);

/** The difference of two means, B - A, and the t-test of its being 0. */
typedef struct mnist_difference {
    double mean;
    double error;     /* its standard error */
    double low, high; /* its confidence interval */
    double t;         /* mean / error */
    double freedom;   /* degrees of freedom; need not be whole */
    double p;         /* two-sided: how often chance alone gives such a |t| */
} mnist_difference;

/**
 * Welch's test: A and B are independent and may spread differently.
 *
 *     error^2 = sA^2 / nA + sB^2 / nB
 *     freedom = error^4 / ((sA^2/nA)^2 / (nA - 1) + (sB^2/nB)^2 / (nB - 1))
 *
 * All but the mean is NaN if either has fewer than 2 values; t, freedom and p
 * are NaN, and the interval is the mean alone, if neither spreads. confidence:
 * above 0 and below 1, as 0.95.
 *
 * Source: Welch, "The generalization of 'Student's' problem when several
 * different population variances are involved", Biometrika 34, 1947; the
 * degrees of freedom are Satterthwaite's, Biometrics Bulletin 2, 1946.
 */
MNIST_API mnist_difference mnist_welch_test(const mnist_sample *a,
                                            const mnist_sample *b,
                                            double confidence);

/**
 * Student's test of differences[i] = b[i] - a[i], of measurements that belong
 * together: the sample of the differences, with n - 1 degrees of freedom. NaN
 * as in mnist_welch_test.
 */
MNIST_API mnist_difference mnist_paired_test(const mnist_sample *differences,
                                             double confidence);

#ifdef __cplusplus
}
#endif
#endif
