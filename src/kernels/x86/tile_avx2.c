/*
 * The inner tiles of a product for AVX2 and FMA. Wide: 4 rows of up to three
 * vectors, 12 sums in the 16 registers, three for b and one for a. Narrow: 8
 * rows of one vector.
 */
#include "kernels/sets.h"

#include <immintrin.h>

enum { WIDTH = 8 };

/* gcc must be told to unroll, or it keeps the sums in memory. */
#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* A function for each size, so that the sums are registers. */
#define DEFINE_RUN(name, ROWS, VECTORS)                                        \
    static void name(size_t K, const mnist_term *term, const float *const *a,  \
                     const float *b, __m256i last, float *c, size_t c_row)     \
    {                                                                          \
        __m256 s[ROWS][VECTORS];                                               \
        UNROLL                                                                 \
        for (size_t i = 0; i < ROWS; i++)                                      \
            UNROLL                                                             \
        for (size_t v = 0; v < VECTORS; v++)                                   \
            s[i][v] = _mm256_setzero_ps();                                     \
        for (size_t k = 0; k < K; k++) {                                       \
            const float *row = b + term[k].b;                                  \
            __m256 x[VECTORS];                                                 \
            UNROLL                                                             \
            for (size_t v = 0; v + 1 < VECTORS; v++)                           \
                x[v] = _mm256_loadu_ps(row + v * WIDTH);                       \
            x[VECTORS - 1] =                                                   \
                _mm256_maskload_ps(row + (VECTORS - 1) * WIDTH, last);         \
            UNROLL                                                             \
            for (size_t i = 0; i < ROWS; i++) {                                \
                __m256 factor = _mm256_broadcast_ss(a[i] + term[k].a);         \
                UNROLL                                                         \
                for (size_t v = 0; v < VECTORS; v++)                           \
                    s[i][v] = _mm256_fmadd_ps(factor, x[v], s[i][v]);          \
            }                                                                  \
        }                                                                      \
        UNROLL                                                                 \
        for (size_t i = 0; i < ROWS; i++) {                                    \
            float *to = c + i * c_row;                                         \
            UNROLL                                                             \
            for (size_t v = 0; v + 1 < VECTORS; v++)                           \
                _mm256_storeu_ps(to + v * WIDTH, s[i][v]);                     \
            _mm256_maskstore_ps(to + (VECTORS - 1) * WIDTH, last,              \
                                s[i][VECTORS - 1]);                            \
        }                                                                      \
    }

DEFINE_RUN(wide_1, 4, 1)
DEFINE_RUN(wide_2, 4, 2)
DEFINE_RUN(wide_3, 4, 3)
DEFINE_RUN(narrow, 8, 1)

static __m256i last_mask(size_t width)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    int filled = (int)((width - 1) % WIDTH + 1);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(filled), lanes);
}

MNIST_TILE_FUNCTION(mnist_wide_avx2)
{
    __m256i last = last_mask(width);
    switch ((width + WIDTH - 1) / WIDTH) {
    case 1:
        wide_1(K, term, a, b, last, c, c_row);
        break;
    case 2:
        wide_2(K, term, a, b, last, c, c_row);
        break;
    default:
        wide_3(K, term, a, b, last, c, c_row);
        break;
    }
}

MNIST_TILE_FUNCTION(mnist_narrow_avx2)
{
    narrow(K, term, a, b, last_mask(width), c, c_row);
}
