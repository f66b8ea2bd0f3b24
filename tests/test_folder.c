/* Folders of pictures: written and read again, their order, what is skipped,
   and what cannot be read or written. */
#include "support/allocations.h"
#include "support/temporary.h"

#include <mnist/folder.h>
#include <mnist/picture.h>
#include <mnist/synth.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A picture of one grey. */
static void put(temporary *t, const char *name, uint8_t grey, size_t side)
{
    uint8_t pixels[100];
    memset(pixels, grey, sizeof pixels);
    assert_int_equal(
        mnist_picture_write(temporary_path(t, name), side, side, pixels, NULL),
        MNIST_OK);
}

typedef struct notes {
    char text[512];
} notes;

static void note(void *user, const char *name, const char *why)
{
    notes *n = user;
    size_t length = strlen(n->text);
    const char *end = strrchr(name, '/');
    snprintf(n->text + length, sizeof n->text - length, "%s: %s\n",
             end ? end + 1 : name, why);
}

/* ---- There and back ---- */

static void there_and_back(temporary *t, int labelled)
{
    const mnist_folder_options how = {.labelled = labelled};
    const char *path = temporary_path(t, "u");
    mnist_dataset digits, again;
    assert_int_equal(mnist_synth_dataset(&digits, 120, 9, 11, 4, 0, NULL), 0);
    if (!labelled)
        digits.labels = NULL;
    assert_int_equal(mnist_folder_write(path, &digits, NULL), MNIST_OK);
    assert_int_equal(temporary_count(t), 1);
    assert_int_equal(mnist_folder_read(&again, path, &how, NULL), MNIST_OK);
    assert_int_equal(again.count, 120);
    assert_int_equal(again.rows, 9);
    assert_int_equal(again.cols, 11);
    assert_memory_equal(again.pixels, digits.pixels, 120 * 99);
    if (labelled) {
        assert_int_equal(again.classes, digits.classes);
        assert_memory_equal(again.labels, digits.labels, 120);
    } else {
        assert_null(again.labels);
    }
    mnist_dataset_free(&digits);
    mnist_dataset_free(&again);
}

static void test_there_and_back(void **state)
{
    there_and_back(*state, 1);
}

static void test_without_labels(void **state)
{
    there_and_back(*state, 0);
}

/* ---- Reading ---- */

/* By name, byte for byte; of one name by label; "07" is 7. */
static void test_order(void **state)
{
    temporary *t = *state;
    const mnist_folder_options how = {.labelled = 1};
    mnist_dataset data;
    static const char *const folders[] = {"f", "f/7", "f/07", "f/10", "f/255"};
    for (size_t i = 0; i < 5; i++)
        temporary_mkdir(t, folders[i]);
    put(t, "f/10/b", 1, 3);
    put(t, "f/7/b", 2, 3);
    put(t, "f/255/a", 3, 3);
    put(t, "f/7/Z", 4, 3);
    put(t, "f/7/\xff", 5, 3);
    put(t, "f/07/b", 6, 3);
    put(t, "f/7/.hidden", 7, 3);
    assert_int_equal(
        mnist_folder_read(&data, temporary_path(t, "f"), &how, NULL), 0);
    assert_int_equal(data.count, 6);
    assert_int_equal(data.classes, 256);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(data.pixels[9 * i], "\4\3\6\2\1\5"[i]);
        assert_int_equal(data.labels[i], ((uint8_t[]){7, 255, 7, 7, 10, 7})[i]);
    }
    mnist_dataset_free(&data);
}

static void test_skipped(void **state)
{
    temporary *t = *state;
    notes n = {""};
    const mnist_folder_options how = {
        .labelled = 1, .skipped = note, .user = &n};
    mnist_dataset data;
    static const char *const folders[] = {"f",     "f/1",    "f/256", "f/x",
                                          "f/1/2", "f/0001", "f/1x"};
    for (size_t i = 0; i < 7; i++)
        temporary_mkdir(t, folders[i]);
    put(t, "f/1/b", 1, 3);
    put(t, "f/256/b", 1, 4);
    put(t, "f/1/2/b", 1, 4);
    put(t, "f/1/.b", 1, 4);
    put(t, "b", 9, 3);
    put(t, "f/lost", 1, 4);
    temporary_write(t, "f/1/empty", "", 0);
    temporary_write(t, "f/1/jpeg\x1b[2J", "\xff\xd8\xff\xe0", 4);
    temporary_write(t, "f/1/odd", "\1\2\3", 3);
    temporary_write(t, "f/1/text", "abc", 3);
    assert_int_equal(mkfifo(temporary_path(t, "f/1/pipe"), 0600), 0);
    assert_int_equal(symlink("../../b", temporary_path(t, "f/1/link")), 0);
    assert_int_equal(
        mnist_folder_read(&data, temporary_path(t, "f"), &how, NULL), 0);
    assert_int_equal(data.count, 2);
    assert_int_equal(data.pixels[9], 9); /* the link's */
    mnist_dataset_free(&data);
    static const char *const told[] = {
        "2: a folder\n",
        "256: a folder that is not named 0 to 255\n",
        "x: a folder that",
        "0001: a folder that",
        "1x: a folder that",
        "lost: in no label's folder\n",
        "empty: empty\n",
        "jpeg\\x1b[2J: a JPEG picture\n",
        "odd: of no kind that is known\n",
        "text: a text file\n",
        "pipe: not a file\n"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!strstr(n.text, told[i]))
            fail_msg("\"%s\" is not in \"%s\"", told[i], n.text);
    assert_null(strstr(n.text, ".b"));
}

static void refuse(temporary *t, int labelled, mnist_status status,
                   const char *why)
{
    const mnist_folder_options how = {.labelled = labelled};
    mnist_dataset data;
    mnist_error err;
    assert_int_equal(
        mnist_folder_read(&data, temporary_path(t, "f"), &how, &err), status);
    if (!strstr(err.message, why))
        fail_msg("expected %s; got %s", why, err.message);
}

static void test_refused(void **state)
{
    temporary *t = *state;
    refuse(t, 1, MNIST_ERROR_SYSTEM, "f: cannot list: No such file");
    temporary_mkdir(t, "f");
    temporary_mkdir(t, "f/1");
    refuse(t, 1, MNIST_ERROR_DATA, "named by their label");
    refuse(t, 0, MNIST_ERROR_DATA,
           "f holds no pictures in PNG, PGM or PPM format");
    put(t, "f/1/a", 1, 3);
    put(t, "f/1/b", 1, 4);
    refuse(t, 1, MNIST_ERROR_DATA, "f/1/b is 4x4, expected 3x3 as ");
    temporary_write(t, "f/1/b", "\x89PNG\r\n\x1a\n", 8);
    refuse(t, 1, MNIST_ERROR_DATA, "f/1/b: byte 8: the PNG file is cut off");
    unlink(temporary_path(t, "f/1/b"));
    assert_int_equal(symlink("nowhere", temporary_path(t, "f/1/b")), 0);
    refuse(t, 1, MNIST_ERROR_SYSTEM, "f/1/b: cannot open: No such file");
}

static mnist_status stop(void *user, mnist_dataset *picture, mnist_error *err)
{
    (void)user, (void)picture;
    return mnist_fail(err, MNIST_ERROR_STOPPED, "no more");
}

static void test_prepare(void **state)
{
    temporary *t = *state;
    const mnist_folder_options how = {.prepare = stop};
    mnist_dataset data;
    mnist_error err;
    temporary_mkdir(t, "f");
    put(t, "f/a", 1, 3);
    assert_int_equal(
        mnist_folder_read(&data, temporary_path(t, "f"), &how, &err),
        MNIST_ERROR_STOPPED);
}

/* ---- Writing ---- */

static void test_nothing_is_overwritten(void **state)
{
    temporary *t = *state;
    mnist_dataset digits;
    mnist_error err;
    assert_int_equal(mnist_synth_dataset(&digits, 2, 8, 8, 4, 0, NULL), 0);
    const char *folder = temporary_mkdir(t, "f");
    temporary_write(t, "f/.hidden", "x", 1);
    assert_int_equal(mnist_folder_write(folder, &digits, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "f: exists already and is not empty"));
    unlink(temporary_path(t, "f/.hidden"));
    assert_int_equal(mnist_folder_write(folder, &digits, &err), MNIST_OK);
    const char *file = temporary_write(t, "g", "x", 1);
    assert_int_equal(mnist_folder_write(file, &digits, &err),
                     MNIST_ERROR_SYSTEM);
    assert_int_equal(
        mnist_folder_write(temporary_path(t, "no/f"), &digits, &err),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(temporary_count(t), 2);
    mnist_dataset_free(&digits);
}

/* Each allocation fails in turn: first in writing, of which nothing is left
   then, and when that is done in reading. */
static void test_out_of_memory(void **state)
{
    temporary *t = *state;
    const mnist_folder_options how = {.labelled = 1};
    const char *path = temporary_path(t, "u");
    mnist_dataset digits, again;
    assert_int_equal(mnist_synth_dataset(&digits, 7, 8, 8, 4, 0, NULL), 0);
    size_t live = allocations_live(), failures = 0;
    bool written = false, read = false;
    for (size_t after = 0; !read; after++) {
        allocations_fail(after);
        mnist_status status = written
                                  ? mnist_folder_read(&again, path, &how, NULL)
                                  : mnist_folder_write(path, &digits, NULL);
        bool failed = allocations_failed();
        allocations_fail(SIZE_MAX);
        assert_int_equal(status, failed ? MNIST_ERROR_MEMORY : MNIST_OK);
        assert_true(failed || written || temporary_count(t) == 1);
        assert_true(written || !failed || temporary_count(t) == 0);
        failures += failed ? 1 : 0;
        if (!failed) {
            read = written;
            written = true;
            after = SIZE_MAX; /* the next is 0 */
        }
        if (!read)
            assert_int_equal(allocations_live(), live);
    }
    assert_true(failures > 20);
    mnist_dataset_free(&again);
    mnist_dataset_free(&digits);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_there_and_back),
        IN_FOLDER(test_without_labels),
        IN_FOLDER(test_order),
        IN_FOLDER(test_skipped),
        IN_FOLDER(test_refused),
        IN_FOLDER(test_prepare),
        IN_FOLDER(test_nothing_is_overwritten),
        IN_FOLDER(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
