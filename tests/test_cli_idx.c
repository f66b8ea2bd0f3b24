/* mnist idx, as a user runs it. */
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist/picture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IDX(t, ...) RUN_WELL(t, "idx", __VA_ARGS__)

static void test_there_and_back(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "idx", "unpack", "u", "--images", DATA_TEST_IMAGES, "--labels",
        DATA_TEST_LABELS);
    assert_string_equal(p.out, "wrote 100 pictures into u\n");
    assert_string_equal(p.err, "");
    program_forget(&p);
    RUN(&p, "idx", "pack", "u", "--images", "i", "--labels", "l");
    assert_string_equal(p.out, "wrote 100 images of 28x28 into i and their "
                               "labels into l\n");
    assert_string_equal(p.err, "");
    program_forget(&p);
    assert_same_bytes(t, DATA_TEST_IMAGES, "i");
    assert_same_bytes(t, DATA_TEST_LABELS, "l");
    /* Turned there and back. */
    IDX(t, "unpack", "v", "--images", "i", "--transpose", "--invert", "-q");
    IDX(t, "pack", "v", "--images", "j", "--transpose", "--invert", "-q");
    assert_same_bytes(t, "i", "j");
    IDX(t, "unpack", "w", "--images", "i", "-n", "98:");
    assert_int_equal(access(temporary_path(t, "w/00001.png"), F_OK), 0);
    assert_int_equal(access(temporary_path(t, "w/00002.png"), F_OK), -1);
}

static void test_nothing_is_overwritten(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    IDX(t, "unpack", "x", "--images", DATA_TEST_IMAGES, "-q", "-n:2");
    temporary_write(t, "there", "old", 3);
    RUN(&p, "idx", "pack", "x", "--images", "there");
    REFUSED(&p, 2, "--images: there exists already");
    program_forget(&p);
    RUN(&p, "idx", "pack", "x", "--images", "new", "--labels", "there");
    REFUSED(&p, 2, "--labels: there exists already");
    program_forget(&p);
    assert_int_equal(access(temporary_path(t, "new"), F_OK), -1);
    RUN(&p, "idx", "unpack", "x", "--images", DATA_TEST_IMAGES);
    REFUSED(&p, 2, "x: exists already and is not empty");
    program_forget(&p);
    RUN(&p, "idx", "unpack", "no/x", "--images", DATA_TEST_IMAGES);
    REFUSED(&p, 5, "cannot make the folder: the one above it", "make that");
    program_forget(&p);
}

static void put(temporary *t, const char *name, size_t side, uint8_t ink)
{
    static uint8_t pixels[100 * 100];
    memset(pixels, 255 - ink, sizeof pixels);
    for (size_t y = side / 4; y < side / 2; y++)
        memset(pixels + y * side + side / 3, ink, side / 4);
    assert_int_equal(
        mnist_picture_write(temporary_path(t, name), side, side, pixels, NULL),
        MNIST_OK);
}

/* Pictures of any size and either way round, and what is none among them. */
static void test_own_drawings(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    temporary_mkdir(t, "mine");
    temporary_mkdir(t, "mine/3");
    temporary_mkdir(t, "mine/11");
    put(t, "mine/3/b.png", 60, 0);
    put(t, "mine/3/c.png", 90, 0);
    put(t, "mine/11/a.png", 28, 255);
    temporary_write(t, "mine/3/notes.txt", "abc", 3);
    RUN(&p, "idx", "pack", "mine", "--images", "mi", "--labels", "ml");
    REFUSED(&p, 3, "mine/3/b.png is 60x60, expected 28x28 as mine/11/a.png is");
    program_forget(&p);
    RUN(&p, "idx", "pack", "mine", "--images", "mi", "--labels", "ml",
        "--preprocess");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.err, "mnist: warning: mine/3/notes.txt is "
                                  "skipped: a text file\n"));
    assert_non_null(strstr(p.err, "of 3 pictures 2 black on white, so "
                                  "inverted; 3 brought to MNIST's form"));
    assert_string_equal(
        p.out, "wrote 3 images of 28x28 into mi and their labels into ml\n");
    program_forget(&p);
    size_t length;
    uint8_t *labels = temporary_read(temporary_path(t, "ml"), &length);
    assert_int_equal(length, 8 + 3);
    assert_memory_equal(labels + 8, ((uint8_t[]){11, 3, 3}), 3);
    free(labels);
    uint8_t *images = temporary_read(temporary_path(t, "mi"), &length);
    assert_int_equal(length, 16 + 3 * 784);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(images[16 + 784 * i], 0); /* black corners */
        assert_int_equal(images[16 + 784 * i + 14 * 28 + 14], 255);
    }
    free(images);
}

/* The first ten of what is skipped are told, and how many more. */
static void test_many_skipped(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    temporary_mkdir(t, "many");
    put(t, "many/a.png", 28, 255);
    for (int i = 0; i < 13; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/%d.txt", i);
        temporary_write(t, name, "abc", 3);
    }
    RUN(&p, "idx", "pack", "many", "--images", "mm");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 10 + 1);
    assert_non_null(strstr(p.err, "mnist: warning: 3 more are skipped\n"));
    program_forget(&p);
    RUN(&p, "idx", "pack", "many", "--images", "mn", "--quiet");
    assert_string_equal(p.err, "");
    assert_string_equal(p.out, "");
    program_forget(&p);
    assert_same_bytes(t, "mm", "mn");
}

/* Labels that cannot be written leave no images either. */
static void test_all_or_nothing(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    temporary_mkdir(t, "one");
    temporary_mkdir(t, "one/1");
    put(t, "one/1/a.png", 28, 255);
    RUN(&p, "idx", "pack", "one", "--images", "oi", "--labels", "no/ol");
    REFUSED(&p, 5, "--labels: cannot write into no");
    program_forget(&p);
    assert_int_equal(access(temporary_path(t, "oi"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_nothing_is_overwritten),
        cmocka_unit_test(test_own_drawings),
        cmocka_unit_test(test_many_skipped),
        cmocka_unit_test(test_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
