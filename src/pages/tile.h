/*
 * Images and weights as pictures of a page, a pixel each, or the mean of a
 * square of them where a side would be longer than MNIST_TILE_MAX.
 */
#ifndef PAGES_TILE_H
#define PAGES_TILE_H

#include "pages/html.h"

#include <stddef.h>
#include <stdint.h>

enum { MNIST_TILE_MAX = 128 };

/* How many pixels of a rows x cols picture stand for one, a side. */
size_t mnist_tile_step(size_t rows, size_t cols);

/*
 * Adds the attributes width, height and src of an <img>.
 *
 * image: greys, 0 is black. weights: rows x cols values, `stride` apart, from
 * -limit (blue) over 0 (nothing, so that the page shows) to limit (orange).
 */
void mnist_tile_image(mnist_html *html, const uint8_t *pixels, size_t rows,
                      size_t cols);
void mnist_tile_weights(mnist_html *html, const float *weights, size_t stride,
                        size_t rows, size_t cols, float limit);

#endif
