/* The inner tile of a product in plain C: what the others must equal. */
#include "kernels/portable/fma_portable.h"
#include "kernels/sets.h"

#include <string.h>

enum { ROWS = MNIST_TILE_PORTABLE_ROWS, COLS = MNIST_TILE_PORTABLE_COLS };

void mnist_tile_portable(size_t K, const float *a, const float *b, float *c,
                         size_t c_row, bool accumulate)
{
    float s[ROWS][COLS] = {{0}};
    if (accumulate)
        for (size_t i = 0; i < ROWS; i++)
            memcpy(s[i], c + i * c_row, sizeof s[i]);
    for (size_t k = 0; k < K; k++, a += ROWS, b += COLS)
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < COLS; j++)
                s[i][j] = fma_portable(a[i], b[j], s[i][j]);
    for (size_t i = 0; i < ROWS; i++)
        memcpy(c + i * c_row, s[i], sizeof s[i]);
}
