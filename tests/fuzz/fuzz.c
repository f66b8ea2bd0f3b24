#define _XOPEN_SOURCE 700 /* nftw */
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

int fuzz_is_printable(const char *text, size_t length, int lines)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        /* U+0080 to U+009f are control characters too. */
        if ((c < 0x20 && !(lines && c == '\n')) || c == 0x7f ||
            (c == 0xc2 && i + 1 < length &&
             (unsigned char)text[i + 1] - 0x80u < 0x20))
            return 0;
    }
    return 1;
}

void fuzz_require_refusal(mnist_status status, const mnist_error *err)
{
    size_t length = strnlen(err->message, sizeof err->message);
    fuzz_require(status != MNIST_OK && err->status == status);
    fuzz_require(length > 0 && length < sizeof err->message);
    fuzz_require(fuzz_is_printable(err->message, length, 0));
}

uint8_t fuzz_byte(fuzz_choices *choices)
{
    if (choices->left == 0)
        return 0;
    choices->left--;
    return *choices->bytes++;
}

size_t fuzz_below(fuzz_choices *choices, size_t count)
{
    return fuzz_byte(choices) % count;
}

/* ---- Files ---- */

static char folder[FUZZ_PATH / 2];
static pid_t maker;

static int remove_item(const char *path, const struct stat *info, int kind,
                       struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static void remove_folder(void)
{
    if (getpid() == maker)
        nftw(folder, remove_item, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
    static const char memory[] = "/dev/shm";
    const char *base = getenv("TMPDIR");
    if (folder[0])
        return folder;
    if (!base || !*base)
        base = access(memory, W_OK | X_OK) == 0 ? memory : "/tmp";
    snprintf(folder, sizeof folder, "%s/fuzz-XXXXXX", base);
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(2);
    }
    maker = getpid();
    atexit(remove_folder);
    return folder;
}

char *fuzz_path(char out[FUZZ_PATH], const char *name)
{
    snprintf(out, FUZZ_PATH, "%s/%s", fuzz_folder(), name);
    return out;
}

const char *fuzz_file(const uint8_t *bytes, size_t length)
{
    static char path[FUZZ_PATH];
    static int fd = -1;
    if (fd < 0) {
        fd = open(fuzz_path(path, "input"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        fuzz_require(fd >= 0);
    }
    fuzz_require(ftruncate(fd, (off_t)length) == 0);
    fuzz_require(pwrite(fd, bytes, length, 0) == (ssize_t)length);
    return path;
}

const uint8_t *fuzz_read(const char *path, size_t *length)
{
    static uint8_t bytes[1 << 21];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    fuzz_require(fd >= 0);
    ssize_t got = read(fd, bytes, sizeof bytes);
    fuzz_require(got >= 0 && (size_t)got < sizeof bytes);
    close(fd);
    *length = (size_t)got;
    return bytes;
}
