/*
 * The elementwise kernels, written once in plain C. A file that defines
 *
 *     FMA(a, b, c)   a * b + c, rounded once
 *
 * and includes this gets all of them as statics, vectorised by the compiler for
 * the instruction set of that file, and VECTOR_KERNELS, the initialisers of the
 * table in kernels.h, which says what each of them computes.
 */
#include "kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

static inline uint32_t float_bits(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline float bits_float(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/*
 * exp(x) for x <= 0: x = n ln 2 + r with |r| <= ln 2 / 2, exp(r) by a
 * polynomial with a relative error of 3e-9, then 2^n through the exponent bits.
 * What would be below 2^-126 is 0; NaN stays NaN. Coefficients: own minimax
 * fit.
 */
static inline float exp_nonpositive(float x)
{
    const float round = 0x1.8p23f; /* adding it leaves x's nearest integer in
                                      the low bits of the sum */
    const float log2e = 0x1.715476p0f;
    const float ln2_high = 0x1.62e430p-1f, ln2_low = -0x1.05c610p-29f;
    float t = FMA(x, log2e, round);
    float n = t - round;
    float r = FMA(n, -ln2_low, FMA(n, -ln2_high, x));
    float p = 0x1.6a1a72p-10f;
    p = FMA(p, r, 0x1.123fc6p-7f);
    p = FMA(p, r, 0x1.555916p-5f);
    p = FMA(p, r, 0x1.55548ap-3f);
    p = FMA(p, r, 0x1.fffffcp-2f);
    p = FMA(p * r, r, r) + 1.0f;
    p = bits_float(float_bits(p) + (float_bits(t) << 23));
    return x < -0x1.5d589ep6f ? 0.0f : x - x != 0 ? x - x : p;
}

/*
 * log(x) for normal x > 0: x = 2^e (1 + f) with 1 + f between sqrt(1/2) and
 * sqrt(2), log(1 + f) = f - f^2/2 + f^3 q(f), q with an error of 6e-9 of the
 * result. Coefficients: own minimax fit.
 */
static inline float log_positive(float x)
{
    const float ln2_high = 0x1.62e430p-1f, ln2_low = -0x1.05c610p-29f;
    uint32_t bits = float_bits(x);
    uint32_t shifted = bits - 0x3f3504f3u; /* sqrt(1/2) */
    int e = (int)shifted >> 23;
    float f = bits_float((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    float q = -0x1.38b576p-4f;
    q = FMA(q, f, 0x1.055b70p-3f);
    q = FMA(q, f, -0x1.0d8546p-3f);
    q = FMA(q, f, 0x1.22da1cp-3f);
    q = FMA(q, f, -0x1.547244p-3f);
    q = FMA(q, f, 0x1.99a008p-3f);
    q = FMA(q, f, -0x1.000226p-2f);
    q = FMA(q, f, 0x1.555554p-2f);
    float square = f * f;
    float small = FMA(square * f, q, (float)e * ln2_low);
    small = FMA(-0.5f, square, small);
    return FMA((float)e, ln2_high, f + small);
}

/*
 * pixel / scale, rounded once, without a division for each: from the rounded
 * reciprocal a first quotient, and from its exact remainder the right one.
 * Source: Markstein, "Computation of elementary functions on the IBM RISC
 * System/6000 processor", 1990, theorem 4.
 */
static void pixels_body(size_t n, const uint8_t *restrict pixels, float scale,
                        float *restrict x)
{
    const float reciprocal = 1.0f / scale;
    for (size_t i = 0; i < n; i++) {
        float pixel = (float)pixels[i];
        float quotient = pixel * reciprocal;
        float remainder = FMA(-quotient, scale, pixel);
        x[i] = FMA(remainder, reciprocal, quotient);
    }
}

static void add_rows_body(size_t rows, size_t n, const float *restrict x,
                          size_t x_row, float *restrict y, size_t y_row)
{
    for (size_t r = 0; r < rows; r++, x += x_row, y += y_row)
        for (size_t i = 0; i < n; i++)
            y[i] += x[i];
}

static void sum_rows_body(size_t rows, size_t n, const float *restrict y,
                          size_t y_row, float *restrict sum)
{
    enum { COLUMNS = 64 };
    for (size_t first = 0; first < n; first += COLUMNS) {
        size_t count = n - first < COLUMNS ? n - first : COLUMNS;
        float total[COLUMNS] = {0};
        for (size_t from = 0; from < rows; from += MNIST_CHAIN) {
            size_t to = rows - from < MNIST_CHAIN ? rows : from + MNIST_CHAIN;
            float chain[COLUMNS] = {0};
            for (size_t r = from; r < to; r++)
                for (size_t i = 0; i < count; i++)
                    chain[i] += y[r * y_row + first + i];
            for (size_t i = 0; i < count; i++)
                total[i] += chain[i];
        }
        memcpy(sum + first, total, count * sizeof *sum);
    }
}

static void relu_body(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0.0f : x[i];
}

static void relu_backward_body(size_t n, const float *y, const float *dy,
                               float *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : 0.0f;
}

/* With e = exp(-|x|), which cannot overflow, both sides of 0 are fractions of
   1 + e. */
static void sigmoid_body(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i++) {
        float e = exp_nonpositive(-fabsf(x[i]));
        y[i] = (x[i] < 0 ? e : 1.0f) / (1.0f + e);
    }
}

/*
 * tanh(x): below 0.55 by its odd polynomial, where 1 - e would cancel; above by
 * (1 - e) / (1 + e) with e = exp(-2 |x|). Coefficients: own minimax fit.
 */
static void tanh_body(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i++) {
        float a = fabsf(x[i]), square = a * a;
        float e = exp_nonpositive(-2.0f * a);
        float large = (1.0f - e) / (1.0f + e);
        float p = -0x1.963d4ep-8f;
        p = FMA(p, square, 0x1.586698p-6f);
        p = FMA(p, square, -0x1.b90fcp-5f);
        p = FMA(p, square, 0x1.110c98p-3f);
        p = FMA(p, square, -0x1.555548p-2f);
        float small = FMA(a * square, p, a);
        y[i] = copysignf(a < 0.55f ? small : large, x[i]);
    }
}

static float softmax_body(size_t K, const float *z, float *p, float *log_sum)
{
    float max = z[0], sum = 0;
    for (size_t k = 1; k < K; k++)
        max = z[k] > max ? z[k] : max;
    for (size_t k = 0; k < K; k++)
        p[k] = exp_nonpositive(z[k] - max);
    for (size_t k = 0; k < K; k++)
        sum += p[k];
    for (size_t k = 0; k < K; k++)
        p[k] /= sum;
    *log_sum = sum - sum != 0 ? sum : log_positive(sum);
    return max;
}

/*
 * 1 / sqrt(x) for x from 2^-100 on, within 2 units in the last place; what is
 * above the largest float is taken for it. Square root and division
 * instructions would take twice as long as all of this. A first guess from the
 * exponent and the upper digits, one step of Newton with constants of an own
 * minimax fit (then within 7e-4), and one of third order:
 *
 *     e = 1 - x y^2,  y <- y + y e (1/2 + 3/8 e)
 *
 * Source: Lomont, "Fast inverse square root", 2003, for the guess; the series
 * of (1 - e)^(-1/2) for the last step.
 */
static inline float inverse_root(float x)
{
    x = FLT_MAX < x ? FLT_MAX : x;
    float y = bits_float(0x5f1f0c00u - (float_bits(x) >> 1));
    y *= FMA(-0x1.6dd146p-1f, x * y * y, 0x1.b0b520p+0f);
    float e = FMA(-(x * y), y, 1.0f);
    return FMA(FMA(0.375f, e, 0.5f), e * y, y);
}

/* One parameter's new v, by the rule with its flush to zero. */
static inline float rmsprop_v(const mnist_rmsprop_factors *f, float v, float g)
{
    v = FMA(f->rho, v, f->one_minus_rho * (g * g));
    return v < FLT_MIN ? 0.0f : v;
}

/* The common case has a loop of its own, with two arrays fewer. */
static inline void rmsprop_plain(const mnist_rmsprop_factors f, size_t n,
                                 float *restrict w, float *restrict v,
                                 const float *restrict g)
{
    for (size_t i = 0; i < n; i++) {
        /* w is read before v is written: often both lie as far into a page, and
           then a load waits for the store before it. */
        float old = w[i], mean = rmsprop_v(&f, v[i], g[i]);
        v[i] = mean;
        w[i] = old - f.lr * g[i] * inverse_root(mean + f.epsilon);
    }
}

static void rmsprop_full(const mnist_rmsprop_factors f, size_t n,
                         float *restrict w, float *restrict v,
                         float *restrict s, float *restrict a,
                         const float *restrict g)
{
    for (size_t i = 0; i < n; i++) {
        v[i] = rmsprop_v(&f, v[i], g[i]);
        float mean = v[i];
        if (a) {
            a[i] = FMA(f.rho, a[i], f.one_minus_rho * g[i]);
            mean = FMA(-a[i], a[i], mean);
            mean = mean < 0 ? 0.0f : mean;
        }
        float step = f.lr * g[i] * inverse_root(mean + f.epsilon);
        if (s)
            step = s[i] = FMA(f.momentum, s[i], step);
        w[i] -= step;
    }
}

static void rmsprop_body(const mnist_rmsprop_factors *factors,
                         const mnist_rmsprop_rows *rows)
{
    const mnist_rmsprop_factors f = *factors;
    const mnist_rmsprop_rows r = *rows;
    for (size_t i = 0; i < r.rows; i++) {
        size_t at = i * r.row;
        if (r.s || r.a)
            rmsprop_full(f, r.n, r.w + at, r.v + at, r.s ? r.s + at : NULL,
                         r.a ? r.a + at : NULL, r.g + i * r.g_row);
        else
            rmsprop_plain(f, r.n, r.w + at, r.v + at, r.g + i * r.g_row);
    }
}

static void rmsprop_decay_body(const mnist_rmsprop_factors *factors,
                               const mnist_rmsprop_rows *rows)
{
    const mnist_rmsprop_factors f = *factors;
    for (size_t i = 0; i < rows->rows; i++) {
        float *v = rows->v + i * rows->row;
        for (size_t j = 0; j < rows->n; j++)
            v[j] = rmsprop_v(&f, v[j], 0.0f);
    }
}

static double penalty_body(size_t n, const float *w, float l1, float l2)
{
    enum { LANES = 16 };
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            double x = (double)w[i + j];
            lane[j] += (double)l1 * fabs(x) + (double)l2 * (x * x);
        }
    for (; i < n; i++) {
        double x = (double)w[i];
        lane[i % LANES] += (double)l1 * fabs(x) + (double)l2 * (x * x);
    }
    for (size_t j = 0; j < LANES; j++)
        sum += lane[j];
    return sum;
}

static void penalty_backward_body(size_t n, const float *restrict w, float l1,
                                  float l2, float *restrict dw)
{
    const float two_l2 = 2 * l2;
    for (size_t i = 0; i < n; i++) {
        float sign = w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0.0f;
        dw[i] += FMA(two_l2, w[i], sign);
    }
}

#define VECTOR_KERNELS                                                         \
    .pixels = pixels_body, .add_rows = add_rows_body,                          \
    .sum_rows = sum_rows_body, .relu = relu_body,                              \
    .relu_backward = relu_backward_body, .sigmoid = sigmoid_body,              \
    .tanh = tanh_body, .softmax = softmax_body, .rmsprop = rmsprop_body,       \
    .rmsprop_decay = rmsprop_decay_body, .penalty = penalty_body,              \
    .penalty_backward = penalty_backward_body
