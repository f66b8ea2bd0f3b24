#include "support/numbers.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

static const float awkward[] = {
    0.0f,      -0.0f,      1.0f,        -1.0f,     0x1p-126f, -0x1p-126f,
    0x1p-149f, -0x1p-149f, 0x1.8p-130f, FLT_MAX,   -FLT_MAX,  INFINITY,
    -INFINITY, NAN,        0x1p-63f,    -0x1p-64f, 0x1p63f,   0x1.fffffep-1f,
};

void fill_plain(mnist_random *r, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (mnist_random_float(r) - 0.5f) * 8;
}

void fill_awkward(mnist_random *r, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t kind = mnist_random_below(r, 8);
        if (kind == 0)
            x[i] = awkward[mnist_random_below(r, sizeof awkward /
                                                     sizeof *awkward)];
        else
            x[i] = ldexpf(mnist_random_float(r) - 0.5f,
                          kind < 5 ? 2 : (int)mnist_random_below(r, 80) - 40);
    }
}

void fill_sparse(mnist_random *r, float *x, size_t n)
{
    fill_plain(r, x, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t kind = mnist_random_below(r, 20);
        if (kind < 16)
            x[i] = kind == 0 ? -0.0f : 0.0f;
    }
}
