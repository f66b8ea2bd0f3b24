#include "support/allocations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

/* The linker's names for the wrapped functions and their wrappers. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static atomic_size_t count, bytes, live;
static atomic_size_t fail_first = SIZE_MAX, fail_last;

int allocations_next_fails(size_t size)
{
    atomic_fetch_add(&bytes, size);
    size_t number = atomic_fetch_add(&count, 1);
    if (number < atomic_load(&fail_first) || number > atomic_load(&fail_last))
        return 0;
    errno = ENOMEM; /* as POSIX has it */
    return 1;
}

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add(&live, 1);
    return block;
}

void *__wrap_malloc(size_t size)
{
    return allocations_next_fails(size) ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size)
{
    return allocations_next_fails(number * size)
               ? NULL
               : counted(__real_calloc(number, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (allocations_next_fails(size))
        return NULL;
    void *moved = __real_realloc(block, size);
    return block ? moved : counted(moved);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return allocations_next_fails(size)
               ? NULL
               : counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    if (block)
        atomic_fetch_sub(&live, 1);
    __real_free(block);
}

size_t allocations_count(void)
{
    return atomic_load(&count);
}

size_t allocations_bytes(void)
{
    return atomic_load(&bytes);
}

size_t allocations_live(void)
{
    return atomic_load(&live);
}

void allocations_fail_from(size_t after)
{
    size_t now = atomic_load(&count);
    atomic_store(&fail_first, after > SIZE_MAX - now ? SIZE_MAX : now + after);
    atomic_store(&fail_last, SIZE_MAX);
}

void allocations_fail(size_t after)
{
    allocations_fail_from(after);
    atomic_store(&fail_last, atomic_load(&fail_first));
}

int allocations_failed(void)
{
    return atomic_load(&count) > atomic_load(&fail_first);
}
