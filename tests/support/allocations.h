/*
 * Counts what a program takes from the heap, and lets an allocation fail. For
 * programs that are linked with
 *
 *     -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
 *     -Wl,--wrap=free
 *
 * (see WRAPPED in tests/CMakeLists.txt), which sends every call made in this
 * project's code through here; the C library's own calls are not seen. What
 * the library allocates on our behalf, in fopen say, can be counted in by a
 * wrapper that asks allocations_next_fails; then it is one that is not live.
 */
#ifndef SUPPORT_ALLOCATIONS_H
#define SUPPORT_ALLOCATIONS_H

#include <stddef.h>

/* Allocations since the program began, failed ones included; blocks that are
   not released. */
size_t allocations_count(void);
size_t allocations_live(void);

/* Bytes asked for since the program began, whether they were given back or not:
   of a short job, no less than its peak. */
size_t allocations_bytes(void);

/* The next allocation but `after` fails, once; SIZE_MAX: none does. */
void allocations_fail(size_t after);

/* So do all that follow it. */
void allocations_fail_from(size_t after);

/* Counts one of so many bytes; whether it is to fail. */
int allocations_next_fails(size_t size);

/* Whether the failure that was asked for has happened. */
int allocations_failed(void);

#endif
