/**
 * A network to and from a safetensors file.
 *
 *     8 bytes   N, length of the header, little-endian
 *     N bytes   a JSON object, padded with spaces so that the data begin at a
 *               multiple of 64 bytes
 *     then      the tensors, float32, little-endian, row-major, in the order of
 *               the layers, without gaps
 *
 * The header has one entry a tensor,
 * "dense.kernel":{"dtype":"F32","shape":[784,512],"data_offsets":[0,1605632]},
 * and "__metadata__" with, all as strings:
 *
 *     format    "mnist"
 *     version   "1"
 *     crc32     8 hexadecimal digits, lower-case: CRC-32 (as in gzip) of the
 *               whole file with these 8 digits read as "00000000"
 *     network   the network line
 *     input     "28x28", rows x cols
 *     scale     pixels enter as pixel / scale
 *     classes   "10"
 *
 * and any notes on how it was trained. Read strictly: see mnist_weights_load. A
 * checkpoint (see checkpoint.h) is such a file with more tensors and notes.
 *
 * Source of the format: https://github.com/huggingface/safetensors
 */
#ifndef MNIST_WEIGHTS_H
#define MNIST_WEIGHTS_H

#include <mnist/api.h>
#include <mnist/error.h>
#include <mnist/network.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A note kept in the file: how the weights came about. */
typedef struct mnist_note {
    const char *key;   /* letters, digits and '_'; none of the names above */
    const char *value; /* UTF-8; other bytes are saved as U+FFFD */
} mnist_note;

/**
 * Writes the network with `count` notes. The file is at every moment the old
 * one or the new one, whole: it is written beside its target, synced, renamed.
 * The same network and notes give the same bytes.
 * Fails with MNIST_ERROR_SYSTEM, _MEMORY, _ARGUMENT (a note's key is wrong or
 * there twice, or the notes are more than 128 or 1 MiB), or _DIVERGED when a
 * parameter is not finite: such a file is never written.
 */
MNIST_API mnist_status mnist_weights_save(const mnist_network *net,
                                          const char *path,
                                          const mnist_note *notes, size_t count,
                                          mnist_error *err);

/** The notes of a file that was read. */
typedef struct mnist_notes mnist_notes;

/**
 * Reads a weights file and builds its network.
 *
 * A checkpoint gives its network as it stands in the training.
 * Refused, with the reason: a file changed in any byte, a header that is not
 * exactly as above, a missing, extra or misshapen tensor, a hole, an overlap, a
 * length that lies, a value that is not finite.
 * out: written only on success; release it with mnist_network_free.
 * notes: unless NULL, receives the notes; release with mnist_notes_free.
 * Fails with MNIST_ERROR_WEIGHTS, _SYSTEM or _MEMORY.
 */
MNIST_API mnist_status mnist_weights_load(mnist_network **out,
                                          mnist_notes **notes, const char *path,
                                          mnist_error *err);

/** Note number i in the order of the file; NULL past the last. */
MNIST_API const mnist_note *mnist_notes_get(const mnist_notes *notes, size_t i);

/** NULL is fine. */
MNIST_API void mnist_notes_free(mnist_notes *notes);

#ifdef __cplusplus
}
#endif
#endif
