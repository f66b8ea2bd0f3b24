/* Folders of drawn digits: whole or not there, and never over data; and the
   digits that come with the sources. */
#include <mnist/idx.h>
#include <mnist/synth.h>

#include "support/temporary.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#define PIXELS 784

static bool exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static void assert_part(const char *folder, mnist_part part, size_t count,
                        uint64_t seed, uint64_t first)
{
    mnist_dataset set;
    mnist_error err;
    assert_int_equal(mnist_dataset_load_part(&set, folder, part, &err),
                     MNIST_OK);
    assert_int_equal(set.count, count);
    assert_int_equal(set.rows, 28);
    assert_int_equal(set.cols, 28);
    for (size_t i = 0; i < count; i++) {
        uint8_t pixels[PIXELS];
        assert_int_equal(mnist_synth_digit(pixels, 28, 28, seed, first + i),
                         set.labels[i]);
        assert_memory_equal(pixels, set.pixels + i * PIXELS, PIXELS);
    }
    mnist_dataset_free(&set);
}

static void test_folder_is_made_and_read(void **state)
{
    temporary *t = *state;
    const char *folder = temporary_path(t, "digits");
    mnist_error err;
    assert_int_equal(mnist_synth_folder(folder, 30, 11, 8, &err), MNIST_OK);
    assert_part(folder, MNIST_TRAIN, 30, 8, 0);
    assert_part(folder, MNIST_TEST, 11, 8, 30);
}

static void test_folders_above_are_made(void **state)
{
    temporary *t = *state;
    const char *folder = temporary_path(t, "a/b//digits/");
    assert_int_equal(mnist_synth_folder(folder, 2, 1, 8, NULL), MNIST_OK);
    assert_part(folder, MNIST_TRAIN, 2, 8, 0);
    assert_true(exists(temporary_path(t, "a/b/digits")));
}

static void test_folder_may_be_there(void **state)
{
    temporary *t = *state;
    const char *folder = temporary_mkdir(t, "digits");
    temporary_write(t, "digits/notes.txt", "mine", 4);
    assert_int_equal(mnist_synth_folder(folder, 2, 1, 8, NULL), MNIST_OK);
    assert_part(folder, MNIST_TRAIN, 2, 8, 0);
    assert_true(exists(temporary_path(t, "digits/notes.txt")));
}

static void test_folder_never_overwrites(void **state)
{
    static const char *const stems[][2] = {{"train-images", "idx3-ubyte"},
                                           {"train-labels", "idx1-ubyte"},
                                           {"t10k-images", "idx3-ubyte"},
                                           {"t10k-labels", "idx1-ubyte"}};
    temporary *t = *state;
    for (size_t i = 0; i < 16; i++) {
        char name[64];
        mnist_error err;
        const char *const *stem = stems[i / 4];
        snprintf(name, sizeof name, "%s%c%s%s", stem[0], i % 4 < 2 ? '-' : '.',
                 stem[1], i % 2 ? ".gz" : "");
        const char *path = temporary_write(t, name, "real", 4);
        assert_int_equal(mnist_synth_folder(temporary_folder(t), 2, 1, 8, &err),
                         MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, name));
        assert_int_equal(temporary_count(t), 1);
        char *held = temporary_read(path, &(size_t){0});
        assert_string_equal(held, "real");
        free(held);
        remove(path);
    }
}

static void test_folder_refuses(void **state)
{
    temporary *t = *state;
    mnist_error err;
    const char *folder = temporary_path(t, "new");
    assert_int_equal(mnist_synth_folder(folder, 0, 1, 8, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_synth_folder(folder, 1, 0, 8, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_false(exists(folder));

    const char *file = temporary_write(t, "file", "x", 1);
    const char *below = temporary_path(t, "file/new/digits");
    assert_int_equal(mnist_synth_folder(file, 1, 1, 8, &err),
                     MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, file));
    assert_int_equal(mnist_synth_folder(below, 1, 1, 8, &err),
                     MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, file));

    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(mnist_synth_folder(longest, 1, 1, 8, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "too long"));
}

/* The test images do not fit where the training images did. */
static void test_folder_takes_back_a_half(void **state)
{
    temporary *t = *state;
    mnist_error err;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 8192, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    mnist_status status =
        mnist_synth_folder(temporary_folder(t), 2, 100, 8, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, MNIST_ERROR_SYSTEM);
    assert_int_equal(temporary_count(t), 0);
}

/* ---- The files that come with the sources ---- */

static void test_data_files_are_these_digits(void **state)
{
    static const char *const folder = MNIST_TEST_DIR "/../data";
    char images[4096], labels[4096], one[4096];
    mnist_dataset set;
    mnist_error err;
    uint8_t pixels[PIXELS];
    (void)state;
    snprintf(images, sizeof images, "%s/digits-100-images-idx3-ubyte", folder);
    snprintf(labels, sizeof labels, "%s/digits-100-labels-idx1-ubyte", folder);
    snprintf(one, sizeof one, "%s/digit.idx", folder);
    assert_int_equal(mnist_dataset_load(&set, images, labels, &err), MNIST_OK);
    assert_int_equal(set.count, 100);
    for (size_t i = 0; i < set.count; i++) {
        assert_int_equal(mnist_synth_digit(pixels, 28, 28, 1, i),
                         set.labels[i]);
        assert_memory_equal(pixels, set.pixels + i * PIXELS, PIXELS);
    }
    mnist_dataset_free(&set);

    mnist_idx digit;
    assert_int_equal(mnist_idx_read(&digit, one, &err), MNIST_OK);
    assert_int_equal(digit.dims, 2);
    assert_int_equal(digit.count, PIXELS);
    mnist_synth_digit(pixels, 28, 28, 1, 100);
    assert_memory_equal(pixels, digit.data, PIXELS);
    mnist_idx_free(&digit);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_folder_is_made_and_read),
        IN_FOLDER(test_folders_above_are_made),
        IN_FOLDER(test_folder_may_be_there),
        IN_FOLDER(test_folder_never_overwrites),
        IN_FOLDER(test_folder_refuses),
        IN_FOLDER(test_folder_takes_back_a_half),
        cmocka_unit_test(test_data_files_are_these_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
