/* The header of a safetensors file: text to table, and table to text. */
#ifndef MODEL_HEADER_H
#define MODEL_HEADER_H

#include "model/safetensors.h"

/* What every file of ours says of itself. */
#define MNIST_FORMAT  "mnist"
#define MNIST_VERSION "1"

/* Reads file->header into the tables of `file`, whose `strings` are as long,
   and checks that the tensors join without hole or overlap; data_length is
   then what they take. */
mnist_status mnist_header_read(mnist_safetensors *file, mnist_error *err);

/*
 * Writes the header of these tensors and metadata: *out is its bytes, the
 * length in front and spaces behind, to be released with mnist_free. The
 * checksum's digits, at *crc_at, are zeros.
 */
mnist_status mnist_header_write(uint8_t **out, size_t *length, size_t *crc_at,
                                const mnist_tensor *const *tensors,
                                size_t tensor_count, const mnist_note *metadata,
                                size_t metadata_count, mnist_error *err);

#endif
