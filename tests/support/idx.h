/* Small IDX files, and what reading them must give. */
#ifndef SUPPORT_IDX_H
#define SUPPORT_IDX_H

#include <stddef.h>
#include <stdint.h>

/* A file of two images of 28x28, and one of ten labels. */
enum { IDX_IMAGES = 16 + 2 * 28 * 28, IDX_LABELS = 8 + 10 };
void make_images(uint8_t bytes[IDX_IMAGES]);
extern const uint8_t idx_labels[IDX_LABELS];

/* Fails the running test unless the path reads as this file. */
void expect_read(const char *path, const uint8_t *file, size_t length);

#endif
