/*
 * The kernels for pictures with AVX2 and FMA: 16 lanes are two vectors. Tiles
 * have up to 12 sums in the 16 registers, for two fma a cycle with a latency of
 * four or five.
 */
#include <immintrin.h>

#include "kernels/sets.h"
#include "kernels/x86/transpose.h"

#define VECTOR                __m256
#define WIDTH                 8
#define ZERO()                _mm256_setzero_ps()
#define BROADCAST(from)       _mm256_broadcast_ss(from)
#define LOAD(from)            _mm256_loadu_ps(from)
#define STORE(to, x)          _mm256_storeu_ps(to, x)
#define ADD(a, b)             _mm256_add_ps(a, b)
#define MULTIPLY(a, b)        _mm256_mul_ps(a, b)
#define DIVIDE(a, b)          _mm256_div_ps(a, b)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define KEEP(x)               __asm__("" : "+x"(x))
#define RELU(x)               _mm256_max_ps(_mm256_setzero_ps(), x)
#define ALL_FILTERS(F)        F(1, 4) F(2, 3) F(3, 2) F(4, 1) F(5, 1) F(6, 1)
#define MOST_FILTERS          6
#define GRADIENT_FILTERS(F)   F(1) F(2) F(3) F(4)
#define MOST_GRADIENT_FILTERS 4
#define SUM_LANES             sum_lanes
#define FROM_ROWS             from_rows
#define TO_ROWS               to_rows
#include "kernels/pictures_body.h"

const mnist_picture_kernels mnist_pictures_avx2 = {PICTURE_KERNELS};
