/*
 * Counts what a program takes from the heap, and lets an allocation fail. For
 * programs that are linked with
 *
 *     -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
 *
 * (see WRAPPED in tests/CMakeLists.txt), which sends every call made in this
 * project's code through here; the C library's own calls are not seen.
 */
#ifndef SUPPORT_ALLOCATIONS_H
#define SUPPORT_ALLOCATIONS_H

#include <stddef.h>

/* Allocations since the program began, failed ones included. */
size_t allocations_count(void);

/* Bytes asked for since the program began, whether they were given back or not:
   of a short job, no less than its peak. */
size_t allocations_bytes(void);

/* The next allocation but `after` fails, once; SIZE_MAX: none does. */
void allocations_fail(size_t after);

/* Whether the failure that was asked for has happened. */
int allocations_failed(void);

#endif
