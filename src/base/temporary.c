#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the target's name, so much that the whole is no longer than a name may
   be. Names that begin alike share their temporary names; no harm comes of it,
   since none is taken twice and none that is locked is removed. */
#define PREFIX ".%.200s."
enum { NAME = 256 };

char *mnist_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash && name[0] != '/' ? (size_t)(slash - path) + 1 : 0;
    size_t length = strlen(name);
    char *joined = malloc(folder + length + 1);
    if (joined) {
        memcpy(joined, path, folder);
        memcpy(joined + folder, name, length + 1);
    }
    return joined;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- What others left ---- */

/* Whether it reads PREFIX, digits, a dot, digits, ".tmp". */
static bool is_temporary(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) != 0)
        return false;
    name += length;
    size_t pid = strspn(name, "0123456789");
    if (pid == 0 || name[pid] != '.')
        return false;
    name += pid + 1;
    size_t number = strspn(name, "0123456789");
    return number > 0 && strcmp(name + number, ".tmp") == 0;
}

/* By the time that it is locked, its owner may have renamed it, and taken the
   name for another: what is removed must be what was locked. */
static void remove_if_left(int folder, const char *name)
{
    struct stat locked, named;
    int fd =
        openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &locked) == 0 &&
        S_ISREG(locked.st_mode) &&
        fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
        locked.st_dev == named.st_dev && locked.st_ino == named.st_ino)
        unlinkat(folder, name, 0);
    close(fd);
}

void mnist_temporary_sweep(const char *target, const char *folder)
{
    char prefix[NAME];
    snprintf(prefix, sizeof prefix, PREFIX, last_part(target));
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    const struct dirent *item;
    while ((item = readdir(dir)))
        if (is_temporary(item->d_name, prefix))
            remove_if_left(dirfd(dir), item->d_name);
    closedir(dir);
}

/* ---- One's own ---- */

/* False if someone who took it for left over was faster than the lock. */
static bool keep(int fd)
{
    struct stat info;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno != EWOULDBLOCK;
    return fstat(fd, &info) != 0 || info.st_nlink > 0;
}

static bool hold(mnist_temporary *out, char *path, int fd)
{
    *out = (mnist_temporary){.path = path, .fd = fd};
    out->lock = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (out->lock >= 0)
        return true;
    int reason = errno;
    unlink(path);
    close(fd);
    free(path);
    errno = reason;
    return false;
}

bool mnist_temporary_open(mnist_temporary *out, const char *target, mode_t mode)
{
    char prefix[NAME], name[NAME + 32];
    snprintf(prefix, sizeof prefix, PREFIX, last_part(target));
    /* More than one try: another thread may be saving to the same target, and
       what is left over of a process with this number may not be removable. */
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "%s%ld.%u.tmp", prefix, (long)getpid(), i);
        char *path = mnist_beside(target, name);
        if (!path)
            return false;
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 && keep(fd))
            return hold(out, path, fd);
        int reason = fd < 0 ? errno : EEXIST;
        if (fd >= 0)
            close(fd);
        free(path);
        errno = reason;
        if (reason != EEXIST && reason != EINTR)
            return false;
    }
    return false;
}

bool mnist_temporary_close(mnist_temporary *t)
{
    int fd = t->fd;
    t->fd = -1;
    /* After EINTR the descriptor is gone all the same: no second try. */
    return close(fd) == 0 || errno == EINTR;
}

void mnist_temporary_end(mnist_temporary *t, bool remove)
{
    if (remove)
        unlink(t->path);
    if (t->fd >= 0)
        close(t->fd);
    close(t->lock);
    free(t->path);
}
