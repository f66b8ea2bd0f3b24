/* The inner tiles of a product in plain C: what the others must equal. */
#include "kernels/portable/fma_portable.h"
#include "kernels/sets.h"

#include <string.h>

/* Inlined into each use, so that rows and cols are constants there. */
static inline void run(size_t K, const float *const *a, size_t a_step,
                       const float *b, size_t b_row, size_t width, float *c,
                       size_t c_row, size_t rows, size_t cols)
{
    float s[MNIST_TILE_ROWS * MNIST_TILE_COLS] = {0};
    for (size_t k = 0; k < K; k++) {
        float row[MNIST_TILE_COLS] = {0};
        memcpy(row, b + k * b_row, width * sizeof *row);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                s[i * cols + j] =
                    fma_portable(a[i][k * a_step], row[j], s[i * cols + j]);
    }
    for (size_t i = 0; i < rows; i++)
        memcpy(c + i * c_row, s + i * cols, width * sizeof *c);
}

MNIST_TILE_FUNCTION(mnist_wide_portable)
{
    run(K, a, a_step, b, b_row, width, c, c_row, 4, 16);
}

MNIST_TILE_FUNCTION(mnist_narrow_portable)
{
    run(K, a, a_step, b, b_row, width, c, c_row, 8, 8);
}

MNIST_PACKED_FUNCTION(mnist_packed_portable)
{
    enum { ROWS = MNIST_PACKED_ROWS, COLS = 16 };
    float s[ROWS * COLS] = {0};
    for (size_t k = 0; k < K; k++) {
        float row[COLS] = {0};
        memcpy(row, b + at[k] * b_row, width * sizeof *row);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < COLS; j++)
                s[i * COLS + j] =
                    fma_portable(a[k * ROWS + i], row[j], s[i * COLS + j]);
    }
    for (size_t i = 0; i < ROWS; i++)
        memcpy(c + i * c_row, s + i * COLS, width * sizeof *c);
}
