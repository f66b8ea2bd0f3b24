/*
 * The inner tiles of a product for AVX2 and FMA. Wide: 4 rows of up to three
 * vectors, 12 sums in the 16 registers, three for b and one for a. Narrow: 8
 * rows of one vector.
 */
#include <immintrin.h>

#define VECTOR                  __m256
#define MASK                    __m256i
#define WIDTH                   8
#define ZERO()                  _mm256_setzero_ps()
#define BROADCAST(from)         _mm256_broadcast_ss(from)
#define LOAD(from)              _mm256_loadu_ps(from)
#define STORE(to, x)            _mm256_storeu_ps(to, x)
#define LOAD_SOME(mask, from)   _mm256_maskload_ps(from, mask)
#define STORE_SOME(mask, to, x) _mm256_maskstore_ps(to, mask, x)
#define MULTIPLY_ADD(a, b, c)   _mm256_fmadd_ps(a, b, c)
#include "kernels/x86/tile_body.h"

DEFINE_TILE(wide_1, ROWS, 4, 1, LOAD_SOME)
DEFINE_TILE(wide_2, ROWS, 4, 2, LOAD_SOME)
DEFINE_TILE(wide_3, ROWS, 4, 3, LOAD_SOME)
DEFINE_TILE(wide_whole, ROWS, 4, 3, LOAD_WHOLE)
DEFINE_TILE(narrow, ROWS, 8, 1, LOAD_SOME)
DEFINE_TILE(packed_1, PACKED, 4, 1, LOAD_SOME)
DEFINE_TILE(packed_2, PACKED, 4, 2, LOAD_SOME)
DEFINE_TILE(packed_3, PACKED, 4, 3, LOAD_SOME)
DEFINE_TILE(packed_whole, PACKED, 4, 3, LOAD_WHOLE)

static rows_tile *const wide[] = {wide_1, wide_2, wide_3, wide_whole};
static packed_tile *const packed[] = {packed_1, packed_2, packed_3,
                                      packed_whole};

static __m256i last_mask(size_t width)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)last_lanes(width)), lanes);
}

MNIST_TILE_FUNCTION(mnist_wide_avx2)
{
    wide[tile_for(width, 24)](K, a, a_step, b, b_row, last_mask(width), c,
                              c_row);
}

MNIST_TILE_FUNCTION(mnist_narrow_avx2)
{
    narrow(K, a, a_step, b, b_row, last_mask(width), c, c_row);
}

MNIST_PACKED_FUNCTION(mnist_packed_avx2)
{
    packed[tile_for(width, 24)](K, a, at, b, b_row, last_mask(width), c, c_row);
}
