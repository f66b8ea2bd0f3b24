/* Paths to what is no plain file, and names that are hard to show. */
#include "bad/bad.h"

#include "support/idx.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- What stands under the name ---- */

static void link_to(temporary *t, const char *target)
{
    assert_int_equal(symlink(target, temporary_path(t, BAD)), 0);
}

static void make_folder(temporary *t)
{
    temporary_mkdir(t, BAD);
}

static void make_link(temporary *t)
{
    link_to(t, "images");
}

static void make_dangling_link(temporary *t)
{
    link_to(t, "nowhere");
}

static void make_loop(temporary *t)
{
    link_to(t, BAD);
}

static void make_link_to_folder(temporary *t)
{
    link_to(t, "data");
}

static void make_socket(temporary *t)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = temporary_path(t, BAD);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

static void make_unreadable(temporary *t)
{
    temporary_write(t, BAD, "x", 1);
    assert_int_equal(chmod(temporary_path(t, BAD), 0), 0);
}

/* A link to a file in a folder that may not be entered. */
static void make_locked_folder(temporary *t)
{
    temporary_mkdir(t, "locked");
    temporary_write(t, "locked/file", "x", 1);
    link_to(t, "locked/file");
    assert_int_equal(chmod(temporary_path(t, "locked"), 0), 0);
}

static void unlock_folder(temporary *t)
{
    chmod(temporary_path(t, "locked"), 0700);
    unlink(temporary_path(t, "locked/file"));
    rmdir(temporary_path(t, "locked"));
}

/* ---- FIFOs ---- */

static pid_t writer;

/* Writes the labels, or the first of them, a byte each so many ns. */
static void start_writer(temporary *t, size_t length, long pause)
{
    const char *path = temporary_path(t, BAD);
    assert_int_equal(mkfifo(path, 0600), 0);
    writer = fork();
    assert_true(writer >= 0);
    if (writer > 0)
        return;
    alarm(20); /* nobody may come to read */
    int fd = open(path, O_WRONLY);
    for (size_t i = 0; fd >= 0 && i < length; i++) {
        const struct timespec wait = {.tv_nsec = pause};
        if (write(fd, idx_labels + i, 1) != 1)
            break;
        nanosleep(&wait, NULL);
    }
    _exit(0);
}

static void end_writer(temporary *t)
{
    int status;
    (void)t;
    assert_int_equal(waitpid(writer, &status, 0), writer);
}

static void make_slow_fifo(temporary *t)
{
    start_writer(t, IDX_LABELS, 1000000);
}

static void make_short_fifo(temporary *t)
{
    start_writer(t, IDX_LABELS - 1, 0);
}

static void make_empty_fifo(temporary *t)
{
    start_writer(t, 0, 0);
}

static void make_headless_fifo(temporary *t)
{
    start_writer(t, 3, 0);
}

static void fifos(bad_list *list)
{
    static const bad_case cases[] = {
        {.name = "info: a FIFO, a byte each millisecond",
         .words = {"sizes   10"},
         .prepare = make_slow_fifo},
        {.name = "info: a FIFO closed a byte too early",
         .status = 3,
         .words = {"holds 17 bytes", "promises 18"},
         .prepare = make_short_fifo},
        {.name = "info: a FIFO closed at once",
         .status = 3,
         .words = {"is empty"},
         .prepare = make_empty_fifo},
        {.name = "info: a FIFO closed in the header",
         .status = 3,
         .words = {"found 3 bytes"},
         .prepare = make_headless_fifo},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bad_case added = cases[i];
        added.arguments[0] = "info";
        added.arguments[1] = BAD;
        added.clean = end_writer;
        bad_add(list, &added);
    }
}

/* ---- Each way to be no file, for each reader ---- */

static void add_to_all(bad_list *list, const bad_case *case_of)
{
    bad_case file = *case_of;
    file.status = 5;
    bad_add_images(list, &file);
    bad_add_labels(list, &file);
    bad_add_weights(list, &file);
}

/* Of info, which tells what a data folder holds, this is one that is none. */
static void folders(bad_list *list)
{
    static const bad_case cases[] = {
        {.name = "a folder",
         .words = {"is a directory"},
         .prepare = make_folder},
        {.name = "a link to a folder",
         .words = {"is a directory"},
         .prepare = make_link_to_folder},
    };
    size_t begin = list->count;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        add_to_all(list, &cases[i]);
    bad_leave_out_info(list, begin);
    bad_case none = {.name = "info: a folder without data",
                     .arguments = {"info", BAD},
                     .status = 5,
                     .words = {"bad-file holds neither"},
                     .prepare = make_folder};
    bad_add(list, &none);
}

static void no_files(bad_list *list)
{
    static const bad_case cases[] = {
        {.name = "a link to nothing",
         .words = {"o such"},
         .prepare = make_dangling_link},
        {.name = "a link to itself",
         .words = {"symbolic links"},
         .prepare = make_loop},
        {.name = "a socket", .words = {"cannot open"}, .prepare = make_socket},
        {.name = "nothing", .words = {"o such"}},
        {.name = "a file that may not be read",
         .words = {"cannot open: Permission denied"},
         .prepare = make_unreadable,
         .how = {.unprivileged = true}},
        {.name = "a folder that may not be entered",
         .words = {"cannot open: Permission denied"},
         .prepare = make_locked_folder,
         .clean = unlock_folder,
         .how = {.unprivileged = true}},
    };
    folders(list);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        add_to_all(list, &cases[i]);
    bad_case link = {.name = "show: a link to images",
                     .arguments = {"info", BAD},
                     .words = {"sizes   100 x 28 x 28"},
                     .prepare = make_link};
    bad_add(list, &link);
}

/* ---- Devices and names ---- */

#define A50      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_255 A50 A50 A50 A50 A50 "abcde"

static void named(temporary *t, const char *name)
{
    temporary_write(t, name, "x", 1);
}

static void name_255(temporary *t)
{
    named(t, NAME_255);
}

static void name_newline(temporary *t)
{
    named(t, "a\nb");
}

static void name_escape(temporary *t)
{
    named(t, "a\x1b[2Jb");
}

static void name_invalid(temporary *t)
{
    named(t, "a\xff\xc3(b");
}

static void name_dash(temporary *t)
{
    named(t, "-x");
}

static void devices_and_names(bad_list *list)
{
    static const bad_case cases[] = {
        {.name = "info: /dev/null",
         .arguments = {"info", "/dev/null"},
         .status = 3,
         .words = {"/dev/null is empty"}},
        {.name = "info: /dev/zero",
         .arguments = {"info", "/dev/zero"},
         .status = 3,
         .words = {"/dev/zero: byte 2: found 00"}},
        {.name = "eval: weights of /dev/null",
         .arguments = {"eval", "/dev/null", "--data", "data"},
         .status = 4,
         .words = {"/dev/null: the file is empty"}},
        {.name = "eval: weights of /dev/zero",
         .arguments = {"eval", "/dev/zero", "--data", "data"},
         .status = 4,
         .words = {"/dev/zero: not weights"}},
        {.name = "train: into /dev/full",
         .arguments = {"train", "--data", "data", "--epochs", "0", "-q",
                       "--out", "/dev/full"},
         .status = 5,
         .words = {"/dev/full: cannot write"}},
        {.name = "export: a page into /dev/full",
         .arguments = {"export", "weights", "--html", "/dev/full"},
         .status = 5,
         .words = {"/dev/full: cannot write"}},
        {.name = "show: into /dev/full",
         .arguments = {"show", "images"},
         .status = 5,
         .words = {"standard output: cannot write"},
         .how = {.output = "/dev/full"}},
        {.name = "info: a file as a folder",
         .arguments = {"info", "images/x"},
         .status = 5,
         .words = {"images/x: cannot open: Not a directory"}},
        {.name = "info: a name of 255 bytes",
         .arguments = {"info", NAME_255},
         .status = 3,
         .words = {A50 "abcde is a text file"},
         .prepare = name_255},
        {.name = "info: a name of 256 bytes",
         .arguments = {"info", NAME_255 "f"},
         .status = 5,
         .words = {"...a", "abcdef: cannot open: File name too long"}},
        {.name = "info: a name with a newline",
         .arguments = {"info", "a\nb"},
         .status = 3,
         .words = {"a\\x0ab is a text file"},
         .prepare = name_newline},
        {.name = "info: a name with an escape",
         .arguments = {"info", "a\x1b[2Jb"},
         .status = 3,
         .words = {"a\\x1b[2Jb is a text file"},
         .prepare = name_escape},
        {.name = "info: a name that is not UTF-8",
         .arguments = {"info", "a\xff\xc3(b"},
         .status = 3,
         .words = {"a\\xff\\xc3(b is a text file"},
         .prepare = name_invalid},
        {.name = "info: a name after --",
         .arguments = {"info", "--", "-x"},
         .status = 3,
         .words = {"-x is a text file"},
         .prepare = name_dash},
        {.name = "info: a name that begins with a dash",
         .arguments = {"info", "-x"},
         .status = 2,
         .words = {"unknown option -x"},
         .prepare = name_dash},
        {.name = "info: no name at all",
         .arguments = {"info", ""},
         .status = 2,
         .words = {"argument 1 is empty"}},
        {.name = "eval: weights of an odd name",
         .arguments = {"eval", "a\nb", "--data", "data"},
         .status = 4,
         .words = {"a\\x0ab: a text file"},
         .prepare = name_newline},
        {.name = "train: out of an odd name",
         .arguments = {"train", "--data", "data", "--out", "a\nb/x"},
         .status = 5,
         .words = {"a\\x0ab is not a folder"},
         .prepare = name_newline},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bad_case added = cases[i];
        added.anonymous = 1;
        bad_add(list, &added);
    }
}

void bad_paths(bad_list *list)
{
    no_files(list);
    fifos(list);
    devices_and_names(list);
}
