#include "support/allocations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

/* The linker's names for the wrapped functions and their wrappers. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static atomic_size_t count, bytes;
static atomic_size_t fail_at = SIZE_MAX;

/* Counts one; true if it is the one to fail, with errno as POSIX has it. */
static int next_fails(size_t size)
{
    atomic_fetch_add(&bytes, size);
    if (atomic_fetch_add(&count, 1) != atomic_load(&fail_at))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *__wrap_malloc(size_t size)
{
    return next_fails(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    return next_fails(number * size) ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return next_fails(size) ? NULL : __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return next_fails(size) ? NULL : __real_aligned_alloc(alignment, size);
}

size_t allocations_count(void)
{
    return atomic_load(&count);
}

size_t allocations_bytes(void)
{
    return atomic_load(&bytes);
}

void allocations_fail(size_t after)
{
    size_t now = atomic_load(&count);
    atomic_store(&fail_at, after > SIZE_MAX - now ? SIZE_MAX : now + after);
}

int allocations_failed(void)
{
    return atomic_load(&count) > atomic_load(&fail_at);
}
