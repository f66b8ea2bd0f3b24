/* Writes PNG files chunk by chunk, good or bad, so that a test can make what no
   program would. Nothing is compressed. */
#ifndef SUPPORT_PNG_WRITE_H
#define SUPPORT_PNG_WRITE_H

#include <stddef.h>
#include <stdint.h>

typedef struct png_file {
    uint8_t bytes[1 << 17];
    size_t length;
} png_file;

/* The signature alone. */
void png_begin(png_file *png);

/* A chunk with its checksum. */
void png_chunk(png_file *png, const char *type, const void *data,
               size_t length);

/* IHDR. */
void png_header(png_file *png, size_t cols, size_t rows, unsigned depth,
                unsigned color, unsigned interlace);

/* The rows, each behind its filter byte, as a zlib stream in `parts` IDAT
   chunks; then IEND. */
void png_pixels(png_file *png, const uint8_t *rows, size_t length,
                size_t parts);

/* A grey picture of 8 bits, whole. */
void png_grey(png_file *png, const uint8_t *pixels, size_t rows, size_t cols);

/* The zlib stream of stored blocks; returns its length: up to 11 bytes and 5 a
   block of 64 KiB more. */
size_t zlib_stored(uint8_t *out, const uint8_t *bytes, size_t length);

/* Puts right checksums into all chunks of a file that was changed; where the
   lengths no longer fit, it stops. */
void png_seal(uint8_t *bytes, size_t length);

#endif
