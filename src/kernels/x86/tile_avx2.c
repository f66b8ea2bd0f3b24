/*
 * The inner tiles of a product for AVX2 and FMA. Wide: 4 rows of up to three
 * vectors, 12 sums in the 16 registers, three for b and one for a. Narrow: 8
 * rows of one vector.
 */
#include "kernels/sets.h"

#include <immintrin.h>

enum { WIDTH = 8 };

/* Inlined into each use, so that rows and vectors are constants there. */
static inline __attribute__((always_inline)) void
run(size_t K, const mnist_term *term, const float *const *a, const float *b,
    __m256i last, float *c, size_t c_row, const size_t rows,
    const size_t vectors)
{
    __m256 s[8][3];
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vectors; v++)
            s[i][v] = _mm256_setzero_ps();
    for (size_t k = 0; k < K; k++) {
        const float *row = b + term[k].b;
        __m256 x[3];
        for (size_t v = 0; v + 1 < vectors; v++)
            x[v] = _mm256_loadu_ps(row + v * WIDTH);
        x[vectors - 1] = _mm256_maskload_ps(row + (vectors - 1) * WIDTH, last);
        for (size_t i = 0; i < rows; i++) {
            __m256 factor = _mm256_broadcast_ss(a[i] + term[k].a);
            for (size_t v = 0; v < vectors; v++)
                s[i][v] = _mm256_fmadd_ps(factor, x[v], s[i][v]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vectors; v++)
            _mm256_storeu_ps(c + i * c_row + v * WIDTH, s[i][v]);
}

static __m256i last_mask(size_t width)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    int filled = (int)((width - 1) % WIDTH + 1);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(filled), lanes);
}

MNIST_TILE_FUNCTION(mnist_wide_avx2)
{
    const float *rows[4] = {a[0], a[1], a[2], a[3]};
    __m256i last = last_mask(width);
    switch ((width + WIDTH - 1) / WIDTH) {
    case 1:
        run(K, term, rows, b, last, c, 24, 4, 1);
        break;
    case 2:
        run(K, term, rows, b, last, c, 24, 4, 2);
        break;
    default:
        run(K, term, rows, b, last, c, 24, 4, 3);
        break;
    }
}

MNIST_TILE_FUNCTION(mnist_narrow_avx2)
{
    run(K, term, a, b, last_mask(width), c, 8, 8, 1);
}
