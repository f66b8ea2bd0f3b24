/* Saving where the system takes a part of what is written at a time, or is
   interrupted: write, fsync and close are wrapped by the linker. */
#include "base/file.h"

#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <errno.h>

ssize_t __real_write(int fd, const void *bytes, size_t length);
int __real_fsync(int fd);
int __real_close(int fd);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
int __wrap_fsync(int fd);
int __wrap_close(int fd);

/* How calls go: so many bytes are taken at most; each that is not a multiple of
   `good` is interrupted, 1 for none; a close is, though it closes. */
static size_t most = SIZE_MAX, good = 1, calls;
static int nothing; /* no byte is taken, and no reason told */

static int interrupted(void)
{
    errno = EINTR;
    return ++calls % good != 0;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    if (interrupted())
        return -1;
    return nothing ? 0 : __real_write(fd, bytes, length < most ? length : most);
}

int __wrap_fsync(int fd)
{
    return interrupted() ? -1 : __real_fsync(fd);
}

int __wrap_close(int fd)
{
    int failed = __real_close(fd);
    return good > 1 ? interrupted(), -1 : failed;
}

enum { LENGTH = 3001 };
static uint8_t bytes[LENGTH];

static mnist_status save(const char *path, mnist_error *err)
{
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    const mnist_piece pieces[] = {{bytes, 1000}, {bytes + 1000, LENGTH - 1000}};
    return mnist_file_replace(path, pieces, 2, err);
}

static void test_parts(void **state)
{
    static const struct {
        size_t most, good;
    } ways[] = {{1, 1}, {7, 1}, {SIZE_MAX, 2}, {1, 3}, {999, 5}};
    temporary *t = *state;
    mnist_error err = {.status = MNIST_OK};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        size_t length;
        const char *path = temporary_write(t, "x", "old", 3);
        most = ways[i].most;
        good = ways[i].good;
        calls = 0;
        mnist_status status = save(path, &err);
        size_t made = calls;
        most = SIZE_MAX;
        good = 1;
        assert_int_equal(status, MNIST_OK);
        assert_true(made >= LENGTH / ways[i].most);
        uint8_t *read = temporary_read(path, &length);
        assert_int_equal(length, LENGTH);
        assert_memory_equal(read, bytes, LENGTH);
        free(read);
        assert_int_equal(temporary_count(t), 1);
    }
}

/* Not to be tried for ever. */
static void test_nothing_taken(void **state)
{
    temporary *t = *state;
    mnist_error err = {.status = MNIST_OK};
    size_t length;
    const char *path = temporary_write(t, "x", "old", 3);
    nothing = 1;
    mnist_status status = save(path, &err);
    nothing = 0;
    assert_int_equal(status, MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "cannot write"));
    char *read = temporary_read(path, &length);
    assert_string_equal(read, "old");
    free(read);
    assert_int_equal(temporary_count(t), 1);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_parts),
        IN_FOLDER(test_nothing_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
