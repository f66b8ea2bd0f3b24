#include "base/student.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { MOST_TERMS = 10000 }; /* far more than are needed: about sqrt(a + b) */

/* d_k of the continued fraction. */
static double coefficient(double a, double b, double x, int k)
{
    int m = k / 2;
    return k % 2 ? -(a + m) * (a + b + m) * x / ((a + k - 1) * (a + k))
                 : m * (b - m) * x / ((a + k - 1) * (a + k));
}

static double away_from_zero(double value)
{
    return fabs(value) < DBL_MIN ? DBL_MIN : value;
}

/*
 * 1/(1+) d_1/(1+) d_2/(1+) ..., which converges fast for x < (a+1)/(a+b+2).
 *
 * Source: DLMF 8.17.22 and 8.17.23; evaluated from the front by Lentz's method
 * as Thompson and Barnett put it, Journal of Computational Physics 64, 1986.
 */
static double continued_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / away_from_zero(1 + coefficient(a, b, x, 1));
    double value = d;
    for (int k = 2; k < MOST_TERMS; k++) {
        double step = coefficient(a, b, x, k);
        d = 1 / away_from_zero(1 + step * d);
        c = away_from_zero(1 + step / c);
        value *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON)
            break;
    }
    return value;
}

double mnist_beta_regularized(double a, double b, double x, double y)
{
    if (x <= 0)
        return 0;
    if (y <= 0)
        return 1;
    /* I_x(a, b) = 1 - I_y(b, a), DLMF 8.17.4 */
    bool mirrored = x > (a + 1) / (a + b + 2);
    double front =
        exp(a * log(x) + b * log(y) + lgamma(a + b) - lgamma(a) - lgamma(b));
    return mirrored ? 1 - front * continued_fraction(b, a, y) / b
                    : front * continued_fraction(a, b, x) / a;
}

/* Source: DLMF 8.17.18 with the symmetry of the density; Abramowitz and Stegun,
   26.7.1. */
double mnist_student_tails(double t, double freedom)
{
    double square = t * t, sum = freedom + square;
    if (isnan(sum))
        return NAN;
    if (isinf(sum))
        return 0;
    return mnist_beta_regularized(freedom / 2, 0.5, freedom / sum,
                                  square / sum);
}

/* By halves, down to neighbouring doubles: the tails fall as t grows. */
double mnist_student_quantile(double p, double freedom)
{
    double low = 0, high = 1;
    while (mnist_student_tails(high, freedom) > p && high < DBL_MAX / 2)
        high *= 2;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (mnist_student_tails(middle, freedom) > p)
            low = middle;
        else
            high = middle;
    }
}
