/*
 * The inner tile of a product, written once for vectors of any width. A file
 * that includes this defines
 *
 *     VECTOR, MASK, WIDTH             a vector, a mask of lanes, lanes
 *     ZERO(), BROADCAST(from)         all lanes 0, or the float at `from`
 *     LOAD(from), STORE(to, x)        a whole vector, unaligned
 *     LOAD_SOME(mask, from)           lanes of the mask, the others 0
 *     STORE_SOME(mask, to, x)         lanes of the mask, the others untouched
 *     MULTIPLY_ADD(a, b, c)           a * b + c, rounded once
 */
#include "kernels/sets.h"

/* gcc must be told to unroll, or it keeps the sums in memory. */
#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Where the last vector is whole too: a masked load would cost a place among
   the fma's own ports. */
#define LOAD_WHOLE(mask, from) LOAD(from)

/* Where a tile takes its factors from: rows of a matrix, or packed ones. */
#define ROWS_PARAMETERS                                                        \
    size_t K, const float *const *a, size_t a_step, const float *b, size_t b_row
#define ROWS_ROW(k)       (b + (k)*b_row)
#define ROWS_FACTOR(k, i) (a[i] + (k)*a_step)
#define PACKED_PARAMETERS                                                      \
    size_t K, const float *a, const uint32_t *at, const float *b, size_t b_row
#define PACKED_ROW(k)       (b + at[k] * b_row)
#define PACKED_FACTOR(k, i) (a + (k)*MNIST_PACKED_ROWS + (i))

/*
 * A function for each size, so that the sums are registers. SOURCE is ROWS or
 * PACKED, LOAD_LAST is LOAD_SOME or LOAD_WHOLE.
 */
/* clang-format off */
#define DEFINE_TILE(name, SOURCE, TALL, VECTORS, LOAD_LAST)                    \
    static void name(SOURCE##_PARAMETERS, MASK last, float *c, size_t c_row)   \
    {                                                                          \
        VECTOR s[TALL][VECTORS];                                               \
        UNROLL for (size_t i = 0; i < (TALL); i++)                             \
            UNROLL for (size_t v = 0; v < (VECTORS); v++)                      \
                s[i][v] = ZERO();                                              \
        for (size_t k = 0; k < K; k++) {                                       \
            const float *row = SOURCE##_ROW(k);                                \
            VECTOR x[VECTORS];                                                 \
            UNROLL for (size_t v = 0; v + 1 < (VECTORS); v++)                  \
                x[v] = LOAD(row + v * WIDTH);                                  \
            x[(VECTORS) - 1] =                                                 \
                LOAD_LAST(last, row + ((VECTORS) - 1) * WIDTH);                \
            UNROLL for (size_t i = 0; i < (TALL); i++) {                       \
                VECTOR factor = BROADCAST(SOURCE##_FACTOR(k, i));              \
                UNROLL for (size_t v = 0; v < (VECTORS); v++)                  \
                    s[i][v] = MULTIPLY_ADD(factor, x[v], s[i][v]);             \
            }                                                                  \
        }                                                                      \
        UNROLL for (size_t i = 0; i < (TALL); i++) {                           \
            float *to = c + i * c_row;                                         \
            UNROLL for (size_t v = 0; v + 1 < (VECTORS); v++)                  \
                STORE(to + v * WIDTH, s[i][v]);                                \
            STORE_SOME(last, to + ((VECTORS) - 1) * WIDTH,                     \
                       s[i][(VECTORS) - 1]);                                   \
        }                                                                      \
    }
/* clang-format on */

typedef void rows_tile(ROWS_PARAMETERS, MASK last, float *c, size_t c_row);
typedef void packed_tile(PACKED_PARAMETERS, MASK last, float *c, size_t c_row);

/* Lanes of the last vector that `width` columns take, 1 to WIDTH. */
static inline size_t last_lanes(size_t width)
{
    return (width - 1) % WIDTH + 1;
}

/* Which of the functions for 1, 2, ... vectors `width` columns want; the one
   after them is for `whole` columns, without a mask. */
static inline size_t tile_for(size_t width, size_t whole)
{
    return (width - 1 + (width == whole)) / WIDTH;
}
