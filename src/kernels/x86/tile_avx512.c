/*
 * The inner tiles of a product for AVX-512. Wide: 4 rows of up to four vectors,
 * 16 sums in registers, so that two fma a cycle with a latency of four are
 * always under way while a term loads only eight values. Narrow: 16 rows of one
 * vector.
 */
#include "kernels/sets.h"

#include <immintrin.h>

enum { WIDTH = 16 };

/* gcc must be told to unroll, or it keeps the sums in memory. */
#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* A function for each size, so that the sums are registers. */
/* A masked load costs a place among the fma's own ports, so where the last
   vector is whole too it is loaded as the others. */
#define LOAD_MASKED(mask, from) _mm512_maskz_loadu_ps(mask, from)
#define LOAD_WHOLE(mask, from)  _mm512_loadu_ps(from)

#define DEFINE_RUN(name, ROWS, VECTORS, LOAD_LAST)                             \
    static void name(size_t K, const mnist_term *term, const float *const *a,  \
                     const float *b, __mmask16 last, float *c, size_t c_row)   \
    {                                                                          \
        __m512 s[ROWS][VECTORS];                                               \
        UNROLL                                                                 \
        for (size_t i = 0; i < ROWS; i++)                                      \
            UNROLL                                                             \
        for (size_t v = 0; v < VECTORS; v++)                                   \
            s[i][v] = _mm512_setzero_ps();                                     \
        for (size_t k = 0; k < K; k++) {                                       \
            const float *row = b + term[k].b;                                  \
            __m512 x[VECTORS];                                                 \
            UNROLL                                                             \
            for (size_t v = 0; v + 1 < VECTORS; v++)                           \
                x[v] = _mm512_loadu_ps(row + v * WIDTH);                       \
            x[VECTORS - 1] = LOAD_LAST(last, row + (VECTORS - 1) * WIDTH);     \
            UNROLL                                                             \
            for (size_t i = 0; i < ROWS; i++) {                                \
                __m512 factor = _mm512_set1_ps(a[i][term[k].a]);               \
                UNROLL                                                         \
                for (size_t v = 0; v < VECTORS; v++)                           \
                    s[i][v] = _mm512_fmadd_ps(factor, x[v], s[i][v]);          \
            }                                                                  \
        }                                                                      \
        UNROLL                                                                 \
        for (size_t i = 0; i < ROWS; i++) {                                    \
            float *to = c + i * c_row;                                         \
            UNROLL                                                             \
            for (size_t v = 0; v + 1 < VECTORS; v++)                           \
                _mm512_storeu_ps(to + v * WIDTH, s[i][v]);                     \
            _mm512_mask_storeu_ps(to + (VECTORS - 1) * WIDTH, last,            \
                                  s[i][VECTORS - 1]);                          \
        }                                                                      \
    }

DEFINE_RUN(wide_1, 4, 1, LOAD_MASKED)
DEFINE_RUN(wide_2, 4, 2, LOAD_MASKED)
DEFINE_RUN(wide_3, 4, 3, LOAD_MASKED)
DEFINE_RUN(wide_4, 4, 4, LOAD_MASKED)
DEFINE_RUN(wide_whole, 4, 4, LOAD_WHOLE)
DEFINE_RUN(narrow, 16, 1, LOAD_MASKED)

static __mmask16 last_mask(size_t width)
{
    return (__mmask16)(0xffffu >> (WIDTH - 1 - (width - 1) % WIDTH));
}

MNIST_TILE_FUNCTION(mnist_wide_avx512)
{
    __mmask16 last = last_mask(width);
    if (width == 64) {
        wide_whole(K, term, a, b, last, c, c_row);
        return;
    }
    switch ((width + WIDTH - 1) / WIDTH) {
    case 1:
        wide_1(K, term, a, b, last, c, c_row);
        break;
    case 2:
        wide_2(K, term, a, b, last, c, c_row);
        break;
    case 3:
        wide_3(K, term, a, b, last, c, c_row);
        break;
    default:
        wide_4(K, term, a, b, last, c, c_row);
        break;
    }
}

MNIST_TILE_FUNCTION(mnist_narrow_avx512)
{
    narrow(K, term, a, b, last_mask(width), c, c_row);
}
