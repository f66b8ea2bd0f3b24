#include "support/gradcheck.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A power of two, so that w + h and w - h are exact or nearly so. */
#define STEP 0x1p-7f

/* 0 where no step of useful length keeps the sign. */
static float step_at(float w)
{
    if (w == 0 || fabsf(w) > STEP)
        return STEP;
    return fabsf(w) > STEP / 4 ? fabsf(w) : 0;
}

static double difference(gradcheck_loss loss, void *context, float *w, float h)
{
    const float at = *w;
    const float above = at + h, below = at - h;
    *w = above;
    double plus = loss(context);
    *w = below;
    double minus = loss(context);
    *w = at;
    return (plus - minus) / ((double)above - (double)below);
}

void gradcheck(const char *what, gradcheck_loss loss, void *context, float *w,
               const float *dw, size_t count, size_t stride, double tolerance)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)dw[i]));
    for (size_t i = 0; i < count; i += stride) {
        float h = step_at(w[i]);
        if (h == 0)
            continue;
        double numeric = difference(loss, context, &w[i], h);
        double off = fabs(numeric - (double)dw[i]);
        if (!(off <= tolerance * largest))
            fail_msg("%s[%zu of %zu]: gradient %.6g, but the loss changes by "
                     "%.6g (off by %.3g, the largest is %.3g)",
                     what, i, count, (double)dw[i], numeric, off, largest);
    }
}
