/*
 * The inner tile of a product for AVX2 and FMA: 6 x 16, twelve sums in
 * registers, two for a row of b, one for the broadcast of a.
 */
#include "kernels/sets.h"

#include <immintrin.h>

enum { ROWS = MNIST_TILE_AVX2_ROWS, COLS = MNIST_TILE_AVX2_COLS, WIDTH = 8 };

void mnist_tile_avx2(size_t K, const float *a, const float *b, float *c,
                     size_t c_row, bool accumulate)
{
    __m256 s[ROWS][2];
    for (size_t i = 0; i < ROWS; i++) {
        const float *row = c + i * c_row;
        s[i][0] = accumulate ? _mm256_loadu_ps(row) : _mm256_setzero_ps();
        s[i][1] =
            accumulate ? _mm256_loadu_ps(row + WIDTH) : _mm256_setzero_ps();
    }
    for (size_t k = 0; k < K; k++, a += ROWS, b += COLS) {
        __m256 b0 = _mm256_loadu_ps(b);
        __m256 b1 = _mm256_loadu_ps(b + WIDTH);
        for (size_t i = 0; i < ROWS; i++) {
            __m256 ai = _mm256_broadcast_ss(a + i);
            s[i][0] = _mm256_fmadd_ps(ai, b0, s[i][0]);
            s[i][1] = _mm256_fmadd_ps(ai, b1, s[i][1]);
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        _mm256_storeu_ps(c + i * c_row, s[i][0]);
        _mm256_storeu_ps(c + i * c_row + WIDTH, s[i][1]);
    }
}
