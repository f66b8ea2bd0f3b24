/* Files: reading them with a bound, and replacing them whole. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <mnist/error.h>
#include <mnist/file.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A path fit for a message: control characters and bytes that are not UTF-8
 * become \xNN; of a path that is too long the end is kept, after "...".
 * Returns `out`.
 */
#define MNIST_FILE_NAME 256
char *mnist_file_name(char out[MNIST_FILE_NAME], const char *path);

/* What the system refused, for the reason in errno: "NAME: cannot open: ...".
 */
mnist_status mnist_file_failed(mnist_error *err, const char *path,
                               const char *what);

/* "FOLDER/NAME", to be freed; NULL without memory. */
char *mnist_file_in(const char *folder, const char *name);

/* A file open for reading. `name` is for messages: the path as it was given,
   "standard input" for "-". */
typedef struct mnist_source {
    int fd;
    char name[MNIST_FILE_NAME];
    bool regular;  /* then `size` is what fstat says, else it is 0 */
    uint64_t size; /* of standard input: what is left to read of it */
} mnist_source;

/* Opens path; "-" is standard input. A directory is refused. Every failure is
   MNIST_ERROR_SYSTEM with the name and the system's reason. */
mnist_status mnist_source_open(mnist_source *out, const char *path,
                               mnist_error *err);

/* Reads until `length` bytes are there or the file ends; *got tells how many.
   Goes on after short reads and interruptions. */
mnist_status mnist_source_read(mnist_source *source, void *to, size_t length,
                               size_t *got, mnist_error *err);

/* Passes over `length` bytes, which a regular file has. */
mnist_status mnist_source_skip(mnist_source *source, size_t length,
                               mnist_error *err);

void mnist_source_close(mnist_source *source);

/* A piece of what is to be written. */
typedef struct mnist_piece {
    const void *bytes;
    size_t length;
} mnist_piece;

/*
 * Replaces the file by the pieces, one after the other: written to a temporary
 * name in the same folder, synced, renamed, the folder synced. On failure no
 * temporary file is left, and the old file stands as it was, but if it was only
 * the folder that could not be synced. What a killed process left of saves to
 * this file is removed first: base/temporary.h. A link is followed, the old
 * file's mode kept; a FIFO or a device is written directly.
 */
mnist_status mnist_file_replace(const char *path, const mnist_piece *pieces,
                                size_t count, mnist_error *err);

/* The same, but "-" is standard output, which is written to as it is. What the
   caller's stdio holds back for it comes later: flush that first. */
mnist_status mnist_file_write(const char *path, const mnist_piece *pieces,
                              size_t count, mnist_error *err);

/*
 * Makes a file that is not there yet. On failure there is none. Not synced, and
 * seen while it is written: for one of many in a folder that gets its name when
 * all of them are there, and can be made again from what it was made of.
 */
mnist_status mnist_file_create(const char *path, const mnist_piece *pieces,
                               size_t count, mnist_error *err);

/* Byte order by shifts: no overlay of structs, the same on every machine. */
static inline uint32_t mnist_load_be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static inline uint32_t mnist_load_le32(const uint8_t *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 |
           b[0];
}

static inline uint64_t mnist_load_le64(const uint8_t *b)
{
    return (uint64_t)mnist_load_le32(b + 4) << 32 | mnist_load_le32(b);
}

static inline void mnist_store_be32(uint8_t *b, uint32_t value)
{
    b[0] = (uint8_t)(value >> 24);
    b[1] = (uint8_t)(value >> 16);
    b[2] = (uint8_t)(value >> 8);
    b[3] = (uint8_t)value;
}

static inline void mnist_store_le32(uint8_t *b, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(value >> (8 * i));
}

static inline void mnist_store_le64(uint8_t *b, uint64_t value)
{
    mnist_store_le32(b, (uint32_t)value);
    mnist_store_le32(b + 4, (uint32_t)(value >> 32));
}

#endif
