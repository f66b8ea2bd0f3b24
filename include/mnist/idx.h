/**
 * IDX files, the format of MNIST: bytes in one, two or three dimensions.
 *
 *     byte 0, 1      0
 *     byte 2         type: 08 is unsigned byte, the only one read here
 *     byte 3         number of dimensions d: 1 (labels), 2 (one image) or
 *                    3 (images)
 *     4 .. 4+4d      d sizes, 32 bits each, most significant byte first
 *     then           one byte an item, last dimension running fastest
 *
 * A file may be raw or gzip'd; its content tells which, not its name.
 */
#ifndef MNIST_IDX_H
#define MNIST_IDX_H

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mnist_idx {
    unsigned dims;       /* 1 to 3 */
    size_t size[3];      /* size[0..dims-1], each at least 1 */
    size_t count;        /* product of the sizes: bytes at `data` */
    const uint8_t *data; /* the items; belongs to this struct */
    void *block;         /* private: what mnist_idx_free releases */
} mnist_idx;

/**
 * Reads a whole IDX file, raw or gzip'd; "-" is standard input.
 *
 * The sizes in the header are checked against the size of the file before
 * memory is taken for them; one byte too few or too many is an error, and so
 * is every type but unsigned byte and a size of 0.
 *
 * out: written only on success; release it with mnist_idx_free.
 * Fails with MNIST_ERROR_DATA, _SYSTEM (cannot open or read) or _MEMORY.
 */
mnist_status mnist_idx_read(mnist_idx *out, const char *path, mnist_error *err);

/**
 * The same for who wants only images first..end-1: of a raw file on disk no
 * other is read, so that one image of a large file comes as fast as a file with
 * one image. The struct is that of the whole file, every image in its place;
 * the pixels of the others are either the file's or 0. The header and the
 * file's size are checked as ever; an end past the last image means up to it.
 */
mnist_status mnist_idx_read_range(mnist_idx *out, const char *path,
                                  size_t first, size_t end, mnist_error *err);

/** Releases what a read gave and empties the struct; NULL is fine. */
void mnist_idx_free(mnist_idx *idx);

/**
 * Writes a raw IDX file of unsigned bytes, whole or not at all.
 *
 * dims: 1 to 3; size: `dims` sizes of 1 to 2^32-1; data: their product bytes.
 * Fails with MNIST_ERROR_ARGUMENT, _SYSTEM or _MEMORY.
 */
mnist_status mnist_idx_write(const char *path, unsigned dims,
                             const size_t *size, const uint8_t *data,
                             mnist_error *err);

/** SHA-256 of the raw IDX file that holds this, as 64 digits and a NUL. */
void mnist_idx_sha256(const mnist_idx *idx, char hex[65]);

/**
 * The name of the published file with this SHA-256, for instance
 * "MNIST training images" or "Fashion-MNIST test labels"; NULL if unknown.
 */
const char *mnist_idx_known(const char *hex);

#ifdef __cplusplus
}
#endif
#endif
