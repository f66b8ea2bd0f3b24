#include <mnist/dataset.h>

#include "support/deflate.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static mnist_error err;

/* Two images of 2x3, and labels for two and for three. */
static const uint8_t images2[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,  0,  0,
                                  0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const uint8_t image[] = {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 50, 60};
static const uint8_t labels1[] = {0, 0, 8, 1, 0, 0, 0, 1, 0};
static const uint8_t labels2[] = {0, 0, 8, 1, 0, 0, 0, 2, 9, 3};
static const uint8_t labels3[] = {0, 0, 8, 1, 0, 0, 0, 3, 9, 3, 1};

#define WRITE(t, name, bytes) temporary_write(t, name, bytes, sizeof bytes)

static void test_load(void **state)
{
    temporary *t = *state;
    mnist_dataset data;
    const char *images = WRITE(t, "i", images2);
    const char *labels = WRITE(t, "l", labels2);
    assert_int_equal(mnist_dataset_load(&data, images, labels, &err), MNIST_OK);
    assert_int_equal(data.count, 2);
    assert_int_equal(data.rows, 2);
    assert_int_equal(data.cols, 3);
    assert_memory_equal(data.pixels, images2 + 16, 12);
    assert_memory_equal(data.labels, labels2 + 8, 2);
    assert_int_equal(data.classes, 10);
    mnist_dataset_free(&data);
    assert_int_equal(data.count, 0);
    assert_null(data.pixels);
    mnist_dataset_free(&data);
    mnist_dataset_free(NULL);
}

static void test_images_only(void **state)
{
    temporary *t = *state;
    mnist_dataset data;
    assert_int_equal(
        mnist_dataset_load(&data, WRITE(t, "i", images2), NULL, &err),
        MNIST_OK);
    assert_int_equal(data.count, 2);
    assert_null(data.labels);
    assert_int_equal(data.classes, 0);
    mnist_dataset_free(&data);
}

static void test_single_image(void **state)
{
    temporary *t = *state;
    mnist_dataset data;
    const char *path = WRITE(t, "i", image);
    assert_int_equal(
        mnist_dataset_load(&data, path, WRITE(t, "l", labels1), &err),
        MNIST_OK);
    assert_int_equal(data.count, 1);
    assert_int_equal(data.rows, 1);
    assert_int_equal(data.cols, 2);
    assert_memory_equal(data.pixels, image + 12, 2);
    assert_int_equal(data.classes, 1);
    mnist_dataset_free(&data);
}

static void expect_data_error(const char *images, const char *labels,
                              const char *message)
{
    mnist_dataset data, untouched;
    memset(&data, 0xa5, sizeof data);
    memcpy(&untouched, &data, sizeof data);
    assert_int_equal(mnist_dataset_load(&data, images, labels, &err),
                     MNIST_ERROR_DATA);
    assert_memory_equal(&data, &untouched, sizeof data);
    assert_string_equal(err.message, message);
}

static void test_swapped(void **state)
{
    temporary *t = *state;
    char message[512];
    const char *images = WRITE(t, "i", images2);
    const char *labels = WRITE(t, "l", labels2);
    snprintf(message, sizeof message,
             "%s holds 2 labels (1 dimension), expected images (2 or 3); are "
             "images and labels swapped?",
             labels);
    expect_data_error(labels, images, message);
    expect_data_error(labels, NULL, message);
    snprintf(message, sizeof message,
             "%s holds images (2x2x3), expected labels (1 dimension); are "
             "images and labels swapped?",
             images);
    expect_data_error(images, images, message);
}

static void test_counts_differ(void **state)
{
    temporary *t = *state;
    static const struct {
        const uint8_t *bytes;
        size_t length, count;
    } wrong[] = {{labels1, sizeof labels1, 1}, {labels3, sizeof labels3, 3}};
    const char *images = WRITE(t, "i", images2);
    for (size_t i = 0; i < 2; i++) {
        char message[512];
        const char *labels =
            temporary_write(t, "l", wrong[i].bytes, wrong[i].length);
        snprintf(message, sizeof message,
                 "%s holds 2 images and %s holds %zu labels: they do not "
                 "belong together; get both from one place",
                 images, labels, wrong[i].count);
        expect_data_error(images, labels, message);
    }
}

static void test_standard_input_once(void **state)
{
    (void)state;
    mnist_dataset data;
    assert_int_equal(mnist_dataset_load(&data, "-", "-", &err),
                     MNIST_ERROR_ARGUMENT);
    assert_string_equal(err.message,
                        "standard input cannot give both images and labels");
}

/* ---- Folders ---- */

static const char *const test_names[4][2] = {
    {"t10k-images.idx3-ubyte.gz", "t10k-labels.idx1-ubyte.gz"},
    {"t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
    {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"},
    {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}};

/* The i-th pair of names; the even ones are packed. */
static void put_pair(temporary *t, size_t i, const uint8_t *images,
                     const uint8_t *labels)
{
    uint8_t gz[100];
    if (i % 2) {
        temporary_write(t, test_names[i][0], images, sizeof images2);
        temporary_write(t, test_names[i][1], labels, sizeof labels2);
        return;
    }
    size_t length = gzip_stored(gz, images, sizeof images2);
    temporary_write(t, test_names[i][0], gz, length);
    length = gzip_stored(gz, labels, sizeof labels2);
    temporary_write(t, test_names[i][1], gz, length);
}

/* In each of the four ways of writing the names; of copies, the one that is
   wanted first comes before those written earlier. */
static void test_names_in_a_folder(void **state)
{
    temporary *t = *state;
    const char *folder = temporary_folder(t);
    assert_false(mnist_dataset_has_part(folder, MNIST_TEST));
    for (size_t i = 0; i < 4; i++) {
        mnist_dataset data;
        put_pair(t, i, images2, labels2);
        assert_true(mnist_dataset_has_part(folder, MNIST_TEST));
        assert_false(mnist_dataset_has_part(folder, MNIST_TRAIN));
        assert_int_equal(
            mnist_dataset_load_part(&data, folder, MNIST_TEST, &err), MNIST_OK);
        assert_string_equal(strrchr(data.images_name, '/') + 1,
                            test_names[i][0]);
        assert_string_equal(strrchr(data.labels_name, '/') + 1,
                            test_names[i][1]);
        mnist_dataset_free(&data);
    }
}

/* Nobody can say which of two is meant. */
static void test_copies_that_differ(void **state)
{
    temporary *t = *state;
    const char *folder = temporary_folder(t);
    for (size_t i = 0; i < 3; i++) {
        for (size_t what = 0; what < 2; what++) {
            uint8_t images[sizeof images2], labels[sizeof labels2];
            mnist_dataset data;
            memcpy(images, images2, sizeof images);
            memcpy(labels, labels2, sizeof labels);
            images[sizeof images - 1] ^= what == 0;
            labels[8] ^= what == 1;
            put_pair(t, 3, images2, labels2);
            put_pair(t, i, images, labels);
            assert_int_equal(
                mnist_dataset_load_part(&data, folder, MNIST_TEST, &err),
                MNIST_ERROR_DATA);
            assert_non_null(strstr(err.message, test_names[3][what]));
            assert_non_null(strstr(err.message, test_names[i][what]));
            assert_non_null(strstr(err.message, "take one of them away"));
            remove(temporary_path(t, test_names[i][0]));
            remove(temporary_path(t, test_names[i][1]));
        }
    }
}

static void test_training_part(void **state)
{
    temporary *t = *state;
    mnist_dataset data;
    WRITE(t, "train-images-idx3-ubyte", images2);
    WRITE(t, "train-labels.idx1-ubyte", labels2);
    assert_int_equal(
        mnist_dataset_load_part(&data, temporary_folder(t), MNIST_TRAIN, &err),
        MNIST_OK);
    assert_int_equal(data.count, 2);
    mnist_dataset_free(&data);
}

#define HOW                                                                    \
    "get MNIST with ./scripts/get-mnist.sh (get-mnist where it is installed)," \
    " or make digits with 'mnist synth "                                       \
    "DIR'"

static void expect_missing(const char *folder, mnist_part part,
                           const char *reason)
{
    mnist_dataset data;
    char message[512];
    snprintf(message, sizeof message, "%s%s", folder, reason);
    assert_int_equal(mnist_dataset_load_part(&data, folder, part, &err),
                     MNIST_ERROR_SYSTEM);
    assert_string_equal(err.message, message);
}

static void test_missing(void **state)
{
    temporary *t = *state;
    const char *folder = temporary_folder(t);
    expect_missing(temporary_path(t, "none"), MNIST_TRAIN,
                   ": no such folder; " HOW);
    expect_missing(
        WRITE(t, "mnist.npz", "PK"), MNIST_TEST,
        " is a file, expected a folder with test images and labels; name "
        "the folder that it is in");
    expect_missing(folder, MNIST_TRAIN,
                   " holds neither train-images-idx3-ubyte nor "
                   "train-labels-idx1-ubyte, raw or .gz; " HOW);
    WRITE(t, "t10k-labels-idx1-ubyte", labels2);
    expect_missing(folder, MNIST_TEST,
                   " holds t10k-labels-idx1-ubyte but not "
                   "t10k-images-idx3-ubyte, raw or .gz; " HOW);
    WRITE(t, "train-images-idx3-ubyte", images2);
    expect_missing(folder, MNIST_TRAIN,
                   " holds train-images-idx3-ubyte but not "
                   "train-labels-idx1-ubyte, raw or .gz; " HOW);
}

/* ---- Slices ---- */

static void test_slice(void **state)
{
    temporary *t = *state;
    mnist_dataset data;
    const char *images = WRITE(t, "i", images2);
    const char *labels = WRITE(t, "l", labels2);
    assert_int_equal(mnist_dataset_load(&data, images, labels, &err), MNIST_OK);
    mnist_dataset slice = mnist_dataset_slice(&data, 1, 1);
    assert_int_equal(slice.count, 1);
    assert_int_equal(slice.pixels[0], 7);
    assert_int_equal(slice.labels[0], 3);
    assert_int_equal(slice.rows, 2);
    assert_int_equal(slice.cols, 3);
    assert_int_equal(slice.classes, 10);
    mnist_dataset_free(&slice); /* releases nothing of data's */
    assert_int_equal(data.pixels[11], 12);
    mnist_dataset_free(&data);
}

/* ---- Changes of some images ---- */

static void test_only_wanted_images_are_changed(void **state)
{
    temporary *t = *state;
    mnist_dataset data;
    const char *images = WRITE(t, "i", images2);
    assert_int_equal(mnist_dataset_load(&data, images, NULL, &err), MNIST_OK);
    mnist_dataset_invert(&data, 1, SIZE_MAX);
    assert_memory_equal(data.pixels, images2 + 16, 6);
    assert_int_equal(data.pixels[6], 255 - 7);
    assert_int_equal(data.pixels[11], 255 - 12);
    assert_int_equal(mnist_dataset_transpose(&data, 0, 1, &err), MNIST_OK);
    assert_memory_equal(data.pixels, ((uint8_t[]){1, 4, 2, 5, 3, 6, 248}), 7);
    assert_int_equal(data.rows, 3);
    assert_int_equal(data.cols, 2);
    mnist_dataset_free(&data);
}

/* Of two images of 3x3, each a dot, one is brought to form. */
static void test_only_wanted_images_are_formed(void **state)
{
    static const uint8_t black[28 * 28];
    static const uint8_t dots[16 + 18] = {
        [2] = 8,        3, [7] = 2, [11] = 3, [15] = 3, [16 + 4] = 200,
        [16 + 13] = 200};
    mnist_dataset data;
    const char *images = WRITE(*state, "i", dots);
    assert_int_equal(mnist_dataset_load(&data, images, NULL, &err), MNIST_OK);
    assert_int_equal(mnist_dataset_preprocess(&data, 1, 2, 28, 28, &err),
                     MNIST_OK);
    assert_memory_equal(data.pixels, black, sizeof black);
    assert_memory_not_equal(data.pixels + sizeof black, black, sizeof black);
    mnist_dataset_free(&data);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_load),
        IN_FOLDER(test_images_only),
        IN_FOLDER(test_single_image),
        IN_FOLDER(test_swapped),
        IN_FOLDER(test_counts_differ),
        cmocka_unit_test(test_standard_input_once),
        IN_FOLDER(test_names_in_a_folder),
        IN_FOLDER(test_copies_that_differ),
        IN_FOLDER(test_training_part),
        IN_FOLDER(test_missing),
        IN_FOLDER(test_slice),
        IN_FOLDER(test_only_wanted_images_are_changed),
        IN_FOLDER(test_only_wanted_images_are_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
