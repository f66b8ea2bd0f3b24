/*
 * fma for floats, rounded once, on any processor.
 *
 * Where the compiler has an instruction it is that. Elsewhere the exact product
 * of two floats fits a double (24 + 24 bits of 53), and the sum with c is
 * rounded to odd in double: truncated, with the last bit set if anything was
 * cut off. Rounding that to float is then the same as rounding the exact sum,
 * because double has more than two bits more than float. It is a few additions
 * that the compiler vectorises; the C library's own fmaf takes some fifty times
 * as long on a processor without the instruction.
 *
 * Source: Boldo, Melquiond, "Emulation of a FMA and correctly rounded sums:
 * proved algorithms using rounding to odd", IEEE Trans. Computers 57(4), 2008;
 * the error of the sum by Knuth's TwoSum.
 */
#ifndef KERNELS_FMA_PORTABLE_H
#define KERNELS_FMA_PORTABLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__FMA__) || defined(__aarch64__) || defined(FP_FAST_FMAF)

static inline float fma_portable(float a, float b, float c)
{
    return fmaf(a, b, c);
}

#else

static inline float fma_portable(float a, float b, float c)
{
    double p = (double)a * (double)b;
    double q = (double)c;
    double s = p + q;
    double t = s - p;
    double error = (p - (s - t)) + (q - t);
    uint64_t s_bits, error_bits;
    memcpy(&s_bits, &s, sizeof s_bits);
    memcpy(&error_bits, &error, sizeof error_bits);
    /* s is already the exact sum, or already odd: it stays. Otherwise its odd
       neighbour in the direction of what was cut off: one up in magnitude where
       the error has the sign of s, else one down. Not for infinity and NaN,
       whose error is NaN. */
    uint64_t change = error < 0 || error > 0 ? ~s_bits & 1 : 0;
    uint64_t apart = (s_bits ^ error_bits) >> 63;
    s_bits += change - ((change & apart) << 1);
    memcpy(&s, &s_bits, sizeof s);
    return (float)s;
}

#endif

#endif
