/*
 * The temporary file of a save, .NAME.PID.N.tmp beside its target.
 *
 * Who is killed in a save leaves it there, and the next save to that target
 * removes it. Which are left over tells a lock (flock) that is held until the
 * file has its final name, and that the system drops however a process ends.
 * Not the number in the name: numbers are given anew, and mean nothing to
 * another machine or container that shares the folder. Nor is there a way
 * without a name: a file made by O_TMPFILE cannot take a name that is taken,
 * so it would need one for a moment too, and not every file system makes it.
 *
 * Where a file system knows no locks, nothing is removed. Where locks do not
 * reach from one machine to another, a save may lose its temporary file to
 * another machine's: it fails and says so, and the target stands.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct mnist_temporary {
    char *path;
    int fd;   /* to be written to */
    int lock; /* holds the lock when fd is closed */
} mnist_temporary;

/* The path of `name` in the folder of `path`, to be freed; NULL with errno. */
char *mnist_beside(const char *path, const char *name);

/* Removes what dead processes have left of saves to `target`, which lies in
   `folder`. Does what it can. */
void mnist_temporary_sweep(const char *target, const char *folder);

/* Makes one that is this caller's alone. False with errno on failure. */
bool mnist_temporary_open(mnist_temporary *out, const char *target,
                          mode_t mode);

/* Closes it but for the lock. False with errno if what was written may be
   lost. */
bool mnist_temporary_close(mnist_temporary *t);

/* Lets go of it; it was renamed, or else `remove` is set. */
void mnist_temporary_end(mnist_temporary *t, bool remove);

#endif
