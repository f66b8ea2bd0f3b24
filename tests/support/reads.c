#include "support/reads.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The linker's names for the wrapped function and its wrapper. */
ssize_t __real_read(int fd, void *to, size_t length);
ssize_t __wrap_read(int fd, void *to, size_t length);

static read_fault kind;
static size_t left = SIZE_MAX;
static bool happened;

void reads_fail(read_fault fault, size_t after)
{
    kind = fault;
    left = after;
    happened = false;
}

int reads_failed(void)
{
    return happened;
}

static ssize_t go_wrong(int fd, void *to, size_t length)
{
    switch (kind) {
    case READ_ENDS:
        return 0;
    case READ_ONE_BYTE:
        return __real_read(fd, to, length > 0);
    case READ_FAILS:
    case READ_INTERRUPTED:
    default:
        errno = kind == READ_FAILS ? EIO : EINTR;
        return -1;
    }
}

ssize_t __wrap_read(int fd, void *to, size_t length)
{
    bool now = left == 0;
    if (left != SIZE_MAX && left-- == 0)
        left = SIZE_MAX;
    if (now && kind != READ_GOES_ON) {
        happened = true;
        return go_wrong(fd, to, length);
    }
    ssize_t got = __real_read(fd, to, length);
    if (kind == READ_GOES_ON && !happened && got == 0 && length > 0) {
        happened = true;
        *(uint8_t *)to = 'x';
        return 1;
    }
    return got;
}
