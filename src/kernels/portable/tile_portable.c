/* The inner tiles of a product in plain C: what the others must equal. */
#include "kernels/portable/fma_portable.h"
#include "kernels/sets.h"

#include <string.h>

/* Inlined into each use, so that rows and cols are constants there. */
static inline void run(size_t K, const mnist_term *term, const float *const *a,
                       const float *b, size_t width, float *c, size_t c_row,
                       size_t rows, size_t cols)
{
    float s[MNIST_TILE_ROWS * MNIST_TILE_COLS] = {0};
    for (size_t k = 0; k < K; k++) {
        float row[MNIST_TILE_COLS] = {0};
        memcpy(row, b + term[k].b, width * sizeof *row);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                s[i * cols + j] =
                    fma_portable(a[i][term[k].a], row[j], s[i * cols + j]);
    }
    for (size_t i = 0; i < rows; i++)
        memcpy(c + i * c_row, s + i * cols, width * sizeof *c);
}

MNIST_TILE_FUNCTION(mnist_wide_portable)
{
    run(K, term, a, b, width, c, c_row, 4, 16);
}

MNIST_TILE_FUNCTION(mnist_narrow_portable)
{
    run(K, term, a, b, width, c, c_row, 8, 8);
}
