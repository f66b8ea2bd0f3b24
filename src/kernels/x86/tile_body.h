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

/*
 * A function for each size, so that the sums are registers. LOAD_LAST is
 * LOAD_SOME or LOAD_WHOLE.
 */
/* clang-format off */
#define DEFINE_TILE(name, ROWS, VECTORS, LOAD_LAST)                            \
    static void name(size_t K, const mnist_term *term, const float *const *a,  \
                     const float *b, MASK last, float *c, size_t c_row)        \
    {                                                                          \
        VECTOR s[ROWS][VECTORS];                                               \
        UNROLL for (size_t i = 0; i < (ROWS); i++)                             \
            UNROLL for (size_t v = 0; v < (VECTORS); v++)                      \
                s[i][v] = ZERO();                                              \
        for (size_t k = 0; k < K; k++) {                                       \
            const float *row = b + term[k].b;                                  \
            VECTOR x[VECTORS];                                                 \
            UNROLL for (size_t v = 0; v + 1 < (VECTORS); v++)                  \
                x[v] = LOAD(row + v * WIDTH);                                  \
            x[(VECTORS) - 1] =                                                 \
                LOAD_LAST(last, row + ((VECTORS) - 1) * WIDTH);                \
            UNROLL for (size_t i = 0; i < (ROWS); i++) {                       \
                VECTOR factor = BROADCAST(a[i] + term[k].a);                   \
                UNROLL for (size_t v = 0; v < (VECTORS); v++)                  \
                    s[i][v] = MULTIPLY_ADD(factor, x[v], s[i][v]);             \
            }                                                                  \
        }                                                                      \
        UNROLL for (size_t i = 0; i < (ROWS); i++) {                           \
            float *to = c + i * c_row;                                         \
            UNROLL for (size_t v = 0; v + 1 < (VECTORS); v++)                  \
                STORE(to + v * WIDTH, s[i][v]);                                \
            STORE_SOME(last, to + ((VECTORS) - 1) * WIDTH,                     \
                       s[i][(VECTORS) - 1]);                                   \
        }                                                                      \
    }
/* clang-format on */

/* Vectors that `width` columns take, and the lanes of the last one, 1 to
   WIDTH. */
static inline size_t vectors_of(size_t width)
{
    return (width + WIDTH - 1) / WIDTH;
}

static inline size_t last_lanes(size_t width)
{
    return (width - 1) % WIDTH + 1;
}
