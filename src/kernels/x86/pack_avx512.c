/* Packing images with AVX-512: sixteen pixels, or groups of them, at a time. */
#include "kernels/sets.h"

#include <immintrin.h>
#include <string.h>

uint64_t mnist_used_avx512(size_t eights, const uint8_t *pixels)
{
    uint64_t used = 0;
    for (size_t i = 0; i < eights; i += 8) {
        size_t left = eights - i;
        __mmask8 some = (__mmask8)(left < 8 ? (1u << left) - 1 : 0xffu);
        __m512i words = _mm512_maskz_loadu_epi64(some, pixels + 8 * i);
        used |= (uint64_t)_mm512_test_epi64_mask(words, words) << i;
    }
    return used;
}

/* pixel / scale as the kernel `pixels` computes it. */
typedef struct {
    __m512 scale, reciprocal;
} divisor;

static divisor divisor_of(float scale)
{
    return (divisor){_mm512_set1_ps(scale), _mm512_set1_ps(1.0f / scale)};
}

static __m512 quotient(__m512i pixels, divisor by)
{
    __m512 p = _mm512_cvtepi32_ps(pixels);
    __m512 q = _mm512_mul_ps(p, by.reciprocal);
    return _mm512_fmadd_ps(_mm512_fnmadd_ps(q, by.scale, p), by.reciprocal, q);
}

/* The numbers of four rows side by side: quad[c] holds those of columns 4 c to
   4 c + 3. */
static void transpose(const __m512 row[4], __m512 quad[4])
{
    __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(row[0], row[1]));
    __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(row[0], row[1]));
    __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(row[2], row[3]));
    __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(row[2], row[3]));
    /* Columns 0 4 8 12, 1 5 9 13, 2 6 10 14, 3 7 11 15. */
    __m512 e = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    __m512 f = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    __m512 g = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    __m512 h = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
    __m512 ef = _mm512_shuffle_f32x4(e, f, 0x44); /* 0 4 1 5 */
    __m512 gh = _mm512_shuffle_f32x4(g, h, 0x44); /* 2 6 3 7 */
    quad[0] = _mm512_shuffle_f32x4(ef, gh, 0x88);
    quad[1] = _mm512_shuffle_f32x4(ef, gh, 0xdd);
    ef = _mm512_shuffle_f32x4(e, f, 0xee); /* 8 12 9 13 */
    gh = _mm512_shuffle_f32x4(g, h, 0xee);
    quad[2] = _mm512_shuffle_f32x4(ef, gh, 0x88);
    quad[3] = _mm512_shuffle_f32x4(ef, gh, 0xdd);
}

/* Sixteen columns, of which `some` has those that there are. */
static uint32_t pack_sixteen(size_t k, __mmask16 some,
                             const uint8_t *const *row, divisor by,
                             float *value, uint32_t *at, uint32_t count)
{
    const __m512i lanes =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    /* For each set of four columns, its pairs of a quad's floats. */
    static const uint8_t pairs[16] = {0x00, 0x03, 0x0c, 0x0f, 0x30, 0x33,
                                      0x3c, 0x3f, 0xc0, 0xc3, 0xcc, 0xcf,
                                      0xf0, 0xf3, 0xfc, 0xff};
    __m128i pixels[4], any = _mm_setzero_si128();
    __m512 number[4], quad[4];
    for (size_t r = 0; r < 4; r++) {
        pixels[r] = _mm_maskz_loadu_epi8(some, row[r] + k);
        any = _mm_or_si128(any, pixels[r]);
    }
    unsigned kept = _mm_test_epi8_mask(any, any);
    if (kept == 0)
        return count;
    for (size_t r = 0; r < 4; r++)
        number[r] = quotient(_mm512_cvtepu8_epi32(pixels[r]), by);
    transpose(number, quad);
    _mm512_mask_compressstoreu_epi32(
        at + count, (__mmask16)kept,
        _mm512_add_epi32(lanes, _mm512_set1_epi32((int)k)));
    for (size_t c = 0; c < 4; c++, kept >>= 4) {
        __mmask8 mask = pairs[kept & 15];
        _mm512_mask_compressstoreu_pd(value + 4 * (size_t)count, mask,
                                      _mm512_castps_pd(quad[c]));
        count += (uint32_t)__builtin_popcount(mask) / 2;
    }
    return count;
}

uint32_t mnist_pack_rows_avx512(size_t K, const uint8_t *const *row,
                                const mnist_images *images, float *value,
                                uint32_t *at)
{
    divisor by = divisor_of(images->scale);
    uint32_t count = 0;
    size_t k = 0;
    for (; k + 16 <= K; k += 16)
        count = pack_sixteen(k, 0xffff, row, by, value, at, count);
    if (k < K)
        count = pack_sixteen(k, (__mmask16)((1u << (K - k)) - 1), row, by,
                             value, at, count);
    return count;
}

/* The numbers of four pixels. */
static __m128 four_numbers(const uint8_t *pixels, __m128 scale,
                           __m128 reciprocal)
{
    int four;
    memcpy(&four, pixels, sizeof four);
    __m128 p = _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four)));
    __m128 q = _mm_mul_ps(p, reciprocal);
    return _mm_fmadd_ps(_mm_fnmadd_ps(q, scale, p), reciprocal, q);
}

void mnist_pack_columns_avx512(size_t groups, const uint8_t *pixels,
                               const mnist_images *images, uint32_t n,
                               size_t most, float *value, uint32_t *at,
                               uint32_t *count)
{
    const __m128 scale = _mm_set1_ps(images->scale);
    const __m128 reciprocal = _mm_set1_ps(1.0f / images->scale);
    for (size_t first = 0; first < groups; first += 16) {
        size_t left = groups - first;
        __mmask16 some = (__mmask16)(left < 16 ? (1u << left) - 1 : 0xffffu);
        __m512i four = _mm512_maskz_loadu_epi32(some, pixels + 4 * first);
        unsigned kept = _mm512_test_epi32_mask(four, four);
        for (; kept; kept &= kept - 1) {
            size_t g = first + (unsigned)__builtin_ctz(kept);
            size_t term = g * most + count[g]++;
            _mm_storeu_ps(value + 4 * term,
                          four_numbers(pixels + 4 * g, scale, reciprocal));
            at[term] = n;
        }
    }
}
