#define _GNU_SOURCE /* syscall */
#include "peaks.h"

#include <stdint.h>
#include <string.h>

/* What was computed goes here, so that the compiler must compute it. */
static volatile float sink;
static volatile uint64_t sink_bits;

static void read_words(const void *block, size_t bytes)
{
    const uint64_t *word = block;
    uint64_t s[4] = {0};
    for (size_t i = 0; i < bytes / sizeof *word; i += 4)
        for (size_t j = 0; j < 4; j++)
            s[j] |= word[i + j];
    sink_bits = s[0] | s[1] | s[2] | s[3];
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sums under way: more than two a cycle times a latency of four. */
enum { SUMS = 12, UNROLLED = 4 };

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f");
}

/* The factors draw each sum towards 1, so that it stays a normal number. */
__attribute__((target("avx2,fma"))) static void run_avx2(size_t times)
{
    const __m256 b = _mm256_set1_ps(0.75f), c = _mm256_set1_ps(0.25f);
    __m256 s[SUMS];
    for (int i = 0; i < SUMS; i++)
        s[i] = _mm256_set1_ps((float)i);
    for (size_t t = 0; t < times; t++)
        for (int u = 0; u < UNROLLED; u++)
            for (int i = 0; i < SUMS; i++)
                s[i] = _mm256_fmadd_ps(s[i], b, c);
    for (int i = 1; i < SUMS; i++)
        s[0] = _mm256_add_ps(s[0], s[i]);
    sink = _mm256_cvtss_f32(s[0]);
}

__attribute__((target("avx512f"))) static void run_avx512(size_t times)
{
    const __m512 b = _mm512_set1_ps(0.75f), c = _mm512_set1_ps(0.25f);
    __m512 s[SUMS];
    for (int i = 0; i < SUMS; i++)
        s[i] = _mm512_set1_ps((float)i);
    for (size_t t = 0; t < times; t++)
        for (int u = 0; u < UNROLLED; u++)
            for (int i = 0; i < SUMS; i++)
                s[i] = _mm512_fmadd_ps(s[i], b, c);
    for (int i = 1; i < SUMS; i++)
        s[0] = _mm512_add_ps(s[0], s[i]);
    sink = _mm512_cvtss_f32(s[0]);
}

/* Linux lets a process use the tiles only once it asked. */
static bool has_amx(void)
{
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    const unsigned bf16 = 1u << 22, tile = 1u << 24;
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return false;
    return (d & bf16) && (d & tile) &&
           syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

/* Layout of the processor's tile configuration, palette 1. */
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_configuration;

/* All tiles of 16 rows of 64 bytes. Not a local variable: gcc 12 takes the load
   of a configuration for one of 8 bytes, and leaves the rest unwritten. */
static const tile_configuration whole = {1,
                                         0,
                                         {0},
                                         {64, 64, 64, 64, 64, 64, 64, 64},
                                         {16, 16, 16, 16, 16, 16, 16, 16}};

/* Four sums of 16 x 16 from tiles of zeros, whose products take as long as
   others. */
__attribute__((target("amx-tile,amx-bf16"))) static void run_amx(size_t times)
{
    _tile_loadconfig(&whole);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
    for (size_t t = 0; t < times; t++) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_release();
}

static const bench_peak peaks[] = {
    {"avx2", "vfmadd, 8 floats", has_avx2, run_avx2, UNROLLED *SUMS * 2 * 8},
    {"avx512", "vfmadd, 16 floats", has_avx512, run_avx512,
     UNROLLED *SUMS * 2 * 16},
    {"amx", "tdpbf16ps, 16x16x32", has_amx, run_amx, 4 * 2 * 16 * 16 * 32},
};

const bench_peak *bench_peak_at(size_t i)
{
    return i < sizeof peaks / sizeof *peaks ? &peaks[i] : NULL;
}

/* 256 bytes at a time, into four sums of bits. */
__attribute__((target("avx2"))) static void read_avx2(const void *block,
                                                      size_t bytes)
{
    const __m256i *from = block;
    __m256i s[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(),
                    _mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t i = 0; i < bytes / 32; i += 8)
        for (size_t j = 0; j < 8; j++)
            s[j % 4] =
                _mm256_or_si256(s[j % 4], _mm256_load_si256(from + i + j));
    s[0] = _mm256_or_si256(_mm256_or_si256(s[0], s[1]),
                           _mm256_or_si256(s[2], s[3]));
    sink_bits = (uint64_t)_mm256_extract_epi64(s[0], 0);
}

__attribute__((target("avx512f"))) static void read_avx512(const void *block,
                                                           size_t bytes)
{
    const char *from = block;
    __m512i s[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(),
                    _mm512_setzero_si512(), _mm512_setzero_si512()};
    for (size_t i = 0; i < bytes; i += 256)
        for (size_t j = 0; j < 4; j++)
            s[j] = _mm512_or_si512(s[j], _mm512_load_si512(from + i + j * 64));
    s[0] = _mm512_or_si512(_mm512_or_si512(s[0], s[1]),
                           _mm512_or_si512(s[2], s[3]));
    sink_bits = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(s[0]));
}

void bench_read(const void *block, size_t bytes)
{
    if (has_avx512())
        read_avx512(block, bytes);
    else if (has_avx2())
        read_avx2(block, bytes);
    else
        read_words(block, bytes);
}

#else

const bench_peak *bench_peak_at(size_t i)
{
    (void)i;
    return NULL;
}

void bench_read(const void *block, size_t bytes)
{
    read_words(block, bytes);
}

#endif
