/*
 * PNM files, as grey. Source: netpbm's manual, pgm(5) and ppm(5).
 *
 *     P2, P3, P5 or P6     grey or RGB as text, grey or RGB in bytes
 *     width height most    with blanks before each; '#' begins a comment that
 *                          the end of its line ends
 *     one blank, then the samples, row by row: decimal numbers with blanks, or
 *     a byte each, two (big-endian) where `most` is above 255
 */
#ifndef DATA_PNM_H
#define DATA_PNM_H

#include "data/grey.h"

#include <mnist/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a file that begins with these bytes is one of these four. */
bool mnist_pnm_is(const uint8_t *bytes, size_t length);

/* Reads a whole file. name: for messages. Fails with MNIST_ERROR_DATA or
   _MEMORY. */
mnist_status mnist_pnm_read(mnist_raster *out, const char *name,
                            const uint8_t *file, size_t length,
                            mnist_error *err);

#endif
