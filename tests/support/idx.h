/* Small IDX files, and what reading them must give. */
#ifndef SUPPORT_IDX_H
#define SUPPORT_IDX_H

#include "support/temporary.h"

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

/* A file of two images of 28x28, and one of ten labels. */
enum { IMAGES = 16 + 2 * 28 * 28, LABELS = 8 + 10 };
void make_images(uint8_t bytes[IMAGES]);
extern const uint8_t idx_labels[LABELS];

/* Fails the running test unless the path reads as this file. */
void expect_read(const char *path, const uint8_t *file, size_t length);

/* Fails the running test unless the path is refused with this status. Returns
   the message without the path at its front, until the next call. */
const char *expect_refused(const char *path, mnist_status status);

/* The same of a file "x" of these bytes, which are no data. */
const char *expect_bytes_refused(temporary *t, const void *bytes,
                                 size_t length);

#endif
