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

DEFINE_TILE(wide_1, 4, 1, LOAD_SOME)
DEFINE_TILE(wide_2, 4, 2, LOAD_SOME)
DEFINE_TILE(wide_3, 4, 3, LOAD_SOME)
DEFINE_TILE(wide_whole, 4, 3, LOAD_WHOLE)
DEFINE_TILE(narrow, 8, 1, LOAD_SOME)

/* The first lanes of a vector. */
static __m256i first_lanes(size_t count)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lanes);
}

MNIST_TILE_FUNCTION(mnist_wide_avx2)
{
    __m256i last = first_lanes(last_lanes(width));
    switch (vectors_of(width)) {
    case 1:
        wide_1(K, term, a, b, last, c, c_row);
        break;
    case 2:
        wide_2(K, term, a, b, last, c, c_row);
        break;
    default:
        if (last_lanes(width) == WIDTH)
            wide_whole(K, term, a, b, last, c, c_row);
        else
            wide_3(K, term, a, b, last, c, c_row);
        break;
    }
}

MNIST_TILE_FUNCTION(mnist_narrow_avx2)
{
    narrow(K, term, a, b, first_lanes(last_lanes(width)), c, c_row);
}
