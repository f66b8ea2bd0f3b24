/* Between pictures in rows and in blocks, and sums of lanes, by transposing 4x4
   floats in registers; a file that includes this gets them as statics. */
#ifndef KERNELS_TRANSPOSE_H
#define KERNELS_TRANSPOSE_H

#include "kernels/pictures.h"

#include <immintrin.h>

static inline void transpose_4x4(const float *from, size_t from_row, float *to,
                                 size_t to_row)
{
    __m128 a = _mm_loadu_ps(from);
    __m128 b = _mm_loadu_ps(from + from_row);
    __m128 c = _mm_loadu_ps(from + 2 * from_row);
    __m128 d = _mm_loadu_ps(from + 3 * from_row);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(to, a);
    _mm_storeu_ps(to + to_row, b);
    _mm_storeu_ps(to + 2 * to_row, c);
    _mm_storeu_ps(to + 3 * to_row, d);
}

static void from_rows(size_t lanes, size_t n, const float *from,
                      size_t from_row, float *to)
{
    size_t i = 0;
    for (; lanes == MNIST_LANES && i + 4 <= n; i += 4)
        for (size_t l = 0; l < MNIST_LANES; l += 4)
            transpose_4x4(from + l * from_row + i, from_row,
                          to + i * MNIST_LANES + l, MNIST_LANES);
    for (; i < n; i++)
        for (size_t l = 0; l < MNIST_LANES; l++)
            to[i * MNIST_LANES + l] = l < lanes ? from[l * from_row + i] : 0.0f;
}

static void to_rows(size_t lanes, size_t n, const float *from, float *to,
                    size_t to_row)
{
    size_t i = 0;
    for (; lanes == MNIST_LANES && i + 4 <= n; i += 4)
        for (size_t l = 0; l < MNIST_LANES; l += 4)
            transpose_4x4(from + i * MNIST_LANES + l, MNIST_LANES,
                          to + l * to_row + i, to_row);
    for (; i < n; i++)
        for (size_t l = 0; l < lanes; l++)
            to[l * to_row + i] = from[i * MNIST_LANES + l];
}

/* Lanes l, l + 4, l + 8, l + 12, for l = 0 .. 3. */
static inline __m128 sum_quarters(const float *x)
{
    return _mm_add_ps(_mm_add_ps(_mm_loadu_ps(x), _mm_loadu_ps(x + 8)),
                      _mm_add_ps(_mm_loadu_ps(x + 4), _mm_loadu_ps(x + 12)));
}

static inline __m128 sum_four(const float *x)
{
    __m128 a = sum_quarters(x), b = sum_quarters(x + MNIST_LANES);
    __m128 c = sum_quarters(x + 2 * MNIST_LANES);
    __m128 d = sum_quarters(x + 3 * MNIST_LANES);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    return _mm_add_ps(_mm_add_ps(a, c), _mm_add_ps(b, d));
}

static void sum_lanes(size_t n, const float *x, float *sum)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        _mm_storeu_ps(sum + i, sum_four(x + i * MNIST_LANES));
    for (; i < n; i++) {
        float last[4 * MNIST_LANES] = {0};
        for (size_t l = 0; l < MNIST_LANES; l++)
            last[l] = x[i * MNIST_LANES + l];
        sum[i] = _mm_cvtss_f32(sum_four(last));
    }
}

#endif
