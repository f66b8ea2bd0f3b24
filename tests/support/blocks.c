#include "support/blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LANES = 16 };

float *blocks_of(size_t N, size_t size, const float *rows, float rest)
{
    size_t room = (N + LANES - 1) / LANES * LANES;
    float *blocks = malloc(room * size * sizeof *blocks);
    assert_non_null(blocks);
    for (size_t n = 0; n < room; n++)
        for (size_t i = 0; i < size; i++)
            blocks[(n / LANES * size + i) * LANES + n % LANES] =
                n < N ? rows[n * size + i] : rest;
    return blocks;
}

void rows_of(size_t N, size_t size, const float *blocks, float *rows)
{
    for (size_t n = 0; n < N; n++)
        for (size_t i = 0; i < size; i++)
            rows[n * size + i] =
                blocks[(n / LANES * size + i) * LANES + n % LANES];
}
