/* Writing PNG: 8 bits a pixel, each a grey or an entry of a palette; packed. */
#ifndef DATA_PNG_WRITE_H
#define DATA_PNG_WRITE_H

#include "base/buffer.h"

typedef struct mnist_bitmap {
    const uint8_t *pixels; /* rows x cols, each 0 to 255 or below `colors` */
    size_t rows, cols;     /* 1 to 65535 */
    const uint8_t (*palette)[4]; /* red, green, blue, opacity; NULL: greys */
    size_t colors;               /* 1 to 256 */
} mnist_bitmap;

/* Adds the bytes of its file. */
void mnist_png_write(mnist_buffer *out, const mnist_bitmap *bitmap);

#endif
