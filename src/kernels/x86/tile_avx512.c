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

DEFINE_TILE(wide_1, ROWS, 4, 1, LOAD_SOME)
DEFINE_TILE(wide_2, ROWS, 4, 2, LOAD_SOME)
DEFINE_TILE(wide_3, ROWS, 4, 3, LOAD_SOME)
DEFINE_TILE(wide_4, ROWS, 4, 4, LOAD_SOME)
DEFINE_TILE(wide_whole, ROWS, 4, 4, LOAD_WHOLE)
DEFINE_TILE(narrow, ROWS, 16, 1, LOAD_SOME)
DEFINE_TILE(packed_1, PACKED, 4, 1, LOAD_SOME)
DEFINE_TILE(packed_2, PACKED, 4, 2, LOAD_SOME)
DEFINE_TILE(packed_3, PACKED, 4, 3, LOAD_SOME)
DEFINE_TILE(packed_4, PACKED, 4, 4, LOAD_SOME)
DEFINE_TILE(packed_whole, PACKED, 4, 4, LOAD_WHOLE)

static rows_tile *const wide[] = {wide_1, wide_2, wide_3, wide_4, wide_whole};
static packed_tile *const packed[] = {packed_1, packed_2, packed_3, packed_4,
                                      packed_whole};

static __mmask16 last_mask(size_t width)
{
    return (__mmask16)(0xffffu >> (WIDTH - last_lanes(width)));
}

MNIST_TILE_FUNCTION(mnist_wide_avx512)
{
    wide[tile_for(width, 64)](K, a, a_step, b, b_row, last_mask(width), c,
                              c_row);
}

MNIST_TILE_FUNCTION(mnist_narrow_avx512)
{
    narrow(K, a, a_step, b, b_row, last_mask(width), c, c_row);
}

MNIST_PACKED_FUNCTION(mnist_packed_avx512)
{
    packed[tile_for(width, 64)](K, a, at, b, b_row, last_mask(width), c, c_row);
}
