/**
 * Walks a dataset in batches, in a new random order each epoch.
 *
 * The order of an epoch is a function of (seed, epoch) alone, so a training
 * can be entered at any epoch. The last batch of an epoch may be smaller; no
 * image is left out.
 */
#ifndef MNIST_BATCH_H
#define MNIST_BATCH_H

#include <mnist/api.h>
#include <mnist/dataset.h>
#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Some images of a dataset, by number. Nothing is copied. */
typedef struct mnist_batch {
    const mnist_dataset *from;
    const uint32_t *index; /* count numbers of images; NULL: the first ones */
    size_t count;
} mnist_batch;

typedef struct mnist_batches mnist_batches;

/**
 * A walk over `from`, which must outlive it, standing at the start of epoch 0.
 *
 * size: images a batch, at least 1. shuffle: 0 keeps the order of the file.
 * out: written only on success; release it with mnist_batches_free.
 * Fails with MNIST_ERROR_ARGUMENT (size 0, more than 2^32-1 images) or
 * MNIST_ERROR_MEMORY.
 */
MNIST_API mnist_status mnist_batches_new(mnist_batches **out,
                                         const mnist_dataset *from, size_t size,
                                         int shuffle, uint64_t seed,
                                         mnist_error *err);

/** Batches in an epoch: the count of images over the size, rounded up. */
MNIST_API size_t mnist_batches_steps(const mnist_batches *batches);

/** Goes to the first batch of an epoch, counted from 0. Cannot fail. */
MNIST_API void mnist_batches_start(mnist_batches *batches, uint64_t epoch);

/**
 * Lends the next batch of the epoch and returns its count; 0 at the end.
 * Valid until the next start or free.
 */
MNIST_API size_t mnist_batches_next(mnist_batches *batches, mnist_batch *out);

/** NULL is fine. */
MNIST_API void mnist_batches_free(mnist_batches *batches);

#ifdef __cplusplus
}
#endif
#endif
