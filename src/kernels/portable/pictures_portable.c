/* The kernels for pictures in plain C: what the others must equal. A vector is
   all 16 lanes. */
#include "kernels/portable/fma_portable.h"
#include "kernels/sets.h"

#define LANES 16

typedef struct {
    float lane[LANES];
} vector;

static inline vector load(const float *from)
{
    vector x;
    memcpy(x.lane, from, sizeof x.lane);
    return x;
}

static inline vector fill(float value)
{
    vector x;
    for (size_t l = 0; l < LANES; l++)
        x.lane[l] = value;
    return x;
}

static inline vector add(vector a, vector b)
{
    for (size_t l = 0; l < LANES; l++)
        a.lane[l] += b.lane[l];
    return a;
}

static inline vector multiply(vector a, vector b)
{
    for (size_t l = 0; l < LANES; l++)
        a.lane[l] *= b.lane[l];
    return a;
}

static inline vector divide(vector a, vector b)
{
    for (size_t l = 0; l < LANES; l++)
        a.lane[l] /= b.lane[l];
    return a;
}

static inline vector multiply_add(vector a, vector b, vector c)
{
    for (size_t l = 0; l < LANES; l++)
        c.lane[l] = fma_portable(a.lane[l], b.lane[l], c.lane[l]);
    return c;
}

static inline vector relu(vector x)
{
    for (size_t l = 0; l < LANES; l++)
        x.lane[l] = x.lane[l] < 0 ? 0.0f : x.lane[l];
    return x;
}

static void sum_lanes(size_t n, const float *x, float *sum)
{
    for (size_t i = 0; i < n; i++) {
        vector s = load(x + i * LANES);
        for (size_t half = LANES / 2; half > 0; half /= 2)
            for (size_t l = 0; l < half; l++)
                s.lane[l] += s.lane[l + half];
        sum[i] = s.lane[0];
    }
}

static void from_rows(size_t lanes, size_t n, const float *from,
                      size_t from_row, float *to)
{
    for (size_t i = 0; i < n; i++, to += LANES)
        for (size_t l = 0; l < LANES; l++)
            to[l] = l < lanes ? from[l * from_row + i] : 0.0f;
}

static void to_rows(size_t lanes, size_t n, const float *from, float *to,
                    size_t to_row)
{
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < n; i++)
            to[l * to_row + i] = from[i * LANES + l];
}

#define VECTOR                vector
#define WIDTH                 LANES
#define ZERO()                fill(0)
#define BROADCAST(from)       fill(*(from))
#define LOAD(from)            load(from)
#define STORE(to, x)          memcpy(to, (x).lane, sizeof(vector))
#define ADD(a, b)             add(a, b)
#define MULTIPLY(a, b)        multiply(a, b)
#define DIVIDE(a, b)          divide(a, b)
#define MULTIPLY_ADD(a, b, c) multiply_add(a, b, c)
#define KEEP(x)
#define RELU(x)               relu(x)
#define ALL_FILTERS(F)        F(1, 1)
#define MOST_FILTERS          1
#define GRADIENT_FILTERS(F)   F(1)
#define MOST_GRADIENT_FILTERS 1
#define SUM_LANES             sum_lanes
#define FROM_ROWS             from_rows
#define TO_ROWS               to_rows
#include "kernels/pictures_body.h"

const mnist_picture_kernels mnist_pictures_portable = {PICTURE_KERNELS};
