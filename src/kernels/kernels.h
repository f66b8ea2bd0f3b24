/*
 * The arithmetic: one table of functions for each instruction set.
 *
 * Every set computes the same bits. That costs nothing, because each output is
 * one chain of operations in a fixed order (a product's terms k ascending),
 * every operation is correctly rounded (add, multiply, divide, sqrt, fma), and
 * vectors run across outputs. Adding a CPU is a file for its tile, a file of a
 * few lines around vector_body.h, and a line in the list in cpu.c.
 */
#ifndef KERNELS_KERNELS_H
#define KERNELS_KERNELS_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(FLT_EVAL_METHOD == 0,
               "floats must be computed as floats, see CMakeLists.txt");

/* RMSprop's settings as the kernel uses them; see <mnist/rmsprop.h>. */
typedef struct mnist_rmsprop_factors {
    float lr, rho, one_minus_rho, momentum, epsilon;
} mnist_rmsprop_factors;

/* Its arrays: rows of n values, `row` floats apart in all but g. */
typedef struct mnist_rmsprop_rows {
    size_t rows, n;
    size_t row;
    float *w, *v;
    float *s; /* NULL without momentum */
    float *a; /* NULL unless centered */
    const float *g;
    size_t g_row;
} mnist_rmsprop_rows;

/*
 * The inner tile of a product, for `rows` rows of a and up to `cols` columns:
 *
 *     c[i][j] = chain over k = 0 .. K-1, ascending, from 0, of
 *               s = fma(a[i][k * a_step], b[k * b_row + j], s)
 *
 * Nothing is packed: a row of a is a pointer, and the columns of b are
 * neighbours. c: its rows are c_row floats apart. width: the columns that there
 * are, 1 to cols; nothing beyond them is read or written.
 */
typedef struct mnist_tile {
    size_t rows, cols;
    void (*run)(size_t K, const float *const *a, size_t a_step, const float *b,
                size_t b_row, size_t width, float *c, size_t c_row);
} mnist_tile;

/* The most that a tile may have, and a narrow one; rows that are packed
   together. */
enum {
    MNIST_TILE_ROWS = 16,
    MNIST_TILE_COLS = 64,
    MNIST_NARROW_COLS = 16,
    MNIST_PACKED_ROWS = 4
};

/*
 * The tile for MNIST_PACKED_ROWS rows whose factors lie side by side, with
 * zeros left out (kernels/packed.h):
 *
 *     c[i][j] = chain over t = 0 .. K-1, ascending, from 0, of
 *               s = fma(a[4 t + i], b[at[t] * b_row + j], s)
 */
typedef struct mnist_packed_tile {
    size_t cols;
    void (*run)(size_t K, const float *a, const uint32_t *at, const float *b,
                size_t b_row, size_t width, float *c, size_t c_row);
} mnist_packed_tile;

/* A square of sums on matrix tiles: rows, columns, and the terms of a tile; and
   how many bfloat16 a float32 is the sum of. */
enum { MNIST_SQUARE = 32, MNIST_TILE_TERMS = 32, MNIST_PARTS = 3 };

/* Up to MNIST_TILE_TERMS images on their way into tiles (kernels/tiled.h). */
typedef struct mnist_tile_images {
    const uint8_t *const *image;
    size_t images, pixels;
    const uint8_t *touched; /* pixels that are kept: not 0; then some 0, to a
                               multiple of 64 */
    uint8_t *kept; /* memory for MNIST_TILE_TERMS * (pixels + 127) bytes */
    uint16_t *by_image, *by_pixel;
    size_t image_step, pixel_step;
} mnist_tile_images;

/*
 * What matrix tiles of bfloat16 are used with (kernels/tiled.h), where the bits
 * of the sets need not be given. Most of it is for threads that are between
 * begin and end. A tile of the left side is 16 rows of 32 numbers; one of the
 * right 16 rows of 16 pairs: term 2 k and term 2 k + 1 of a column.
 */
typedef struct mnist_tiles {
    const char *name; /* with that of the set that they go with */

    void (*begin)(void);
    void (*end)(void);

    /* touched[i] |= image[i] */
    void (*touch)(size_t pixels, const uint8_t *image, uint8_t *touched);

    /* Both kinds of tiles of some images. Pixels and images that the last tiles
       lack are 0. */
    void (*pack)(const mnist_tile_images *images);

    /* Rows at[0] .. at[K-1] of b (NULL: 0 .. K-1), of up to MNIST_SQUARE
       columns, as tiles: for every 32 rows, for each part, two side by side.
       Rows and columns that the last tiles lack are 0. */
    void (*split)(const float *b, size_t b_row, const uint32_t *at, size_t K,
                  size_t cols, uint16_t *parts);

    /* c = a b, or c + a b, for a square whose rows follow each other. a: two
       rows of `count` tiles, a_step numbers apart. b: as split makes it. */
    void (*multiply)(size_t count, const uint16_t *a, size_t a_step,
                     const uint16_t *b, bool add, float *c);

    /* x[i] = x[i] / scale, rounded once. */
    void (*divide)(size_t n, float scale, float *x);

    /* As in the sets, but w only nearly so. */
    void (*rmsprop)(const mnist_rmsprop_factors *f,
                    const mnist_rmsprop_rows *rows);
} mnist_tiles;

/* Terms of the chains of which a long sum is made. */
#define MNIST_CHAIN 256

/* Images as they are stored: row n of a matrix is row[n], and a pixel p stands
   for p / scale, which is value[p]. */
typedef struct mnist_images {
    const uint8_t *const *row;
    float scale;
    float value[256];
} mnist_images;

/* No pointer needs an alignment, and outputs may be their inputs only where
   that is said. n of 0 is fine everywhere. */
typedef struct mnist_kernels {
    const char *name;

    mnist_tile wide;   /* for many columns */
    mnist_tile narrow; /* for no more than its own columns */
    mnist_packed_tile packed;
    const mnist_tiles *tiles; /* NULL in the sets; see mnist_tiles_now */

    /* For pictures, which lie in blocks: see pictures.h. */
    const struct mnist_picture_kernels *pictures;

    /* x[i] = pixels[i] / scale */
    void (*pixels)(size_t n, const uint8_t *pixels, float scale, float *x);

    /* Bit i: whether one of pixels 8 i .. 8 i + 7 is not 0; up to 64 eights of
       them. */
    uint64_t (*used)(size_t eights, const uint8_t *pixels);

    /* Packs four rows of K pixels (kernels/packed.h): the k, ascending, at
       which one of them is not 0 go to at[t], the numbers there to value[4 t]
       to [4 t + 3]; returns how many. There is room for all K. */
    uint32_t (*pack_rows)(size_t K, const uint8_t *const *row,
                          const mnist_images *images, float *value,
                          uint32_t *at);

    /* Appends row n to the lists of its groups of four pixels: where one of
       them is not 0, list g, whose `most` terms begin at value + 4 g most and
       at + g most, gets n and the four numbers as its term count[g]++. */
    void (*pack_columns)(size_t groups, const uint8_t *pixels,
                         const mnist_images *images, uint32_t n, size_t most,
                         float *value, uint32_t *at, uint32_t *count);

    /* y[r][i] = y[r][i] + x[r][i]; rows are x_row and y_row floats apart, and
       an x_row of 0 adds the same row to all. */
    void (*add_rows)(size_t rows, size_t n, const float *x, size_t x_row,
                     float *y, size_t y_row);

    /* sum[i] = sum over rows of y[r][i], r ascending, in chains of MNIST_CHAIN
       rows that are added up in order. */
    void (*sum_rows)(size_t rows, size_t n, const float *y, size_t y_row,
                     float *sum);

    /* y[i] = x[i] < 0 ? 0 : x[i], so that NaN stays seen; y may be x. */
    void (*relu)(size_t n, const float *x, float *y);

    /* dx[i] = y[i] > 0 ? dy[i] : 0; dx may be dy, or y. */
    void (*relu_backward)(size_t n, const float *y, const float *dy, float *dx);

    /* y[i] = 1 / (1 + exp(-x[i])), and the hyperbolic tangent; y may be x. */
    void (*sigmoid)(size_t n, const float *x, float *y);
    void (*tanh)(size_t n, const float *x, float *y);

    /* p = exp(z - max z) / sum; p may be z. Returns max z, and the logarithm of
       the sum in *log_sum. K is at least 1. */
    float (*softmax)(size_t K, const float *z, float *p, float *log_sum);

    /* One step of <mnist/rmsprop.h>. */
    void (*rmsprop)(const mnist_rmsprop_factors *f,
                    const mnist_rmsprop_rows *rows);

    /* What that step is where g is 0 and there is neither s nor a: v alone
       decays. */
    void (*rmsprop_decay)(const mnist_rmsprop_factors *f,
                          const mnist_rmsprop_rows *rows);

    /* Sum of l1 * |w[i]| + l2 * w[i]^2, in double, in 16 interleaved sums that
       are added in order. */
    double (*penalty)(size_t n, const float *w, float l1, float l2);

    /* dw[i] += l1 * sign(w[i]) + 2 * l2 * w[i], with sign(0) = 0. */
    void (*penalty_backward)(size_t n, const float *w, float l1, float l2,
                             float *dw);
} mnist_kernels;

/* The set in use. A network's workspace keeps the one it began with. */
const mnist_kernels *mnist_kernels_now(void);

/* The tiles that this processor has for the set in use, or NULL with the reason
   in *why. */
const mnist_tiles *mnist_tiles_now(const char **why);

/* exp(x) for x <= 0, and log(x) for normal x > 0, of the portable set: for
   tests of their accuracy. Results of exp below 2^-126 are 0. */
float mnist_exp_portable(float x);
float mnist_log_portable(float x);
float mnist_fma_portable(float a, float b, float c);

#endif
