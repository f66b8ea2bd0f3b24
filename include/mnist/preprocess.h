/**
 * MNIST's form: how its digits came to be 28x28, done to any picture.
 *
 * The picture is grey, white ink (255) on black (0). R x C is what it becomes;
 * for 28x28 these are the steps of LeCun's description ("fit in a 20x20 box
 * while preserving their aspect ratio ... centered by computing the center of
 * mass"), and of the digits of MNIST itself 97 % come out as they were, give or
 * take 1. Pixels are whole numbers, "/" is exact, floor() and round() (halves
 * up) are written where they are meant, so that the same can be done elsewhere.
 *
 *  1. Levels, so that grey paper becomes black. Over the border (first and last
 *     row and column, each pixel once):
 *       b  = median of p                     (the lowest value that half of the
 *       d  = median of |p - b|                border or more does not exceed)
 *     and over the whole picture hi = max of p. With hi - b < 32 there is no
 *     ink, and the work ends. Then
 *       lo = b + min(4 d, floor((hi - b) / 4))
 *       q  = 0 where p <= lo, else round(255 (p - lo) / (hi - lo))
 *     A drawing on plain black has b = d = 0: with a brightest pixel of 255 it
 *     passes as it is.
 *  2. Box: the smallest that holds every pixel of q >= t: h x w. t is 8 on a
 *     plain border (d = 0), else 64.
 *  3. Size: the box is scaled to n x m, which fits into H x W with
 *       H = floor((5 R + 3) / 7), W = floor((5 C + 3) / 7)     (20 of 28):
 *       h W >= w H:  n = H, m = max(1, round(w H / h))
 *       otherwise:   m = W, n = max(1, round(h W / w))
 *     by area averaging: pixel (i, j) is the mean of q over the rectangle from
 *     (i h / n, j w / m) to ((i + 1) h / n, (j + 1) w / m) of the box, pixels
 *     on its edges counting by the part that is inside; s = round(that mean).
 *  4. Brightness: thin lines have become faint. With M the largest s,
 *       v = round(255 s / M);
 *     with M = 0 there is no ink.
 *  5. Place: on black, its first row at
 *       y = floor(R / 2 - (sum of i v) / (sum of v) + 1 / 2),
 *     then at least 0 and at most R - n; its first column alike from j, C, m.
 */
#ifndef MNIST_PREPROCESS_H
#define MNIST_PREPROCESS_H

#include <mnist/picture.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Brings a picture to MNIST's form.
 *
 * out: out_rows x out_cols, written; must not overlap with pixels.
 * pixels: rows x cols, white on black. All sides 1 to MNIST_PICTURE_SIDE.
 * Returns 1, or 0 when there is no ink to be seen; `out` is then of no use.
 * Takes no memory.
 */
MNIST_API int mnist_preprocess(uint8_t *out, size_t out_rows, size_t out_cols,
                               const uint8_t *pixels, size_t rows, size_t cols);

/**
 * Whether a picture looks black on white, which networks trained on MNIST
 * misread: whether its border is, in the mean, above half scale.
 */
MNIST_API int mnist_looks_inverted(const uint8_t *pixels, size_t rows,
                                   size_t cols);

#ifdef __cplusplus
}
#endif
#endif
