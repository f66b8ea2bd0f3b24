/*
 * The inner tiles of a product for AVX-512. Wide: 4 rows of up to four vectors,
 * 16 sums in registers, so that two fma a cycle with a latency of four are
 * always under way while a term loads only eight values. Narrow: 16 rows of one
 * vector.
 */
#include <immintrin.h>

#define VECTOR                  __m512
#define MASK                    __mmask16
#define WIDTH                   16
#define ZERO()                  _mm512_setzero_ps()
#define BROADCAST(from)         _mm512_set1_ps(*(from))
#define LOAD(from)              _mm512_loadu_ps(from)
#define STORE(to, x)            _mm512_storeu_ps(to, x)
#define LOAD_SOME(mask, from)   _mm512_maskz_loadu_ps(mask, from)
#define STORE_SOME(mask, to, x) _mm512_mask_storeu_ps(to, mask, x)
#define MULTIPLY_ADD(a, b, c)   _mm512_fmadd_ps(a, b, c)
#include "kernels/x86/tile_body.h"

DEFINE_TILE(wide_1, 4, 1, LOAD_SOME)
DEFINE_TILE(wide_2, 4, 2, LOAD_SOME)
DEFINE_TILE(wide_3, 4, 3, LOAD_SOME)
DEFINE_TILE(wide_4, 4, 4, LOAD_SOME)
DEFINE_TILE(wide_whole, 4, 4, LOAD_WHOLE)
DEFINE_TILE(narrow, 16, 1, LOAD_SOME)

MNIST_TILE_FUNCTION(mnist_wide_avx512)
{
    __mmask16 last = (__mmask16)(0xffffu >> (WIDTH - last_lanes(width)));
    switch (vectors_of(width)) {
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
        if (last == 0xffff)
            wide_whole(K, term, a, b, last, c, c_row);
        else
            wide_4(K, term, a, b, last, c, c_row);
        break;
    }
}

MNIST_TILE_FUNCTION(mnist_narrow_avx512)
{
    __mmask16 last = (__mmask16)(0xffffu >> (WIDTH - last_lanes(width)));
    narrow(K, term, a, b, last, c, c_row);
}
