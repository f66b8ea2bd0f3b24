/*
 * The inner tiles of a product for AVX-512. Wide: 4 rows of up to four vectors,
 * 16 sums in registers, so that two fma a cycle with a latency of four are
 * always under way while a term loads only eight values. Narrow: 16 rows of one
 * vector.
 */
#include "kernels/sets.h"

#include <immintrin.h>

enum { WIDTH = 16 };

/* Inlined into each use, so that rows and vectors are constants there. */
static inline __attribute__((always_inline)) void
run(size_t K, const mnist_term *term, const float *const *a, const float *b,
    __mmask16 last, float *c, size_t c_row, const size_t rows,
    const size_t vectors)
{
    __m512 s[MNIST_TILE_ROWS][4];
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vectors; v++)
            s[i][v] = _mm512_setzero_ps();
    for (size_t k = 0; k < K; k++) {
        const float *row = b + term[k].b;
        __m512 x[4];
        for (size_t v = 0; v + 1 < vectors; v++)
            x[v] = _mm512_loadu_ps(row + v * WIDTH);
        x[vectors - 1] =
            _mm512_maskz_loadu_ps(last, row + (vectors - 1) * WIDTH);
        for (size_t i = 0; i < rows; i++) {
            __m512 factor = _mm512_set1_ps(a[i][term[k].a]);
            for (size_t v = 0; v < vectors; v++)
                s[i][v] = _mm512_fmadd_ps(factor, x[v], s[i][v]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < vectors; v++)
            _mm512_storeu_ps(c + i * c_row + v * WIDTH, s[i][v]);
}

static __mmask16 last_mask(size_t width)
{
    return (__mmask16)(0xffffu >> (WIDTH - 1 - (width - 1) % WIDTH));
}

MNIST_TILE_FUNCTION(mnist_wide_avx512)
{
    const float *rows[4] = {a[0], a[1], a[2], a[3]};
    __mmask16 last = last_mask(width);
    switch ((width + WIDTH - 1) / WIDTH) {
    case 1:
        run(K, term, rows, b, last, c, 64, 4, 1);
        break;
    case 2:
        run(K, term, rows, b, last, c, 64, 4, 2);
        break;
    case 3:
        run(K, term, rows, b, last, c, 64, 4, 3);
        break;
    default:
        run(K, term, rows, b, last, c, 64, 4, 4);
        break;
    }
}

MNIST_TILE_FUNCTION(mnist_narrow_avx512)
{
    run(K, term, a, b, last_mask(width), c, 16, 16, 1);
}
