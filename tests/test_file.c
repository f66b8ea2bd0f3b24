#include "base/file.h"

#include "support/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
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

/* Libraries differ in their words. */
static const char *because(const char *what, int number)
{
    static char text[128];
    snprintf(text, sizeof text, "%s%s", what, strerror(number));
    return text;
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
    expect_not_opened(temporary_folder(t), ": is a directory, expected a file");
    assert_int_equal(symlink("loop", temporary_path(t, "loop")), 0);
    expect_not_opened(temporary_path(t, "loop"),
                      because(": cannot open: ", ELOOP));
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

/* ---- Replacing ---- */

static const mnist_piece new_pieces[] = {{"new ", 4}, {"", 0}, {"text", 4}};

static mnist_status replace(const char *path)
{
    err.message[0] = '\0';
    return mnist_file_replace(path, new_pieces, 3, &err);
}

static void expect_text(const char *path, const char *expected)
{
    size_t length;
    char *text = temporary_read(path, &length);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
    free(text);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode;
}

static void test_new_file(void **state)
{
    temporary *t = *state;
    mode_t held = umask(027);
    const char *path = temporary_path(t, "new");
    assert_int_equal(replace(path), MNIST_OK);
    umask(held);
    expect_text(path, "new text");
    assert_int_equal(mode_of(path) & 0777, 0640);
    assert_int_equal(temporary_count(t), 1);
}

static void test_name_without_folder(void **state)
{
    temporary *t = *state;
    char held[4096];
    assert_non_null(getcwd(held, sizeof held));
    assert_int_equal(chdir(temporary_folder(t)), 0);
    mnist_status status = replace("plain");
    assert_int_equal(chdir(held), 0);
    assert_int_equal(status, MNIST_OK);
    expect_text(temporary_path(t, "plain"), "new text");
}

static void test_mode_is_kept(void **state)
{
    temporary *t = *state;
    const char *path = temporary_write(t, "x", "old", 3);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(replace(path), MNIST_OK);
    expect_text(path, "new text");
    assert_int_equal(mode_of(path) & 0777, 0604);
    assert_int_equal(temporary_count(t), 1);
}

/* Who has the old file open goes on reading the old file. */
static void test_open_reader(void **state)
{
    temporary *t = *state;
    char text[16] = {0};
    const char *path = temporary_write(t, "x", "old", 3);
    FILE *reader = fopen(path, "rb");
    assert_non_null(reader);
    assert_int_equal(replace(path), MNIST_OK);
    assert_int_equal(fread(text, 1, sizeof text, reader), 3);
    assert_string_equal(text, "old");
    fclose(reader);
}

static void test_links_are_followed(void **state)
{
    temporary *t = *state;
    temporary_mkdir(t, "folder");
    const char *real = temporary_write(t, "folder/real", "old", 3);
    const char *first = temporary_path(t, "first");
    assert_int_equal(symlink("folder/second", first), 0);
    assert_int_equal(symlink("real", temporary_path(t, "folder/second")), 0);
    assert_int_equal(replace(first), MNIST_OK);
    expect_text(real, "new text");
    assert_true(S_ISLNK(mode_of(first)));
    assert_true(S_ISREG(mode_of(real)));

    /* One that leads to nothing yet, by a whole path. */
    const char *later = temporary_path(t, "folder/later");
    const char *dangling = temporary_path(t, "dangling");
    assert_int_equal(symlink(later, dangling), 0);
    assert_int_equal(replace(dangling), MNIST_OK);
    expect_text(later, "new text");
    assert_true(S_ISLNK(mode_of(dangling)));
}

static void test_long_name(void **state)
{
    temporary *t = *state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(replace(temporary_path(t, name)), MNIST_OK);
    expect_text(temporary_path(t, name), "new text");
}

static void expect_refused(const char *path, const char *reason)
{
    char message[512];
    snprintf(message, sizeof message, "%s%s", path, reason);
    assert_int_equal(replace(path), MNIST_ERROR_SYSTEM);
    assert_string_equal(err.message, message);
}

static void test_refused_targets(void **state)
{
    temporary *t = *state;
    expect_refused(temporary_folder(t), ": is a directory, expected a file");
    expect_refused(temporary_path(t, "none/x"),
                   ": cannot create a file in its folder: No such file or "
                   "directory");
    temporary_write(t, "file", "old", 3);
    expect_refused(temporary_path(t, "file/x"),
                   ": cannot write: Not a directory");
    assert_int_equal(symlink("loop", temporary_path(t, "loop")), 0);
    expect_refused(temporary_path(t, "loop"),
                   because(": cannot write: ", ELOOP));
    expect_refused("/dev/full", ": cannot write: No space left on device");
    expect_text(temporary_path(t, "file"), "old");
    assert_int_equal(temporary_count(t), 2);
}

/* The superuser may write anywhere, so this says nothing there. */
static void test_no_permission(void **state)
{
    temporary *t = *state;
    if (geteuid() == 0)
        skip();
    const char *path = temporary_write(t, "x", "old", 3);
    assert_int_equal(chmod(path, 0444), 0);
    expect_refused(path, ": cannot write: Permission denied");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(chmod(temporary_folder(t), 0500), 0);
    expect_refused(path,
                   ": cannot create a file in its folder: Permission denied");
    assert_int_equal(chmod(temporary_folder(t), 0700), 0);
    expect_text(path, "old");
}

/* A limit on the size of files stands for a full disk: the first bytes fit. */
static void test_write_fails_halfway(void **state)
{
    temporary *t = *state;
    static uint8_t large[100000];
    const mnist_piece pieces[] = {{"new", 3}, {large, sizeof large}};
    const char *path = temporary_write(t, "x", "old", 3);
    struct rlimit held, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &held), 0);
    small = held;
    small.rlim_cur = 50000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    mnist_status status = mnist_file_replace(path, pieces, 2, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &held), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, ": cannot write: File too large"));
    expect_text(path, "old");
    assert_int_equal(temporary_count(t), 1);
}

/* Names that are no temporary file of "x": each lacks something. */
static const char *const others[] = {
    ".x.12.tmp",  ".x.12.0",     "x.12.0.tmp",   ".x..0.tmp",
    ".x.12..tmp", ".x.1a.0.tmp", ".xy.12.0.tmp", ".x.12.0.tmpx",
};

/* What killed processes left is removed, this one's number among them, and
   nothing else is: not what another is still writing, nor folders, nor links.
 */
static void test_leftovers(void **state)
{
    temporary *t = *state;
    char name[64];
    const char *path = temporary_write(t, "x", "old", 3);
    snprintf(name, sizeof name, ".x.%ld.0.tmp", (long)getpid());
    temporary_write(t, name, "half", 4);
    temporary_write(t, ".x.12.0.tmp", "", 0);
    temporary_write(t, ".x.999999999.17.tmp", "half", 4);
    const char *locked = temporary_write(t, ".x.13.0.tmp", "half", 4);
    int fd = open(locked, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    temporary_mkdir(t, ".x.14.0.tmp");
    assert_int_equal(symlink("x", temporary_path(t, ".x.15.0.tmp")), 0);
    assert_int_equal(mkfifo(temporary_path(t, ".x.16.0.tmp"), 0600), 0);
    size_t kept = sizeof others / sizeof *others;
    for (size_t i = 0; i < kept; i++)
        temporary_write(t, others[i], "", 0);

    assert_int_equal(replace(path), MNIST_OK);
    expect_text(path, "new text");
    expect_text(locked, "half");
    assert_int_equal(temporary_count(t), 1 + 4 + kept);
    close(fd); /* as the system does when its process ends */
    assert_int_equal(replace(path), MNIST_OK);
    assert_int_equal(temporary_count(t), 1 + 3 + kept);
}

/* One's own lock lasts until the file has its name: eight at once take nothing
   from one another, and what stands is always whole. */
static void test_writers_at_once(void **state)
{
    enum { WRITERS = 8, SAVES = 50, LENGTH = 3000 };
    temporary *t = *state;
    const char *path = temporary_write(t, "x", "", 0);
    pid_t child[WRITERS];
    int result, whole = 1, left = WRITERS;
    for (int i = 0; i < WRITERS; i++) {
        assert_true((child[i] = fork()) >= 0);
        if (child[i] != 0)
            continue;
        char text[LENGTH];
        mnist_status status = MNIST_OK;
        memset(text, 'a' + i, sizeof text);
        for (int k = 0; k < SAVES && !status; k++)
            status = mnist_file_replace(path, &(mnist_piece){text, sizeof text},
                                        1, &err);
        if (status)
            fprintf(stderr, "%s\n", err.message);
        _exit((int)status);
    }
    while (left > 0) {
        size_t length;
        char *text = temporary_read(path, &length);
        whole &= length == 0 ||
                 (length == LENGTH && memcmp(text, text + 1, LENGTH - 1) == 0);
        free(text);
        pid_t ended = waitpid(-1, &result, WNOHANG);
        whole &= ended == 0 || result == 0;
        left -= ended > 0;
    }
    assert_true(whole);
    assert_int_equal(temporary_count(t), 1);
}

static void test_fifo_is_written_directly(void **state)
{
    temporary *t = *state;
    char text[16] = {0};
    const char *path = temporary_path(t, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(replace(path) == MNIST_OK ? 0 : 1);
    FILE *reader = fopen(path, "rb");
    assert_non_null(reader);
    assert_int_equal(fread(text, 1, sizeof text, reader), 8);
    fclose(reader);
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    assert_string_equal(text, "new text");
    assert_true(S_ISFIFO(mode_of(path)));
    assert_int_equal(temporary_count(t), 1);
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
static void test_create(void **state)
{
    static const mnist_piece pieces[] = {{"ab", 2}, {"c", 1}};
    const char *path = temporary_path(*state, "new");
    size_t length;
    assert_int_equal(mnist_file_create(path, pieces, 2, &err), MNIST_OK);
    assert_int_equal(mnist_file_create(path, pieces, 1, &err),
                     MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "new: cannot create: File exists"));
    char *text = temporary_read(path, &length);
    assert_string_equal(text, "abc");
    free(text);
    assert_int_equal(mnist_file_create("/dev/full", pieces, 1, NULL),
                     MNIST_ERROR_SYSTEM);
    assert_int_equal(temporary_count(*state), 1);
}

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
        IN_FOLDER(test_slow_pipe),
        IN_FOLDER(test_standard_input),
        IN_FOLDER(test_new_file),
        IN_FOLDER(test_create),
        IN_FOLDER(test_name_without_folder),
        IN_FOLDER(test_mode_is_kept),
        IN_FOLDER(test_open_reader),
        IN_FOLDER(test_links_are_followed),
        IN_FOLDER(test_long_name),
        IN_FOLDER(test_refused_targets),
        IN_FOLDER(test_no_permission),
        IN_FOLDER(test_write_fails_halfway),
        IN_FOLDER(test_leftovers),
        IN_FOLDER(test_writers_at_once),
        IN_FOLDER(test_fifo_is_written_directly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
