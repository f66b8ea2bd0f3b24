#include "support/compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

double largest_magnitude(const double *x, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(x[i]));
    return largest;
}

/* How far apart, in units of what is allowed; NaN counts as infinitely far. */
static double excess(double got, double want, double relative, double absolute)
{
    if (got == want)
        return 0;
    double ratio = fabs(got - want) / (absolute + relative * fabs(want));
    return isfinite(ratio) ? ratio : INFINITY;
}

static void report(const char *what, size_t at, size_t count, double got,
                   double want, double ratio)
{
    fail_msg("%s[%zu of %zu]: got %.9g, expected %.9g: off by %.3g (relative "
             "%.3g), %.3g times what is allowed",
             what, at, count, got, want, fabs(got - want),
             fabs(got - want) / fabs(want), ratio);
}

void assert_close(const char *what, const float *got, const double *want,
                  size_t count, double relative, double absolute)
{
    double worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        double ratio = excess((double)got[i], want[i], relative, absolute);
        if (ratio > worst) {
            worst = ratio;
            at = i;
        }
    }
    if (worst > 1)
        report(what, at, count, (double)got[at], want[at], worst);
}

void assert_near(const char *what, double got, double want, double relative,
                 double absolute)
{
    double ratio = excess(got, want, relative, absolute);
    if (ratio > 1)
        report(what, 0, 1, got, want, ratio);
}

void assert_same_floats(const char *what, const float *got, const float *want,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t a, b;
        memcpy(&a, &got[i], sizeof a);
        memcpy(&b, &want[i], sizeof b);
        if (a != b && !(isnan(got[i]) && isnan(want[i])))
            fail_msg("%s[%zu of %zu]: got %.9g (%08x), expected %.9g (%08x)",
                     what, i, count, (double)got[i], (unsigned)a,
                     (double)want[i], (unsigned)b);
    }
}
