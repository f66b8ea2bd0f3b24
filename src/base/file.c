#include "base/file.h"

#include "base/temporary.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False if the text with its NUL would not fit into `room` bytes. */
static bool escape(char *out, size_t room, const char *text)
{
    while (*text) {
        size_t length = mnist_text_printable(text);
        if ((length ? length : 4) >= room)
            return false;
        if (length)
            memcpy(out, text, length);
        else
            snprintf(out, room, "\\x%02x", (unsigned char)*text);
        out += length ? length : 4;
        room -= length ? length : 4;
        text += length ? length : 1;
    }
    *out = '\0';
    return true;
}

char *mnist_file_name(char out[MNIST_FILE_NAME], const char *path)
{
    /* As many bytes as fit behind the dots whatever they are. */
    size_t tail = (MNIST_FILE_NAME - 4) / 4;
    if (!escape(out, MNIST_FILE_NAME, path)) {
        memcpy(out, "...", 3);
        escape(out + 3, MNIST_FILE_NAME - 3, path + strlen(path) - tail);
    }
    return out;
}

char *mnist_file_in(const char *folder, const char *name)
{
    size_t length = strlen(folder) + strlen(name) + 2;
    char *path = malloc(length);
    if (path)
        snprintf(path, length, "%s/%s", folder, name);
    return path;
}

/* "NAME: cannot WHAT: the system's reason", from errno. */
static mnist_status system_failed(mnist_error *err, const char *name,
                                  const char *what)
{
    char reason[128];
    if (errno == ENOMEM)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory", name);
    if (strerror_r(errno, reason, sizeof reason))
        snprintf(reason, sizeof reason, "error %d", errno);
    return mnist_fail(err, MNIST_ERROR_SYSTEM, "%s: cannot %s: %s", name, what,
                      reason);
}

mnist_status mnist_file_failed(mnist_error *err, const char *path,
                               const char *what)
{
    char name[MNIST_FILE_NAME];
    int reason = errno;
    mnist_file_name(name, path);
    errno = reason;
    return system_failed(err, name, what);
}

/* ---- Reading ---- */

/* A packed file is often named by its unpacked name, and the other way round:
   the name of the other if that is there, else NULL. */
static const char *find_twin(char out[MNIST_FILE_NAME], const char *path)
{
    static const char packed[] = ".gz";
    char other[PATH_MAX];
    struct stat info;
    size_t length = strlen(path), end = sizeof packed - 1;
    if (length + sizeof packed > sizeof other)
        return NULL;
    bool is_packed = length > end && strcmp(path + length - end, packed) == 0;
    snprintf(other, sizeof other, "%.*s%s",
             (int)(is_packed ? length - end : length), path,
             is_packed ? "" : packed);
    return stat(other, &info) == 0 && S_ISREG(info.st_mode)
               ? mnist_file_name(out, other)
               : NULL;
}

static mnist_status not_opened(const char *path, const char *name,
                               mnist_error *err)
{
    int reason = errno;
    char twin[MNIST_FILE_NAME];
    if (reason == ENOENT && find_twin(twin, path))
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s: no such file; did you mean %s?", name, twin);
    errno = reason;
    return system_failed(err, name, "open");
}

static int open_again(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Fills in what kind of file it is; standard input may have been read from. */
static mnist_status look_at(mnist_source *source, mnist_error *err)
{
    struct stat info;
    if (fstat(source->fd, &info))
        return system_failed(err, source->name, "read");
    if (S_ISDIR(info.st_mode))
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s: is a directory, expected a file; name "
                          "one in it",
                          source->name);
    source->regular = S_ISREG(info.st_mode);
    if (source->regular && info.st_size > 0) {
        off_t at = lseek(source->fd, 0, SEEK_CUR);
        off_t left = at > 0 ? info.st_size - at : info.st_size;
        source->size = left > 0 ? (uint64_t)left : 0;
    }
    return MNIST_OK;
}

mnist_status mnist_source_open(mnist_source *out, const char *path,
                               mnist_error *err)
{
    mnist_source source = {0};
    bool standard_input = strcmp(path, "-") == 0;
    mnist_file_name(source.name, standard_input ? "standard input" : path);
    /* A copy of 0, so that every source is closed alike. */
    source.fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                               : open_again(path, O_RDONLY);
    if (source.fd < 0)
        return not_opened(path, source.name, err);
    mnist_status status = look_at(&source, err);
    if (status)
        mnist_source_close(&source);
    else
        *out = source;
    return status;
}

mnist_status mnist_source_read(mnist_source *source, void *to, size_t length,
                               size_t *got, mnist_error *err)
{
    /* Systems refuse to read more than fits an int at once. */
    const size_t most = (size_t)1 << 30;
    *got = 0;
    while (*got < length) {
        size_t want = length - *got < most ? length - *got : most;
        ssize_t n = read(source->fd, (uint8_t *)to + *got, want);
        if (n == 0)
            break;
        if (n > 0)
            *got += (size_t)n;
        else if (errno != EINTR)
            return system_failed(err, source->name, "read");
    }
    return MNIST_OK;
}

mnist_status mnist_source_skip(mnist_source *source, size_t length,
                               mnist_error *err)
{
    if (lseek(source->fd, (off_t)length, SEEK_CUR) < 0)
        return system_failed(err, source->name, "read");
    return MNIST_OK;
}

void mnist_source_close(mnist_source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
}

/* ---- Replacing ---- */

/* Where a chain of links ends, be there a file or not, to be freed; NULL with
   errno. */
static char *follow_links(const char *path)
{
    char target[4096];
    char *at = mnist_beside("", path);
    for (int links = 0; at && links < 40; links++) {
        ssize_t length = readlink(at, target, sizeof target - 1);
        if (length < 0 && (errno == EINVAL || errno == ENOENT))
            return at; /* no link, or nothing */
        if (length < 0)
            break;
        target[length] = '\0';
        char *next = mnist_beside(at, target);
        int reason = next ? ELOOP : errno;
        free(at);
        at = next;
        errno = reason;
    }
    int reason = errno;
    free(at);
    errno = reason;
    return NULL;
}

static bool write_all(int fd, const mnist_piece *pieces, size_t count)
{
    const size_t most = (size_t)1 << 30;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *bytes = pieces[i].bytes;
        size_t left = pieces[i].length;
        while (left > 0) {
            ssize_t n = write(fd, bytes, left < most ? left : most);
            if (n == 0) /* no file does so; not to try for ever */
                errno = EIO;
            if (n == 0 || (n < 0 && errno != EINTR))
                return false;
            if (n > 0) {
                bytes += n;
                left -= (size_t)n;
            }
        }
    }
    return true;
}

/* After EINTR the descriptor is gone all the same: no second try. */
static bool close_checked(int fd)
{
    return close(fd) == 0 || errno == EINTR;
}

static mnist_status write_and_close(int fd, const char *name,
                                    const mnist_piece *pieces, size_t count,
                                    mnist_error *err)
{
    mnist_status status = MNIST_OK;
    if (!write_all(fd, pieces, count))
        status = system_failed(err, name, "write");
    if (!close_checked(fd) && !status)
        status = system_failed(err, name, "write");
    return status;
}

/* A FIFO or a device: nothing to be replaced, and no way to take it back. */
static mnist_status write_directly(const char *path, const char *name,
                                   const mnist_piece *pieces, size_t count,
                                   mnist_error *err)
{
    int fd = open_again(path, O_WRONLY);
    if (fd < 0)
        return system_failed(err, name, "open");
    return write_and_close(fd, name, pieces, count, err);
}

mnist_status mnist_file_create(const char *path, const mnist_piece *pieces,
                               size_t count, mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    mnist_file_name(name, path);
    int fd;
    do
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return system_failed(err, name, "create");
    mnist_status status = write_and_close(fd, name, pieces, count, err);
    if (status)
        unlink(path);
    return status;
}

static bool sync_whole(int fd)
{
    int failed;
    do
        failed = fsync(fd);
    while (failed && errno == EINTR);
    return !failed;
}

/* Without this a power cut may bring the old file back. */
static mnist_status sync_folder(const char *folder, const char *name,
                                mnist_error *err)
{
    int fd = open_again(folder, O_RDONLY);
    if (fd < 0) /* a folder that one may write to but not list */
        return MNIST_OK;
    mnist_status status = MNIST_OK;
    if (!sync_whole(fd) && errno != EINVAL)
        status = system_failed(err, name, "sync its folder");
    close(fd);
    return status;
}

/* old: what stands there now, NULL for nothing. */
static mnist_status replace(const char *target, const struct stat *old,
                            const char *name, const mnist_piece *pieces,
                            size_t count, mnist_error *err)
{
    mnist_temporary temporary;
    /* A new file gets what the umask leaves of 0666; a file that replaces
       another is nobody else's to read before it has the other's mode. */
    if (!mnist_temporary_open(&temporary, target, old ? 0600 : 0666))
        return system_failed(err, name, "create a file in its folder");

    mnist_status status = MNIST_OK;
    if (old && fchmod(temporary.fd, old->st_mode & 0777))
        status = system_failed(err, name, "keep its mode");
    else if (!write_all(temporary.fd, pieces, count))
        status = system_failed(err, name, "write");
    else if (!sync_whole(temporary.fd))
        status = system_failed(err, name, "sync");
    else if (!mnist_temporary_close(&temporary))
        status = system_failed(err, name, "close");
    else if (rename(temporary.path, target))
        status = system_failed(err, name, "replace");
    mnist_temporary_end(&temporary, status != MNIST_OK);
    return status;
}

/* What stands where a file is to be written. */
typedef struct standing {
    bool exists, regular; /* regular: also where nothing is */
    struct stat info;
} standing;

static mnist_status look(standing *out, const char *path, const char *name,
                         mnist_error *err)
{
    out->exists = stat(path, &out->info) == 0;
    out->regular = !out->exists || S_ISREG(out->info.st_mode);
    if (!out->exists && errno != ENOENT)
        return system_failed(err, name, "write");
    if (out->exists && S_ISDIR(out->info.st_mode))
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s: is a directory, expected a file; name "
                          "one in it",
                          name);
    /* A rename would not ask: a file protected from writing stays. */
    if (out->exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
        return system_failed(err, name, "write");
    return MNIST_OK;
}

mnist_status mnist_file_can_replace(const char *path, mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    standing old;
    mnist_temporary temporary;
    mnist_file_name(name, path);
    mnist_status status = look(&old, path, name, err);
    if (status || !old.regular)
        return status;
    char *target = follow_links(path);
    char *folder = target ? mnist_beside(target, ".") : NULL;
    if (!folder) {
        status = system_failed(err, name, "write");
    } else {
        mnist_temporary_sweep(target, folder);
        if (mnist_temporary_open(&temporary, target, 0600))
            mnist_temporary_end(&temporary, true);
        else
            status = system_failed(err, name, "create a file in its folder");
    }
    free(folder);
    free(target);
    return status;
}

mnist_status mnist_file_replace(const char *path, const mnist_piece *pieces,
                                size_t count, mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    standing old;
    mnist_file_name(name, path);
    mnist_status status = look(&old, path, name, err);
    if (status)
        return status;
    if (!old.regular)
        return write_directly(path, name, pieces, count, err);

    /* All memory is taken before the file is replaced: after that, being out of
       it would be a failure that does not leave the old one. */
    char *target = follow_links(path);
    char *folder = target ? mnist_beside(target, ".") : NULL;
    if (!folder)
        status = system_failed(err, name, "write");
    else
        mnist_temporary_sweep(target, folder);
    if (!status)
        status = replace(target, old.exists ? &old.info : NULL, name, pieces,
                         count, err);
    if (!status)
        status = sync_folder(folder, name, err);
    free(folder);
    free(target);
    return status;
}

mnist_status mnist_file_write(const char *path, const mnist_piece *pieces,
                              size_t count, mnist_error *err)
{
    if (strcmp(path, "-") != 0)
        return mnist_file_replace(path, pieces, count, err);
    if (!write_all(STDOUT_FILENO, pieces, count))
        return system_failed(err, "standard output", "write");
    return MNIST_OK;
}
