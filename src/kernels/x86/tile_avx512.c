/*
 * The inner tile of a product for AVX-512: 8 x 32, sixteen sums in registers,
 * so that two fma a cycle with a latency of four are always under way.
 */
#include "kernels/sets.h"

#include <immintrin.h>

enum {
    ROWS = MNIST_TILE_AVX512_ROWS,
    COLS = MNIST_TILE_AVX512_COLS,
    WIDTH = 16
};

void mnist_tile_avx512(size_t K, const float *a, const float *b, float *c,
                       size_t c_row, bool accumulate)
{
    __m512 s[ROWS][2];
    for (size_t i = 0; i < ROWS; i++) {
        const float *row = c + i * c_row;
        s[i][0] = accumulate ? _mm512_loadu_ps(row) : _mm512_setzero_ps();
        s[i][1] =
            accumulate ? _mm512_loadu_ps(row + WIDTH) : _mm512_setzero_ps();
    }
    for (size_t k = 0; k < K; k++, a += ROWS, b += COLS) {
        __m512 b0 = _mm512_loadu_ps(b);
        __m512 b1 = _mm512_loadu_ps(b + WIDTH);
        for (size_t i = 0; i < ROWS; i++) {
            __m512 ai = _mm512_set1_ps(a[i]);
            s[i][0] = _mm512_fmadd_ps(ai, b0, s[i][0]);
            s[i][1] = _mm512_fmadd_ps(ai, b1, s[i][1]);
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        _mm512_storeu_ps(c + i * c_row, s[i][0]);
        _mm512_storeu_ps(c + i * c_row + WIDTH, s[i][1]);
    }
}
