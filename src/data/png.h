/*
 * Reading PNG: the chunks in png.c, the pixels in png_pixels.c; png_write.h
 * writes. Source: W3C, Portable Network Graphics, second edition.
 *
 *     8 bytes        89 50 4e 47 0d 0a 1a 0a
 *     then chunks    length of the data, type of four letters, data, CRC-32 of
 *                    type and data; the numbers are 32 bits, big-endian
 *     IHDR           width, height, 32 bits each; depth, colour type,
 *                    compression, filter, interlace, a byte each
 *     PLTE, tRNS     palette; transparency by palette entry, or a colour that
 *                    is transparent
 *     IDAT ...       the pixels, one zlib stream over all of them
 *     IEND
 *
 * Chunks that need not be understood (a small first letter) are passed over.
 */
#ifndef DATA_PNG_H
#define DATA_PNG_H

#include "data/grey.h"

#include <mnist/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MNIST_PNG_GREY = 0,
    MNIST_PNG_RGB = 2,
    MNIST_PNG_PALETTE = 3,
    MNIST_PNG_GREY_ALPHA = 4,
    MNIST_PNG_RGB_ALPHA = 6
};

extern const uint8_t mnist_png_signature[8];

/* What the chunks say. */
typedef struct mnist_png {
    const char *name; /* for messages */
    mnist_error *err;
    size_t rows, cols;
    unsigned depth, color; /* bits of a sample; MNIST_PNG_ */
    bool interlaced;
    uint8_t grey[256]; /* of the palette's colours */
    uint8_t opacity[256];
    unsigned colors; /* of the palette */
    bool has_alpha;
    bool has_key; /* the colour that is transparent */
    unsigned key[3];
    const uint8_t *packed; /* the zlib stream, in the file's own bytes */
    size_t packed_length;
} mnist_png;

/* "NAME: byte AT: found ..., expected ...; the PNG file is damaged" */
mnist_status mnist_png_damaged(const mnist_png *png, size_t at,
                               const char *format, ...) MNIST_PRINTF(3, 4);

/* Samples of a pixel: 1 to 4. */
unsigned mnist_png_channels(const mnist_png *png);

/* Reads the chunks of a whole file, which is changed: the parts of the zlib
   stream are put together in it. Fails with MNIST_ERROR_DATA. */
mnist_status mnist_png_chunks(mnist_png *out, const char *name, uint8_t *file,
                              size_t length, mnist_error *err);

/* Unpacks the pixels. Fails with MNIST_ERROR_DATA or _MEMORY. */
mnist_status mnist_png_pixels(mnist_raster *out, const mnist_png *png);

/* The checksum of a zlib stream. Source: RFC 1950. */
uint32_t mnist_adler32(const uint8_t *bytes, size_t length);

#endif
