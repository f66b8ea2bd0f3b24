/*
 * The kernels for pictures with AVX-512: 16 lanes are one vector. Tiles have up
 * to 24 sums in the 32 registers, so that a term loads far less than it
 * multiplies.
 */
#include <immintrin.h>

#include "kernels/sets.h"
#include "kernels/x86/transpose.h"

#define VECTOR                __m512
#define WIDTH                 16
#define ZERO()                _mm512_setzero_ps()
#define BROADCAST(from)       _mm512_set1_ps(*(from))
#define LOAD(from)            _mm512_loadu_ps(from)
#define STORE(to, x)          _mm512_storeu_ps(to, x)
#define ADD(a, b)             _mm512_add_ps(a, b)
#define MULTIPLY(a, b)        _mm512_mul_ps(a, b)
#define DIVIDE(a, b)          _mm512_div_ps(a, b)
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define KEEP(x)               __asm__("" : "+v"(x))
#define RELU(x)               _mm512_max_ps(_mm512_setzero_ps(), x)
#define ALL_FILTERS(F)                                                         \
    F(1, 8) F(2, 8) F(3, 8) F(4, 6) F(5, 4) F(6, 4) F(7, 3) F(8, 3)
#define MOST_FILTERS          8
#define ONE_FILTERS           16
#define GRADIENT_FILTERS(F)   F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8)
#define MOST_GRADIENT_FILTERS 8
#define SUM_LANES             sum_lanes
#define FROM_ROWS             from_rows
#define TO_ROWS               to_rows
#include "kernels/pictures_body.h"

const mnist_picture_kernels mnist_pictures_avx512 = {PICTURE_KERNELS};
