/**
 * A counter-based random generator that the caller holds.
 *
 * Output number n of a stream is a fixed function of (key, n), the finalizer of
 * SplitMix64 over key + n * 0x9e3779b97f4a7c15, so a stream can be entered
 * anywhere and gives the same numbers on every machine.
 *
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014, with Stafford's variant 13 of the mixing constants.
 */
#ifndef MNIST_RANDOM_H
#define MNIST_RANDOM_H

#include <mnist/api.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mnist_random {
    uint64_t key;
    uint64_t count; /* numbers drawn so far; may be set to jump */
} mnist_random;

/** What a stream is for: streams of one seed never share their numbers. */
typedef enum mnist_random_use {
    MNIST_RANDOM_INIT = 1,    /* item: the layer's number */
    MNIST_RANDOM_SHUFFLE = 2, /* item: the epoch, from 0 */
    MNIST_RANDOM_DROPOUT = 3, /* item: see dropout */
    MNIST_RANDOM_SYNTH = 4    /* item: the image's number */
} mnist_random_use;

/** The stream of `seed` for one use and one item of it, at its beginning. */
MNIST_API mnist_random mnist_random_stream(uint64_t seed, mnist_random_use use,
                                           uint64_t item);

/** The next 64 random bits. */
MNIST_API uint64_t mnist_random_bits(mnist_random *r);

/** Uniform in [0, 1): a multiple of 2^-24, exact in float. */
MNIST_API float mnist_random_float(mnist_random *r);

/** Uniform in 0..n-1 without bias; n > 0. Draws more than once if it must. */
MNIST_API uint32_t mnist_random_below(mnist_random *r, uint32_t n);

/** Puts order[0..n-1] into a uniformly random order (Fisher-Yates). */
MNIST_API void mnist_random_shuffle(mnist_random *r, uint32_t *order,
                                    uint32_t n);

#ifdef __cplusplus
}
#endif
#endif
