/**
 * Digits of the program's own, for machines without MNIST: drawn as pen
 * strokes with random slant, rotation, size, thickness, position and noise.
 */
#ifndef MNIST_SYNTH_H
#define MNIST_SYNTH_H

#include <mnist/api.h>
#include <mnist/dataset.h>
#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Draws one digit as MNIST has them: white ink (255) on black (0).
 *
 * Image number `index` of `seed` is the same on every machine, whatever was
 * drawn before. Its digit is random too, and returned, 0..9.
 * pixels: rows x cols, written; both at least 8 and at most 256.
 */
MNIST_API uint8_t mnist_synth_digit(uint8_t *pixels, size_t rows, size_t cols,
                                    uint64_t seed, uint64_t index);

/**
 * Draws images first..first+count-1 of `seed` with their labels.
 * out: written only on success; release it with mnist_dataset_free.
 * Fails with MNIST_ERROR_ARGUMENT (count of 0, a size out of range) or
 * MNIST_ERROR_MEMORY.
 */
MNIST_API mnist_status mnist_synth_dataset(mnist_dataset *out, size_t count,
                                           size_t rows, size_t cols,
                                           uint64_t seed, uint64_t first,
                                           mnist_error *err);

/**
 * Makes a data folder (created if missing, with those above it) with the four
 * standard files: train_count images to train and test_count others to test,
 * 28x28, raw IDX. Fails with MNIST_ERROR_ARGUMENT, _SYSTEM or _MEMORY. A folder
 * that already holds one of the four files is refused: real data are never
 * overwritten.
 */
MNIST_API mnist_status mnist_synth_folder(const char *folder,
                                          size_t train_count, size_t test_count,
                                          uint64_t seed, mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
