#include "support/reads.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The linker's names for the wrapped functions and their wrappers. */
ssize_t __real_read(int fd, void *to, size_t length);
ssize_t __wrap_read(int fd, void *to, size_t length);
off_t __real_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence);

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

/* Whether this call is the one to go wrong. */
static bool is_next(void)
{
    bool now = left == 0;
    if (left != SIZE_MAX && left-- == 0)
        left = SIZE_MAX;
    return now;
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
    if (kind != READ_FAILS || offset == 0 || !is_next())
        return __real_lseek(fd, offset, whence);
    happened = true;
    errno = EIO;
    return -1;
}

ssize_t __wrap_read(int fd, void *to, size_t length)
{
    bool now = is_next();
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
