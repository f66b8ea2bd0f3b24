/*
 * Files of named tensors: the safetensors format, as this program keeps it.
 *
 *     8 bytes   N, length of the header, little-endian, at most 1 MiB
 *     N bytes   a JSON object, then spaces
 *     then      the tensors in the order of the header, without gaps
 *
 * The header begins with "__metadata__", an object of strings; ours tells what
 * the file is ("format", "version") and closes it against damage ("crc32"), and
 * whoever saves adds keys of its own. Then an entry a tensor,
 * "name":{"dtype":"F32","shape":[784,512],"data_offsets":[0,1605632]}.
 *
 * What is read is checked whole before any of it is handed out; what is here
 * knows nothing of networks.
 */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include "base/file.h"
#include "model/dtype.h"

#include <mnist/error.h>
#include <mnist/network.h>
#include <mnist/weights.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In a checkpoint, the two tensors of each of 64 layers five times over. */
#define MNIST_MAX_TENSORS     640
#define MNIST_MAX_METADATA    256
#define MNIST_MAX_TENSOR_NAME 128
#define MNIST_MAX_DIMS        4
#define MNIST_MAX_HEADER      ((size_t)1 << 20)

/* An entry of the header. */
typedef struct mnist_tensor_info {
    const char *name;
    const mnist_dtype *dtype;
    unsigned dims;
    size_t size[MNIST_MAX_DIMS];
    size_t count;      /* product of the sizes; 1 without dimensions */
    size_t begin, end; /* in bytes of the data */
} mnist_tensor_info;

typedef struct mnist_safetensors {
    char name[MNIST_FILE_NAME]; /* of the file, for messages */
    bool foreign;               /* read by mnist_safetensors_read_foreign */
    mnist_tensor_info tensors[MNIST_MAX_TENSORS];
    size_t tensor_count;
    mnist_note metadata[MNIST_MAX_METADATA];
    size_t metadata_count;
    uint8_t *header; /* the file up to the data */
    size_t header_length;
    uint8_t *data;
    size_t data_length;
    size_t crc_at; /* where the digits of "crc32" stand in the header */
    char *strings; /* all names and values */
} mnist_safetensors;

/*
 * Reads and checks a file: the form, the table of tensors (names once, sizes,
 * no hole, no overlap, nothing behind), and the checksum.
 * out: written only on success; release it with mnist_safetensors_free.
 * Fails with MNIST_ERROR_WEIGHTS, _SYSTEM or _MEMORY. Memory is taken as far as
 * bytes have arrived or the file's size vouches for them.
 */
mnist_status mnist_safetensors_read(mnist_safetensors **out, const char *path,
                                    mnist_error *err);

/*
 * The same of a file that any program wrote: no checksum, no format of ours,
 * metadata anywhere or nowhere, all types of mnist_dtype_find, and the tensors
 * in any order. They are handed out in that of the data.
 */
mnist_status mnist_safetensors_read_foreign(mnist_safetensors **out,
                                            const char *path, mnist_error *err);

void mnist_safetensors_free(mnist_safetensors *file);

/* The value of a key of the metadata, or NULL. */
const char *mnist_safetensors_metadata(const mnist_safetensors *file,
                                       const char *key);

/* Copies a tensor's `count` values; its type has floating-point numbers. */
void mnist_safetensors_copy(const mnist_safetensors *file,
                            const mnist_tensor_info *tensor, float *to);

/*
 * Writes tensors and metadata, after the format's own keys; the same give the
 * same bytes. The data begin at a multiple of 64 bytes.
 * Fails with MNIST_ERROR_SYSTEM, _MEMORY, or _ARGUMENT when there is more of
 * them than a reader would take.
 */
mnist_status mnist_safetensors_save(const char *path,
                                    const mnist_tensor *const *tensors,
                                    size_t tensor_count,
                                    const mnist_note *metadata,
                                    size_t metadata_count, mnist_error *err);

/* "784x512" for messages. Returns `out`. */
#define MNIST_SHAPE_TEXT 96
char *mnist_shape_text(char out[MNIST_SHAPE_TEXT], unsigned dims,
                       const size_t *size);

#endif
