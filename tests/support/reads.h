/*
 * Lets a read of a file go wrong. For programs that are linked with
 * -Wl,--wrap=read,--wrap=lseek (see tests/CMakeLists.txt), which sends every
 * read made in this project's code through here, and every move over what is
 * not wanted, which counts as a read that fails or does not.
 */
#ifndef SUPPORT_READS_H
#define SUPPORT_READS_H

#include <stddef.h>

typedef enum read_fault {
    READ_FAILS,       /* EIO; only this one counts moves */
    READ_INTERRUPTED, /* EINTR, and then as ever */
    READ_ENDS,        /* the file ends there, as if someone had cut it */
    READ_GOES_ON,     /* at its end, one byte more: someone appends to it */
    READ_ONE_BYTE,    /* of those asked for */
    READ_FAULTS
} read_fault;

/* The next read but `after` goes wrong; SIZE_MAX: none does. */
void reads_fail(read_fault fault, size_t after);

/* Whether what was asked for has happened. */
int reads_failed(void);

#endif
