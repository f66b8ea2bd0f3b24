/* Packing images in plain C, for the sets that have nothing better. */
#ifndef KERNELS_PACK_BODY_H
#define KERNELS_PACK_BODY_H

#include "kernels/kernels.h"

#include <string.h>

static inline uint64_t word_at(const uint8_t *pixels)
{
    uint64_t word;
    memcpy(&word, pixels, sizeof word);
    return word;
}

static uint64_t used_body(size_t eights, const uint8_t *pixels)
{
    uint64_t used = 0;
    for (size_t i = eights; i-- > 0;)
        used = used << 1 | (word_at(pixels + 8 * i) != 0);
    return used;
}

/* Pixels first..end-1, behind the `count` terms that there are. */
static inline uint32_t pack_some(const uint8_t *const *row, const float *number,
                                 size_t first, size_t end, float *value,
                                 uint32_t *at, uint32_t count)
{
    for (size_t k = first; k < end; k++) {
        /* Always written, kept only if it counts: no branch to mispredict. */
        const float four[] = {number[row[0][k]], number[row[1][k]],
                              number[row[2][k]], number[row[3][k]]};
        memcpy(value + 4 * (size_t)count, four, sizeof four);
        at[count] = (uint32_t)k;
        count += (row[0][k] | row[1][k] | row[2][k] | row[3][k]) != 0;
    }
    return count;
}

/* Most pixels are 0, and so are many whole words. */
static uint32_t pack_rows_body(size_t K, const uint8_t *const *row,
                               const mnist_images *images, float *value,
                               uint32_t *at)
{
    enum { WORD = sizeof(uint64_t) };
    uint32_t count = 0;
    size_t k = 0;
    for (; k + WORD <= K; k += WORD)
        if (word_at(row[0] + k) | word_at(row[1] + k) | word_at(row[2] + k) |
            word_at(row[3] + k))
            count =
                pack_some(row, images->value, k, k + WORD, value, at, count);
    return pack_some(row, images->value, k, K, value, at, count);
}

/* The groups that are not all 0 are found first, then appended. */
static void pack_columns_body(size_t groups, const uint8_t *pixels,
                              const mnist_images *images, uint32_t n,
                              size_t most, float *value, uint32_t *at,
                              uint32_t *count)
{
    enum { SOME = 256 };
    uint32_t found[SOME];
    for (size_t first = 0; first < groups; first += SOME) {
        size_t some = groups - first < SOME ? groups - first : SOME, many = 0;
        for (size_t g = first; g < first + some; g++) {
            uint32_t four;
            memcpy(&four, pixels + 4 * g, sizeof four);
            found[many] = (uint32_t)g;
            many += four != 0;
        }
        for (size_t i = 0; i < many; i++) {
            const uint8_t *p = pixels + 4 * (size_t)found[i];
            size_t term = found[i] * most + count[found[i]]++;
            for (size_t r = 0; r < 4; r++)
                value[4 * term + r] = images->value[p[r]];
            at[term] = n;
        }
    }
}

#define PACK_KERNELS                                                           \
    .used = used_body, .pack_rows = pack_rows_body,                            \
    .pack_columns = pack_columns_body

#endif
