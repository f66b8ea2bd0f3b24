/* The header of an IDX file, and what a file is that has none. */
#ifndef DATA_IDX_HEADER_H
#define DATA_IDX_HEADER_H

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest header, that of three dimensions. */
#define MNIST_IDX_HEADER_MAX 16

typedef struct mnist_idx_header {
    unsigned dims;
    size_t size[3];
    size_t length; /* of the header */
    size_t count;  /* bytes behind it */
    size_t total;  /* of both: what the file must hold */
} mnist_idx_header;

/*
 * Reads a header from the first `length` bytes of a file: MNIST_IDX_HEADER_MAX,
 * or all of a shorter file. name: for messages, fit to be shown.
 *
 * Refuses, with MNIST_ERROR_DATA and the kind of file that it seems to be,
 * whatever is not IDX of unsigned bytes, a size of 0, and more than
 * MNIST_IDX_MAX bytes.
 */
#define MNIST_IDX_MAX ((size_t)1 << 31)
mnist_status mnist_idx_header_read(mnist_idx_header *out, const char *name,
                                   const uint8_t *bytes, size_t length,
                                   mnist_error *err);

/* The header's bytes; returns how many: 4 + 4 * dims. */
size_t mnist_idx_header_write(uint8_t out[MNIST_IDX_HEADER_MAX], unsigned dims,
                              const size_t *size);

/* "60000x28x28". Returns `out`. */
#define MNIST_IDX_SIZES 64
char *mnist_idx_sizes(char out[MNIST_IDX_SIZES], unsigned dims,
                      const size_t *size);

#endif
