#include <mnist/statistics.h>

#include "base/student.h"

#include <math.h>

/*
 * Two passes, the second of which takes the rounding of the first mean back.
 * Differences from the first value keep what does not vary exact: values that
 * are all the same have a deviation of 0.
 *
 * Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance",
 * The American Statistician 37, 1983.
 */
mnist_sample mnist_sample_of(const double *values, size_t count)
{
    double n = (double)count, shift = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        shift += values[i] - values[0];
    mnist_sample s = {
        .count = count, .mean = values[0] + shift / n, .deviation = NAN};
    for (size_t i = 0; i < count; i++) {
        double d = values[i] - s.mean;
        sum += d;
        squares += d * d;
    }
    s.mean += sum / n;
    if (count > 1)
        s.deviation = sqrt(fmax(0, squares - sum * sum / n) / (n - 1));
    s.error = s.deviation / sqrt(n);
    return s;
}

static mnist_difference test(double mean, double error, double freedom,
                             double confidence)
{
    mnist_difference d = {mean, error, mean, mean, NAN, NAN, NAN};
    if (error > 0) {
        double reach = error * mnist_student_quantile(1 - confidence, freedom);
        d.low = mean - reach;
        d.high = mean + reach;
        d.t = mean / error;
        d.freedom = freedom;
        d.p = mnist_student_tails(d.t, freedom);
    } else if (isnan(error)) {
        d.low = d.high = NAN;
    }
    return d;
}

mnist_difference mnist_welch_test(const mnist_sample *a, const mnist_sample *b,
                                  double confidence)
{
    /* Shares of the variance, so that no square of a square vanishes. */
    double error = hypot(a->error, b->error), freedom = NAN;
    if (error > 0) {
        double of_a = a->error / error, of_b = b->error / error;
        freedom = 1 / (pow(of_a, 4) / ((double)a->count - 1) +
                       pow(of_b, 4) / ((double)b->count - 1));
    }
    return test(b->mean - a->mean, error, freedom, confidence);
}

mnist_difference mnist_paired_test(const mnist_sample *differences,
                                   double confidence)
{
    return test(differences->mean, differences->error,
                (double)differences->count - 1, confidence);
}
