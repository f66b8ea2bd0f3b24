#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* Of memory in pages of 2 MB, where the system has them, a large block costs
   hundreds of times fewer page faults: worth it as soon as half of one is used.
 */
static void *alloc_huge(size_t bytes, size_t huge)
{
    bytes = (bytes + huge - 1) / huge * huge;
    void *block = aligned_alloc(huge, bytes);
#if defined(MADV_HUGEPAGE)
    if (block)
        (void)madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
}

void *mnist_alloc(size_t count, size_t size)
{
    const size_t huge = (size_t)2 << 20;
    size_t bytes;
    if (!mnist_size_mul(&bytes, count, size) ||
        !mnist_size_add(&bytes, bytes, huge))
        return NULL;
    bytes -= huge;
    if (bytes >= huge / 2)
        return alloc_huge(bytes, huge);
    /* aligned_alloc wants a multiple, and malloc's 0 bytes may be NULL. */
    return aligned_alloc(MNIST_ALIGNMENT,
                         (bytes / MNIST_ALIGNMENT + 1) * MNIST_ALIGNMENT);
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
