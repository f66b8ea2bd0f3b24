/* Files replaced whole, whatever goes wrong: base/file.h. */
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
#include <unistd.h>

#include <cmocka.h>

static mnist_error err;

static const mnist_piece new_pieces[] = {{"new ", 4}, {"", 0}, {"text", 4}};

/* What is asked beforehand must say what then happens, but for what can only
   be known by writing. */
static mnist_status replace(const char *path)
{
    mnist_error before = {.message = ""};
    mnist_status can = mnist_file_can_replace(path, &before);
    err.message[0] = '\0';
    mnist_status status = mnist_file_replace(path, new_pieces, 3, &err);
    if (can) {
        assert_int_equal(can, status);
        assert_string_equal(before.message, err.message);
    } else if (status) {
        assert_non_null(strstr(err.message, "cannot write: "));
    }
    return status;
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

static void test_asking_changes_nothing(void **state)
{
    temporary *t = *state;
    const char *path = temporary_path(t, "new");
    assert_int_equal(mnist_file_can_replace(path, NULL), MNIST_OK);
    assert_int_equal(temporary_count(t), 0);
    temporary_write(t, "new", "old", 3);
    assert_int_equal(mnist_file_can_replace(path, NULL), MNIST_OK);
    expect_text(path, "old");
    assert_int_equal(temporary_count(t), 1);
}

static void test_create(void **state)
{
    static const mnist_piece pieces[] = {{"ab", 2}, {"c", 1}};
    const char *path = temporary_path(*state, "new");
    assert_int_equal(mnist_file_create(path, pieces, 2, &err), MNIST_OK);
    assert_int_equal(mnist_file_create(path, pieces, 1, &err),
                     MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "new: cannot create: File exists"));
    expect_text(path, "abc");
    assert_int_equal(mnist_file_create("/dev/full", pieces, 1, NULL),
                     MNIST_ERROR_SYSTEM);
    assert_int_equal(temporary_count(*state), 1);
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
    expect_refused(temporary_folder(t),
                   ": is a directory, expected a file; name one in it");
    expect_refused(temporary_path(t, "none/x"),
                   ": cannot create a file in its folder: No such file or "
                   "directory");
    temporary_write(t, "file", "old", 3);
    expect_refused(temporary_path(t, "file/x"),
                   ": cannot write: Not a directory");
    assert_int_equal(symlink("loop", temporary_path(t, "loop")), 0);
    char reason[128]; /* libraries differ in their words for it */
    snprintf(reason, sizeof reason, ": cannot write: %s", strerror(ELOOP));
    expect_refused(temporary_path(t, "loop"), reason);
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

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_new_file),
        IN_FOLDER(test_asking_changes_nothing),
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
