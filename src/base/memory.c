#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool mnist_size_mul(size_t *out, size_t a, size_t b)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool mnist_size_add(size_t *out, size_t a, size_t b)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

void *mnist_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (!mnist_size_mul(&bytes, count, size) ||
        !mnist_size_add(&bytes, bytes, MNIST_ALIGNMENT))
        return NULL;
    /* aligned_alloc wants a multiple; the addition above left room for it. */
    bytes -= bytes % MNIST_ALIGNMENT;
    return aligned_alloc(MNIST_ALIGNMENT, bytes);
}

void *mnist_calloc(size_t count, size_t size)
{
    void *block = mnist_alloc(count, size);
    if (block)
        memset(block, 0, count * size);
    return block;
}

void mnist_free(void *block)
{
    free(block);
}
