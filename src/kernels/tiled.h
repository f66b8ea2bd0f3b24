/*
 * Products with the pixels of images on matrix tiles, which multiply bfloat16
 * numbers exactly and add the products up in float32.
 *
 * A pixel is a whole number up to 255: bfloat16 holds it as it is. A float32 is
 * just the sum of three: the 8 leading bits of its significand, the next 8, and
 * the last 8. So x = pixels / scale times a float32 matrix needs no rounding
 * but that of the sums and of one division at their end, and there are fewer of
 * these than in a chain of fma: the error is smaller than the strict kernels'.
 * The bits are others, but the same for any number of threads.
 *
 * Pixels that are 0 in all images of a batch are left out. What is left is kept
 * as the tiles want it, 16 rows of 32 numbers, each tile in one stretch: images
 * by pixels for the product forward, pixels by images for the gradient.
 *
 * Numbers below 2^-126 count as 0 on tiles; so do parts of numbers, which only
 * those below 2^-103 have. An infinity gives NaN, as its last part is none.
 */
#ifndef KERNELS_TILED_H
#define KERNELS_TILED_H

#include "kernels/kernels.h"
#include "kernels/packed.h"

/* The images of a batch; made by touch and pack, on all threads, one after the
   other. */
typedef struct mnist_tiled {
    size_t pixels; /* of an image */
    float scale;   /* of the images that were packed last */

    /* Of the pixels that are not 0 in all images, in order: their number, and
       which they are. */
    size_t count;
    uint32_t *at;

    /* Tile (g, c), of images 16 g .. and of pixels at[32 c] .., and tile (p, s)
       of pixels at[16 p] .. and of images 32 s .. */
    uint16_t *by_image, *by_pixel;
    size_t image_step, pixel_step; /* from one g or p to the next */

    /* Each worker's notes on what its images touch, and its own memory. */
    uint8_t *touched;
    size_t touched_step;
    char *scratch;
    size_t scratch_step;
} mnist_tiled;

/* Bytes for batches of up to N images, for a pool of that size; and the arrays
   in a block of that size, 64-byte aligned. */
size_t mnist_tiled_bytes(size_t N, size_t pixels, unsigned workers);
mnist_tiled mnist_tiled_place(void *memory, size_t N, size_t pixels,
                              unsigned workers);

/* A worker's part of noting what N images touch, and when all have done that,
   of packing them. */
void mnist_tiled_touch(const mnist_tiled *tiled, const mnist_tiles *tiles,
                       const mnist_images *images, size_t N, unsigned worker,
                       unsigned workers);
void mnist_tiled_pack(mnist_tiled *tiled, const mnist_tiles *tiles,
                      const mnist_images *images, size_t N, unsigned worker,
                      unsigned workers);

/* Where a product takes its right side from, rows `row` apart, how many columns
   of it, up to MNIST_SQUARE, and whose memory it uses. */
typedef struct mnist_tiled_product {
    const mnist_tiled *tiled;
    const mnist_tiles *tiles;
    size_t N;
    unsigned worker;
    const float *b;
    size_t b_row, cols;
} mnist_tiled_product;

/* Both run between the begin and the end of the tiles. */

/* y[n][j] = sum over pixels i of x[n][i] b[i][j]; rows are MNIST_SQUARE floats
   apart. Lent until the worker's next product, and may be changed. */
float *mnist_tiled_forward(const mnist_tiled_product *product);

/*
 * dw[i][j] = sum over images n of pixel[n][i] b[n][j], block by block to
 * `take`; b is dy / scale. That is one rounding more than dividing dw, but far
 * fewer quotients.
 */
void mnist_tiled_gradient(const mnist_tiled_product *product,
                          void (*take)(void *context,
                                       const mnist_product_block *part),
                          void *context);

#endif
