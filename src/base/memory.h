/* Memory in aligned blocks, and arithmetic on sizes that cannot wrap. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Blocks begin at a multiple of this: a cache line and a 512-bit vector. */
#define MNIST_ALIGNMENT 64

/* *out = a * b, or a + b; false, with *out untouched, if it does not fit. */
bool mnist_size_mul(size_t *out, size_t a, size_t b);
bool mnist_size_add(size_t *out, size_t a, size_t b);

/*
 * count items of `size` bytes, not initialised (alloc) or zero (calloc). NULL
 * when there is no memory or the product does not fit; never NULL for 0 items.
 * Release with mnist_free; NULL is fine there.
 */
void *mnist_alloc(size_t count, size_t size);
void *mnist_calloc(size_t count, size_t size);
void mnist_free(void *block);

#endif
