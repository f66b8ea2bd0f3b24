/* A file of data while it is read: its first bytes are there to tell what it
   is, before memory is taken for the rest. */
#ifndef DATA_INPUT_H
#define DATA_INPUT_H

#include "base/file.h"

#include <mnist/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the longest header of IDX has, after which its data begin; enough for
   any kind of file to be told by. */
#define MNIST_INPUT_FIRST 16

typedef struct mnist_input {
    mnist_source source;
    uint8_t first[MNIST_INPUT_FIRST];
    size_t first_length; /* less only of a shorter file */
    mnist_error *err;    /* told of all that fails */
} mnist_input;

/* Opens path ("-" is standard input) and reads the first bytes. To be closed,
   on success only. */
mnist_status mnist_input_open(mnist_input *out, const char *path,
                              mnist_error *err);
void mnist_input_close(mnist_input *in);

/*
 * Reads the file, its first bytes included, up to `most` bytes; *length tells
 * how many there were. Memory of a regular file is taken at once, `most` being
 * its size; of any other it grows with what arrives. mnist_free releases *out.
 */
mnist_status mnist_input_read(mnist_input *in, uint8_t **out, size_t *length,
                              size_t most);

/* Whether nothing follows what mnist_input_read gave. */
mnist_status mnist_input_at_end(mnist_input *in, size_t length, size_t most,
                                bool *end);

/* All of a file that has up to `limit` bytes, of which the message of a longer
   one says what they are: "found ... bytes of gzip". */
mnist_status mnist_input_whole(mnist_input *in, uint8_t **out, size_t *length,
                               size_t limit, const char *what);

/* "NAME: out of memory: ... bytes are needed" */
mnist_status mnist_input_no_memory(const mnist_input *in, size_t bytes);

#endif
