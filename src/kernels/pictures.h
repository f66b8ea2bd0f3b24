/*
 * The arithmetic on pictures, which come in blocks of 16:
 *
 *     block[h][w][c][lane]
 *
 * The same value of 16 pictures lies side by side, so vectors run across the
 * pictures, whatever the number of channels and filters. A block of which only
 * some pictures are there has them in the first lanes; in the others any
 * numbers may stand, but a gradient is 0 there, so that it adds nothing.
 *
 * As in kernels.h, every set computes the same bits. No pointer needs an
 * alignment; distances are in floats.
 */
#ifndef KERNELS_PICTURES_H
#define KERNELS_PICTURES_H

#include <stdbool.h>
#include <stddef.h>

enum { MNIST_LANES = 16 };

/* Blocks that N pictures take. */
static inline size_t mnist_blocks_of(size_t N)
{
    return (N + MNIST_LANES - 1) / MNIST_LANES;
}

/*
 * A line of windows on one block, each multiplied by some filters: for all p of
 * `pixels` and f of `filters`,
 *
 *     s          = chain over r < rows, i < run, both ascending, from 0, of
 *                  fma(x[p * x_pixel + r * x_row + i * 16 + lane],
 *                      w[r * w_row + i * w_value + f], s)
 *     y[p * y_pixel + f * 16 + lane] = s, or s + b[f] if there is a b,
 *                                      and with relu what is below 0 is 0
 *
 * In a row of a window all pixels' channels follow each other: `run` values.
 */
typedef struct mnist_convolution {
    size_t pixels, filters, rows, run;
    const float *x;
    size_t x_pixel, x_row;
    const float *w;
    size_t w_row, w_value;
    const float *b; /* NULL: none */
    bool relu;
    float *y;
    size_t y_pixel;
} mnist_convolution;

/* Values of a window, and filters, that a tile of the gradient takes. */
enum { MNIST_GRADIENT_VALUES = 3, MNIST_GRADIENT_FILTERS = 8 };

/*
 * A tile of a convolution's gradient: over a box of places,
 *
 *     s = chain over k < blocks, r < rows, p < pixels, ascending, from 0, of
 *         fma(x[i][k * x_block + r * x_row + p * x_pixel + lane],
 *             dy[k * dy_block + r * dy_row + p * dy_pixel + f * 16 + lane], s)
 *     sum[(i * filters + f) * 16 + lane] += s
 *
 * for i < MNIST_GRADIENT_VALUES, of which some may be the same, and all f of
 * `filters`, 1 to MNIST_GRADIENT_FILTERS.
 */
typedef struct mnist_places {
    size_t blocks, rows, pixels;
    size_t x_block, x_row, x_pixel;
    size_t dy_block, dy_row, dy_pixel;
} mnist_places;

/* A line of windows of height x width side by side on one block, and what has
   one value for each of them. A pixel has n values. */
typedef struct mnist_windows {
    size_t count, height, width, n;
    size_t row; /* from one row of pixels to the next */
} mnist_windows;

typedef struct mnist_picture_kernels {
    void (*convolve)(const mnist_convolution *convolution);
    void (*gradient)(const mnist_places *places, const float *const *x,
                     const float *dy, size_t filters, float *sum);

    /* The same with 1 for all x: the chains of dy alone, one for each filter.
     */
    void (*add_places)(const mnist_places *places, const float *dy,
                       size_t filters, float *sum);

    /* y[o][i] = sum over py, px of x[py][o * width + px][i], ascending, from 0,
       / (height * width). */
    void (*average)(const mnist_windows *windows, const float *x, float *y);

    /* dx[py][o * width + px][i] = dy[o][i] / (height * width) */
    void (*average_backward)(const mnist_windows *windows, const float *dy,
                             float *dx);

    /* y[o][i] = the largest x[py][o * width + px][i]; NaN counts as that. */
    void (*largest)(const mnist_windows *windows, const float *x, float *y);

    /* dx = dy[o][i] where the first such is, by py and then px, else 0. */
    void (*largest_backward)(const mnist_windows *windows, const float *x,
                             const float *dy, float *dx);

    /* sum[i] of the 16 values at x + 16 i: lanes l and l + 8 are added for all
       l < 8, of these l and l + 4, then l and l + 2, then both. */
    void (*sum_lanes)(size_t n, const float *x, float *sum);

    /* to[i][l] = from[l * from_row + i] for n values of l < lanes pictures, 0
       in the other lanes; and back, for the lanes that there are. */
    void (*from_rows)(size_t lanes, size_t n, const float *from,
                      size_t from_row, float *to);
    void (*to_rows)(size_t lanes, size_t n, const float *from, float *to,
                    size_t to_row);
} mnist_picture_kernels;

#endif
