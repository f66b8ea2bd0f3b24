/*
 * RMSprop where the strict sets' bits need not be given: root and quotient from
 * one estimate, half the time.
 */
#include "kernels/sets.h"

#include <float.h>
#include <immintrin.h>

/* 1 / sqrt(x) with a relative error below 2^-23: an estimate of 14 bits, and
   one step of Newton's. */
static inline __m512 reciprocal_root(__m512 x)
{
    const __m512 half = _mm512_set1_ps(0.5f);
    __m512 r = _mm512_rsqrt14_ps(x);
    __m512 remainder =
        _mm512_fnmadd_ps(_mm512_mul_ps(x, r), r, _mm512_set1_ps(1.0f));
    return _mm512_fmadd_ps(_mm512_mul_ps(half, r), remainder, r);
}

/* As rmsprop_plain in vector_body.h, for some lanes of 16. */
static inline void step(const mnist_rmsprop_factors *f, __mmask16 lanes,
                        float *w, float *v, const float *g)
{
    const __m512 least = _mm512_set1_ps(FLT_MIN);
    __m512 gradient = _mm512_maskz_loadu_ps(lanes, g);
    __m512 square = _mm512_mul_ps(gradient, gradient);
    /* w before v is written: often both lie as far into a page, and then a load
       waits for the store before it. */
    __m512 weight = _mm512_maskz_loadu_ps(lanes, w);
    __m512 mean = _mm512_maskz_loadu_ps(lanes, v);
    mean = _mm512_fmadd_ps(
        _mm512_set1_ps(f->rho), mean,
        _mm512_mul_ps(_mm512_set1_ps(f->one_minus_rho), square));
    /* NaN is kept, as in rmsprop_v. */
    mean =
        _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(mean, least, _CMP_NLT_UQ), mean);
    _mm512_mask_storeu_ps(v, lanes, mean);
    __m512 root =
        reciprocal_root(_mm512_add_ps(mean, _mm512_set1_ps(f->epsilon)));
    gradient = _mm512_mul_ps(_mm512_set1_ps(f->lr), gradient);
    _mm512_mask_storeu_ps(w, lanes, _mm512_fnmadd_ps(gradient, root, weight));
}

/* No loop for single numbers at the end: it must not matter where in a row a
   parameter lies. */
static inline void step_row(const mnist_rmsprop_factors *f, size_t n, float *w,
                            float *v, const float *g)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        step(f, 0xffff, w + i, v + i, g + i);
    if (i < n)
        step(f, (__mmask16)((1u << (n - i)) - 1), w + i, v + i, g + i);
}

void mnist_rmsprop_amx(const mnist_rmsprop_factors *factors,
                       const mnist_rmsprop_rows *rows)
{
    if (rows->s || rows->a) {
        mnist_kernels_avx512.rmsprop(factors, rows);
        return;
    }
    const mnist_rmsprop_factors f = *factors;
    for (size_t i = 0; i < rows->rows; i++)
        step_row(&f, rows->n, rows->w + i * rows->row, rows->v + i * rows->row,
                 rows->g + i * rows->g_row);
}
