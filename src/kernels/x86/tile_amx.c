/*
 * Matrix tiles of bfloat16 for processors with AMX: kernels.h says what each
 * function does. A square of four sums takes its left side from two tiles and
 * its right side, part by part, from two more: eight loads for twelve products,
 * which take 16 cycles each. Every processor with AMX has the other extensions
 * that are used here.
 */
#include "kernels/sets.h"

#include <immintrin.h>

#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

enum {
    ROWS = 16, /* of a tile; and columns of its sums */
    TERMS = MNIST_TILE_TERMS,
    LINE = 64,           /* bytes of a tile's row */
    TILE = ROWS * TERMS, /* numbers of a tile */
    PAIR_OF_TILES = 2 * TILE
};
_Static_assert(MNIST_SQUARE == 2 * ROWS, "two tiles by two");

/* ---- Configuration ---- */

/* As the processor wants it, palette 1: eight tiles of 16 rows of 64 bytes. Not
   a local variable: gcc 12 takes the load of a configuration for one of 8
   bytes, and leaves the rest unwritten. */
static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} whole_tiles = {1,
                 0,
                 {0},
                 {LINE, LINE, LINE, LINE, LINE, LINE, LINE, LINE},
                 {ROWS, ROWS, ROWS, ROWS, ROWS, ROWS, ROWS, ROWS}};

static void begin(void)
{
    _tile_loadconfig(&whole_tiles);
}

static void end(void)
{
    _tile_release();
}

/* ---- Images ---- */

static void touch(size_t pixels, const uint8_t *restrict image,
                  uint8_t *restrict touched)
{
    for (size_t i = 0; i < pixels; i++)
        touched[i] |= image[i];
}

static __mmask64 lanes_64(size_t count)
{
    return count < 64 ? ((__mmask64)1 << count) - 1 : ~(__mmask64)0;
}

/* The pixels of an image that are kept, side by side, then 0 up to a multiple
   of 64 that a load may reach. Returns their number. */
static size_t keep(const mnist_tile_images *images, const uint8_t *image,
                   uint8_t *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < images->pixels; i += 64) {
        __m512i touched = _mm512_loadu_si512(images->touched + i);
        __mmask64 mask = _mm512_test_epi8_mask(touched, touched);
        __m512i some = image ? _mm512_maskz_loadu_epi8(
                                   lanes_64(images->pixels - i), image + i)
                             : _mm512_setzero_si512();
        _mm512_storeu_si512(kept + count,
                            _mm512_maskz_compress_epi8(mask, some));
        count += (size_t)__builtin_popcountll(mask);
    }
    _mm512_storeu_si512(kept + count, _mm512_setzero_si512());
    return count;
}

static __m512 sixteen_pixels(const uint8_t *pixels)
{
    return _mm512_cvtepi32_ps(
        _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)pixels)));
}

/* 16 images by 32 pixels, from bytes that are `row` apart. */
static void pack_by_image(const uint8_t *kept, size_t row, uint16_t *tile)
{
    for (size_t r = 0; r < ROWS; r++) {
        __m512 low = sixteen_pixels(kept + r * row);
        __m512 high = sixteen_pixels(kept + r * row + 16);
        _mm512_storeu_si512(tile + r * TERMS,
                            (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
}

/* r[i] lane j becomes r[j] lane i. */
static inline void transpose(__m512i r[ROWS])
{
    __m512i pair[ROWS], four[ROWS];
    UNROLL for (int i = 0; i < ROWS; i += 2)
    {
        pair[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        pair[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    UNROLL for (int i = 0; i < ROWS; i += 4)
    {
        four[i] = _mm512_unpacklo_epi64(pair[i], pair[i + 2]);
        four[i + 1] = _mm512_unpackhi_epi64(pair[i], pair[i + 2]);
        four[i + 2] = _mm512_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        four[i + 3] = _mm512_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    /* Lane 4 q + j of rows i .. i+3 is now quarter q of four[i + j]. */
    UNROLL for (int j = 0; j < 4; j++)
    {
        __m512i even = _mm512_shuffle_i32x4(four[j], four[4 + j], 0x88);
        __m512i odd = _mm512_shuffle_i32x4(four[j], four[4 + j], 0xdd);
        __m512i even_8 = _mm512_shuffle_i32x4(four[8 + j], four[12 + j], 0x88);
        __m512i odd_8 = _mm512_shuffle_i32x4(four[8 + j], four[12 + j], 0xdd);
        r[j] = _mm512_shuffle_i32x4(even, even_8, 0x88);
        r[4 + j] = _mm512_shuffle_i32x4(odd, odd_8, 0x88);
        r[8 + j] = _mm512_shuffle_i32x4(even, even_8, 0xdd);
        r[12 + j] = _mm512_shuffle_i32x4(odd, odd_8, 0xdd);
    }
}

/* 16 pixels by 32 images. A float of a pixel has nothing in its lower half, so
   a pair of images is one word. */
static void pack_by_pixel(const uint8_t *kept, size_t row, uint16_t *tile)
{
    __m512i r[ROWS];
    UNROLL for (size_t i = 0; i < ROWS; i++)
    {
        const uint8_t *pair = kept + 2 * i * row;
        __m512i first = _mm512_castps_si512(sixteen_pixels(pair));
        __m512i second = _mm512_castps_si512(sixteen_pixels(pair + row));
        r[i] = _mm512_or_si512(_mm512_srli_epi32(first, 16), second);
    }
    transpose(r);
    UNROLL for (size_t i = 0; i < ROWS; i++)
        _mm512_storeu_si512(tile + i * TERMS, r[i]);
}

static void pack(const mnist_tile_images *images)
{
    const size_t row = (images->pixels + 127) / 64 * 64;
    uint8_t *kept = images->kept;
    size_t count = 0;
    for (size_t n = 0; n < TERMS; n++)
        count = keep(images, n < images->images ? images->image[n] : NULL,
                     kept + n * row);
    for (size_t i = 0; i < count; i += TERMS) {
        uint16_t *by_image = images->by_image + i / TERMS * TILE;
        uint16_t *by_pixel = images->by_pixel + i / ROWS * images->pixel_step;
        pack_by_image(kept + i, row, by_image);
        pack_by_image(kept + ROWS * row + i, row,
                      by_image + images->image_step);
        pack_by_pixel(kept + i, row, by_pixel);
        pack_by_pixel(kept + i + ROWS, row, by_pixel + images->pixel_step);
    }
}

/* ---- Three parts ---- */

/* The upper halves of two vectors of words, in pairs. */
static inline __m512i pairs(__m512i first, __m512i second)
{
    const __m512i upper = _mm512_set1_epi32((int)0xffff0000u);
    /* (upper & second) | first >> 16 */
    return _mm512_ternarylogic_epi32(upper, second,
                                     _mm512_srli_epi32(first, 16), 0xea);
}

/* What is left without the upper half; exact. */
static inline __m512 rest(__m512 x)
{
    const __m512i upper = _mm512_set1_epi32((int)0xffff0000u);
    __m512i part = _mm512_and_si512(_mm512_castps_si512(x), upper);
    return _mm512_sub_ps(x, _mm512_castsi512_ps(part));
}

static inline void split_pair(__m512 first, __m512 second, uint16_t *to)
{
    UNROLL for (size_t part = 0; part < MNIST_PARTS; part++)
    {
        _mm512_storeu_si512(
            to + part * PAIR_OF_TILES,
            pairs(_mm512_castps_si512(first), _mm512_castps_si512(second)));
        first = rest(first);
        second = rest(second);
    }
}

static __mmask16 lanes_16(size_t count)
{
    return (__mmask16)(count < 16 ? (1u << count) - 1 : 0xffffu);
}

static void split(const float *b, size_t b_row, const uint32_t *at, size_t K,
                  size_t cols, uint16_t *parts)
{
    const __mmask16 low = lanes_16(cols),
                    high = lanes_16(cols > ROWS ? cols - ROWS : 0);
    size_t whole = (K + TERMS - 1) / TERMS * TERMS;
    for (size_t k = 0; k < whole; k += 2) {
        __mmask16 first = k < K ? 0xffff : 0, second = k + 1 < K ? 0xffff : 0;
        const float *x = first ? b + (at ? at[k] : k) * b_row : b;
        const float *y = second ? b + (at ? at[k + 1] : k + 1) * b_row : b;
        uint16_t *to = parts + k / TERMS * MNIST_PARTS * PAIR_OF_TILES +
                       k % TERMS / 2 * TERMS;
        split_pair(_mm512_maskz_loadu_ps(first & low, x),
                   _mm512_maskz_loadu_ps(second & low, y), to);
        split_pair(_mm512_maskz_loadu_ps(first & high, x + ROWS),
                   _mm512_maskz_loadu_ps(second & high, y + ROWS), to + TILE);
    }
}

/* ---- The product ---- */

enum { C_LINE = MNIST_SQUARE * sizeof(float) };

static void load_sums(const float *c)
{
    _tile_loadd(0, c, C_LINE);
    _tile_loadd(1, c + ROWS, C_LINE);
    _tile_loadd(2, c + ROWS * MNIST_SQUARE, C_LINE);
    _tile_loadd(3, c + ROWS * MNIST_SQUARE + ROWS, C_LINE);
}

static void multiply(size_t count, const uint16_t *a, size_t a_step,
                     const uint16_t *b, bool add, float *c)
{
    if (add) {
        load_sums(c);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (size_t k = 0; k < count; k++, a += TILE) {
        _tile_loadd(4, a, LINE);
        _tile_loadd(5, a + a_step, LINE);
        for (size_t part = 0; part < MNIST_PARTS; part++, b += PAIR_OF_TILES) {
            _tile_loadd(6, b, LINE);
            _tile_loadd(7, b + TILE, LINE);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, c, C_LINE);
    _tile_stored(1, c + ROWS, C_LINE);
    _tile_stored(2, c + ROWS * MNIST_SQUARE, C_LINE);
    _tile_stored(3, c + ROWS * MNIST_SQUARE + ROWS, C_LINE);
}

/* As pixels are divided in vector_body.h. */
static void divide(size_t n, float scale, float *x)
{
    const __m512 by = _mm512_set1_ps(scale), one_by = _mm512_set1_ps(1 / scale);
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 lanes = lanes_16(n - i);
        __m512 sum = _mm512_maskz_loadu_ps(lanes, x + i);
        __m512 quotient = _mm512_mul_ps(sum, one_by);
        __m512 remainder = _mm512_fnmadd_ps(quotient, by, sum);
        quotient = _mm512_fmadd_ps(remainder, one_by, quotient);
        _mm512_mask_storeu_ps(x + i, lanes, quotient);
    }
}

const mnist_tiles mnist_tiles_amx = {
    .name = "avx512 + amx",
    .begin = begin,
    .end = end,
    .touch = touch,
    .pack = pack,
    .split = split,
    .multiply = multiply,
    .divide = divide,
    .rmsprop = mnist_rmsprop_amx,
};
