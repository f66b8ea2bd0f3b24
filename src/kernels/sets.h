/* The sets of this build, for cpu.c, and their tiles; a set's vector file makes
   it whole. */
#ifndef KERNELS_SETS_H
#define KERNELS_SETS_H

#include "kernels/kernels.h"
#include "kernels/pictures.h"

extern const mnist_kernels mnist_kernels_portable;
extern const mnist_picture_kernels mnist_pictures_portable;

#define MNIST_TILE_FUNCTION(name)                                              \
    void name(size_t K, const float *const *a, size_t a_step, const float *b,  \
              size_t b_row, size_t width, float *c, size_t c_row)

#define MNIST_PACKED_FUNCTION(name)                                            \
    void name(size_t K, const float *a, const uint32_t *at, const float *b,    \
              size_t b_row, size_t width, float *c, size_t c_row)

/* rows, cols, function: the initialisers of a mnist_tile; of a packed one, cols
   and function. */
#define MNIST_WIDE_PORTABLE   4, 16, mnist_wide_portable
#define MNIST_NARROW_PORTABLE 8, 8, mnist_narrow_portable
#define MNIST_PACKED_PORTABLE 16, mnist_packed_portable
MNIST_TILE_FUNCTION(mnist_wide_portable);
MNIST_TILE_FUNCTION(mnist_narrow_portable);
MNIST_PACKED_FUNCTION(mnist_packed_portable);

/* MNIST_X86: this build has the sets for x86-64. */
#if defined(MNIST_X86)
extern const mnist_kernels mnist_kernels_avx2;
extern const mnist_kernels mnist_kernels_avx512;
extern const mnist_picture_kernels mnist_pictures_avx2;
extern const mnist_picture_kernels mnist_pictures_avx512;

/* MNIST_HAS_AMX: the compiler knows it. */
#if defined(MNIST_HAS_AMX)
extern const mnist_tiles mnist_tiles_amx;
void mnist_rmsprop_amx(const mnist_rmsprop_factors *factors,
                       const mnist_rmsprop_rows *rows);
#endif

#define MNIST_WIDE_AVX2     4, 24, mnist_wide_avx2
#define MNIST_NARROW_AVX2   8, 8, mnist_narrow_avx2
#define MNIST_PACKED_AVX2   24, mnist_packed_avx2
#define MNIST_WIDE_AVX512   4, 64, mnist_wide_avx512
#define MNIST_NARROW_AVX512 16, 16, mnist_narrow_avx512
#define MNIST_PACKED_AVX512 64, mnist_packed_avx512
uint64_t mnist_used_avx512(size_t eights, const uint8_t *pixels);
uint32_t mnist_pack_rows_avx512(size_t K, const uint8_t *const *row,
                                const mnist_images *images, float *value,
                                uint32_t *at);
void mnist_pack_columns_avx512(size_t groups, const uint8_t *pixels,
                               const mnist_images *images, uint32_t n,
                               size_t most, float *value, uint32_t *at,
                               uint32_t *count);

MNIST_TILE_FUNCTION(mnist_wide_avx2);
MNIST_TILE_FUNCTION(mnist_narrow_avx2);
MNIST_PACKED_FUNCTION(mnist_packed_avx2);
MNIST_TILE_FUNCTION(mnist_wide_avx512);
MNIST_TILE_FUNCTION(mnist_narrow_avx512);
MNIST_PACKED_FUNCTION(mnist_packed_avx512);
#endif

#endif
