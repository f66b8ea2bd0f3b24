/**
 * How files are written.
 *
 * Whatever saves a file (weights, checkpoints, IDX, pictures, pages, exports)
 * writes it to a temporary name beside its target, .NAME.PID.N.tmp, syncs it
 * and renames it: a reader sees the old file or the new one, whole, and a
 * failure leaves the old one. A link is followed, the old file's mode kept, a
 * file without permission to write stays; a FIFO or a device is written
 * directly.
 */
#ifndef MNIST_FILE_H
#define MNIST_FILE_H

#include <mnist/api.h>
#include <mnist/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Whether a file can be saved under that name: to be asked before the hours of
 * work that it is to hold. Tries as saving does, by making a temporary file and
 * removing it (and those that killed processes left), since permissions do not
 * tell of a full disk, a quota, or a folder like /proc. Of a FIFO or a device
 * only the permission is looked at.
 *
 * Fails with MNIST_ERROR_SYSTEM, and the reason, or _MEMORY.
 */
MNIST_API mnist_status mnist_file_can_replace(const char *path,
                                              mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
