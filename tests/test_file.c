/* Files: their names in messages, and reading them: base/file.h. */
#include "base/file.h"

#include "support/temporary.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static mnist_error err;

/* ---- Names ---- */

static void expect_name(const char *path, const char *expected)
{
    char out[MNIST_FILE_NAME];
    assert_ptr_equal(mnist_file_name(out, path), out);
    assert_string_equal(out, expected);
}

static void test_names(void **state)
{
    (void)state;
    expect_name("data/x.gz", "data/x.gz");
    expect_name("caf\xc3\xa9 \xe6\x95\xb0", "caf\xc3\xa9 \xe6\x95\xb0");
    expect_name("a\nb\x1b[2J\x7f", "a\\x0ab\\x1b[2J\\x7f");
    expect_name("\xc2\x9b", "\\xc2\\x9b"); /* a control character */
    expect_name("\xc0\x8a", "\\xc0\\x8a"); /* longer than needed */
    expect_name("\xe0\x82\x9b", "\\xe0\\x82\\x9b");
    expect_name("\xe6\x95", "\\xe6\\x95"); /* cut off */
    expect_name("\xff\xfe", "\\xff\\xfe");
    expect_name("", "");
}

static void test_long_names_keep_their_end(void **state)
{
    (void)state;
    char path[1000], out[MNIST_FILE_NAME];
    for (int byte = 'a'; byte >= 1; byte -= 'a' - 1) {
        memset(path, byte, sizeof path);
        memcpy(path + sizeof path - 8, "/x.idx3", 8);
        mnist_file_name(out, path);
        assert_true(strlen(out) < MNIST_FILE_NAME);
        assert_memory_equal(out, "...", 3);
        assert_string_equal(out + strlen(out) - 7, "/x.idx3");
    }
    memset(path, 'a', sizeof path);
    path[MNIST_FILE_NAME - 1] = '\0'; /* the longest that fits */
    expect_name(path, path);
}

/* ---- Reading ---- */

static void test_read(void **state)
{
    temporary *t = *state;
    mnist_source source;
    uint8_t bytes[16];
    size_t got;
    const char *path = temporary_write(t, "x", "0123456789", 10);
    assert_int_equal(mnist_source_open(&source, path, &err), MNIST_OK);
    assert_string_equal(source.name, path);
    assert_true(source.regular);
    assert_int_equal(source.size, 10);
    assert_int_equal(mnist_source_read(&source, bytes, 4, &got, &err), 0);
    assert_int_equal(got, 4);
    assert_int_equal(mnist_source_read(&source, bytes + 4, 12, &got, &err), 0);
    assert_int_equal(got, 6);
    assert_memory_equal(bytes, "0123456789", 10);
    assert_int_equal(mnist_source_read(&source, bytes, 4, &got, &err), 0);
    assert_int_equal(got, 0);
    mnist_source_close(&source);
}

static void expect_not_opened(const char *path, const char *reason)
{
    mnist_source source;
    char message[512];
    snprintf(message, sizeof message, "%s%s", path, reason);
    assert_int_equal(mnist_source_open(&source, path, &err),
                     MNIST_ERROR_SYSTEM);
    assert_int_equal(err.status, MNIST_ERROR_SYSTEM);
    assert_string_equal(err.message, message);
}

static void test_open_fails(void **state)
{
    temporary *t = *state;
    expect_not_opened(temporary_path(t, "none"),
                      ": cannot open: No such file or directory");
    expect_not_opened(temporary_folder(t),
                      ": is a directory, expected a file; name one in it");
    assert_int_equal(symlink("loop", temporary_path(t, "loop")), 0);
    char reason[128]; /* libraries differ in their words for it */
    snprintf(reason, sizeof reason, ": cannot open: %s", strerror(ELOOP));
    expect_not_opened(temporary_path(t, "loop"), reason);
}

static void test_open_knows_the_packed_file(void **state)
{
    temporary *t = *state;
    char reason[512];
    char *packed = strdup(temporary_write(t, "one.gz", "x", 1));
    char *plain = strdup(temporary_write(t, "two", "x", 1));
    snprintf(reason, sizeof reason, ": no such file; did you mean %s?", packed);
    expect_not_opened(temporary_path(t, "one"), reason);
    snprintf(reason, sizeof reason, ": no such file; did you mean %s?", plain);
    expect_not_opened(temporary_path(t, "two.gz"), reason);
    expect_not_opened(temporary_path(t, ".gz"),
                      ": cannot open: No such file or directory");
    free(packed);
    free(plain);
}

/* Runs `writer` in a child at the other end of a FIFO. */
static pid_t start_writer(const char *fifo, void (*writer)(int fd))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        FILE *file = fopen(fifo, "wb");
        if (file)
            writer(fileno(file));
        _exit(file ? 0 : 1);
    }
    return child;
}

static void write_slowly(int fd)
{
    const struct timespec pause = {0, 1000000};
    for (const char *c = "0123456789"; *c; c++) {
        if (write(fd, c, 1) != 1)
            _exit(1);
        nanosleep(&pause, NULL);
    }
}

static void test_slow_pipe(void **state)
{
    temporary *t = *state;
    mnist_source source;
    uint8_t bytes[16];
    size_t got;
    int result;
    const char *path = temporary_path(t, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = start_writer(path, write_slowly);
    assert_int_equal(mnist_source_open(&source, path, &err), MNIST_OK);
    assert_false(source.regular);
    assert_int_equal(source.size, 0);
    assert_int_equal(mnist_source_read(&source, bytes, 16, &got, &err), 0);
    assert_int_equal(got, 10);
    assert_memory_equal(bytes, "0123456789", 10);
    mnist_source_close(&source);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

/* Standard input may be a file of which somebody has read a part. */
static void test_standard_input(void **state)
{
    temporary *t = *state;
    mnist_source source;
    uint8_t bytes[16];
    size_t got;
    int held = dup(STDIN_FILENO);
    const char *path = temporary_write(t, "x", "0123456789", 10);
    assert_non_null(freopen(path, "rb", stdin));
    assert_int_equal(lseek(STDIN_FILENO, 3, SEEK_SET), 3);
    assert_int_equal(mnist_source_open(&source, "-", &err), MNIST_OK);
    assert_string_equal(source.name, "standard input");
    assert_true(source.regular);
    assert_int_equal(source.size, 7);
    assert_int_equal(mnist_source_read(&source, bytes, 16, &got, &err), 0);
    assert_int_equal(got, 7);
    mnist_source_close(&source);
    assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_CUR), 10); /* still open */
    if (held >= 0) {
        dup2(held, STDIN_FILENO);
        close(held);
    }
}

static void test_byte_order(void **state)
{
    (void)state;
    const uint8_t bytes[8] = {0x81, 2, 3, 4, 5, 6, 7, 0xf8};
    uint8_t out[8];
    assert_int_equal(mnist_load_be32(bytes), 0x81020304);
    assert_int_equal(mnist_load_le32(bytes + 4), 0xf8070605);
    assert_true(mnist_load_le64(bytes) == UINT64_C(0xf807060504030281));
    mnist_store_be32(out, 0x81020304);
    assert_memory_equal(out, bytes, 4);
    mnist_store_le64(out, UINT64_C(0xf807060504030281));
    assert_memory_equal(out, bytes, 8);
}

/* A new file only: what is there stays. */
#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_long_names_keep_their_end),
        cmocka_unit_test(test_byte_order),
        IN_FOLDER(test_read),
        IN_FOLDER(test_open_fails),
        IN_FOLDER(test_open_knows_the_packed_file),
        IN_FOLDER(test_slow_pipe),
        IN_FOLDER(test_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
