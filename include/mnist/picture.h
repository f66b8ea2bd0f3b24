/**
 * Picture files as a person has them, read as grey: PNG and PNM. They are told
 * by their content, not by their name.
 *
 *     PNG   whatever the format knows: grey, RGB, palette, with transparency or
 *           without, 1 to 16 bits, interlaced or not. All checksums are looked
 *           at; colour profiles, gamma and what follows the picture are not.
 *     PNM   PGM and PPM, as text (P2, P3) or binary (P5, P6), with comments, up
 *           to 65535 as the brightest; one picture a file.
 *
 * A value v of 0..V becomes round(255 v / V), and then a colour
 *
 *     grey = round((2126 R + 7152 G + 722 B) / 10000)     (luma of Rec. 709)
 *
 * What is transparent is laid over the background that the picture seems to
 * have. With at least half of the border opaque that is the border's mean grey,
 * weighted by opacity; otherwise white below ink that is dark in the mean of
 * all pixels, weighted alike, and black below light ink.
 */
#ifndef MNIST_PICTURE_H
#define MNIST_PICTURE_H

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The largest side, and the most bytes that a picture takes when unpacked (8
    bits of grey are one, 16 of RGBA eight) and in its file. */
#define MNIST_PICTURE_SIDE  16384
#define MNIST_PICTURE_BYTES ((size_t)1 << 28)

typedef struct mnist_picture {
    size_t rows, cols; /* at least 1 */
    uint8_t *pixels;   /* rows x cols, 0 is black; of the picture */
} mnist_picture;

/**
 * Reads a picture; "-" is standard input.
 *
 * out: written only on success; release it with mnist_picture_free.
 * Fails with MNIST_ERROR_DATA (what it is instead, where it is damaged, or that
 * it is too large), _SYSTEM or _MEMORY. Memory is bounded by what the file can
 * hold before any is taken.
 */
MNIST_API mnist_status mnist_picture_read(mnist_picture *out, const char *path,
                                          mnist_error *err);

/** Releases what mnist_picture_read gave and empties it; NULL is fine. */
MNIST_API void mnist_picture_free(mnist_picture *picture);

/**
 * Writes a grey PNG, whole or not at all. The same pixels give the same bytes.
 *
 * pixels: rows x cols, sides of 1 to MNIST_PICTURE_SIDE.
 * Fails with MNIST_ERROR_ARGUMENT, _SYSTEM or _MEMORY.
 */
MNIST_API mnist_status mnist_picture_write(const char *path, size_t rows,
                                           size_t cols, const uint8_t *pixels,
                                           mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
