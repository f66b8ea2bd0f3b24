/* IDX files that are written, and the checksums of known ones. */
#include <mnist/idx.h>

#include "support/idx.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static mnist_error err;

static void test_write(void **state)
{
    temporary *t = *state;
    uint8_t images[IDX_IMAGES];
    size_t length;
    const char *path = temporary_path(t, "out");
    make_images(images);
    assert_int_equal(
        mnist_idx_write(path, 3, (size_t[]){2, 28, 28}, images + 16, &err),
        MNIST_OK);
    uint8_t *file = temporary_read(path, &length);
    assert_int_equal(length, IDX_IMAGES);
    assert_memory_equal(file, images, IDX_IMAGES);
    free(file);
    assert_int_equal(
        mnist_idx_write(path, 1, (size_t[]){10}, idx_labels + 8, &err),
        MNIST_OK);
    file = temporary_read(path, &length);
    assert_int_equal(length, sizeof idx_labels);
    assert_memory_equal(file, idx_labels, sizeof idx_labels);
    free(file);
    assert_int_equal(temporary_count(t), 1);
}

static void test_write_refused(void **state)
{
    temporary *t = *state;
    const char *path = temporary_path(t, "out");
    static const size_t size[4] = {1, 1, 1, 1};
    uint8_t byte = 0;
    assert_int_equal(mnist_idx_write(path, 0, size, &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_idx_write(path, 4, size, &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_idx_write(path, 2, (size_t[]){1, 0}, &byte, &err),
                     MNIST_ERROR_ARGUMENT);
#if SIZE_MAX > UINT32_MAX
    assert_int_equal(
        mnist_idx_write(path, 2, (size_t[]){SIZE_MAX, 1}, &byte, &err),
        MNIST_ERROR_ARGUMENT);
#endif
    assert_int_equal(mnist_idx_write(path, 3,
                                     (size_t[]){UINT32_MAX, UINT32_MAX, 2},
                                     &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(
        mnist_idx_write(temporary_path(t, "none/out"), 1, size, &byte, &err),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(temporary_count(t), 0);
}

/* ---- Checksums ---- */

/* Of the labels, by sha256sum. */
static void test_sha256(void **state)
{
    temporary *t = *state;
    mnist_idx idx;
    char hex[65];
    const char *path = temporary_write(t, "x", idx_labels, sizeof idx_labels);
    assert_int_equal(mnist_idx_read(&idx, path, &err), MNIST_OK);
    mnist_idx_sha256(&idx, hex);
    mnist_idx_free(&idx);
    assert_string_equal(
        hex,
        "5ef1edad0e98e763d3493d0d3f4287f5745a87b6cf49e86e05d19e8e9d860a4a");
    assert_null(mnist_idx_known(hex));
    assert_null(mnist_idx_known(""));
    assert_string_equal(
        mnist_idx_known("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7"
                        "762c4d494ce7"),
        "MNIST test images");
}

/* With the real files at hand: MNIST_REAL_DATA names their folder. */
static void test_real_files(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"train-images-idx3-ubyte", "MNIST training images"},
        {"train-labels-idx1-ubyte", "MNIST training labels"},
        {"t10k-images-idx3-ubyte", "MNIST test images"},
        {"t10k-labels-idx1-ubyte", "MNIST test labels"}};
    const char *folder = getenv("MNIST_REAL_DATA");
    int seen = 0;
    for (size_t i = 0; folder && i < 8; i++) {
        char path[1024], hex[65];
        mnist_idx idx;
        snprintf(path, sizeof path, "%s/%s%s", folder, files[i / 2][0],
                 i % 2 ? ".gz" : "");
        if (access(path, R_OK) != 0)
            continue;
        assert_int_equal(mnist_idx_read(&idx, path, &err), MNIST_OK);
        mnist_idx_sha256(&idx, hex);
        mnist_idx_free(&idx);
        assert_non_null(mnist_idx_known(hex));
        assert_string_equal(mnist_idx_known(hex), files[i / 2][1]);
        seen++;
    }
    if (!seen)
        skip();
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_write),
        IN_FOLDER(test_write_refused),
        IN_FOLDER(test_sha256),
        cmocka_unit_test(test_real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
