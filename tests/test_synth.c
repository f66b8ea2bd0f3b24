/* Digits by seed: the same everywhere, like MNIST's, and never over data. */
#include <mnist/synth.h>

#include "data/strokes.h"
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

static uint64_t fnv1a(uint64_t hash, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static bool exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* ---- One digit ---- */

static void test_order_does_not_matter(void **state)
{
    uint8_t first[20][PIXELS], labels[20], again[PIXELS];
    (void)state;
    for (size_t i = 0; i < 20; i++)
        labels[i] = mnist_synth_digit(first[i], 28, 28, 5, i);
    for (size_t i = 20; i-- > 0;) {
        memset(again, 0xa5, sizeof again);
        assert_int_equal(mnist_synth_digit(again, 28, 28, 5, i), labels[i]);
        assert_memory_equal(again, first[i], PIXELS);
    }
}

static void test_no_two_alike(void **state)
{
    enum { COUNT = 1000 };
    static uint64_t hashes[COUNT];
    (void)state;
    for (uint64_t i = 0; i < COUNT; i++) {
        uint8_t pixels[PIXELS];
        /* Neighbours in seed and in index, where streams could overlap. */
        mnist_synth_digit(pixels, 28, 28, i % 4, i / 4);
        hashes[i] = fnv1a(0, pixels, PIXELS);
        for (uint64_t j = 0; j < i; j++)
            assert_true(hashes[i] != hashes[j]);
    }
}

/* Not a truth from outside: it is here to notice a compiler, or a change, that
   gives other bytes. Whoever changes the digits on purpose changes it too, and
   makes the files in data/ again. */
static void test_same_bytes_everywhere(void **state)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        uint8_t pixels[PIXELS];
        uint8_t label = mnist_synth_digit(pixels, 28, 28, 0, i);
        hash = fnv1a(hash, pixels, PIXELS);
        hash = fnv1a(hash, &label, 1);
    }
    assert_true(hash == UINT64_C(0x5484eae92a15e61b));
}

static void test_every_size_stays_inside(void **state)
{
    static const size_t sizes[][2] = {{8, 8},   {28, 28}, {8, 256},
                                      {256, 8}, {33, 57}, {256, 256}};
    enum { GUARD = 64 };
    static uint8_t room[GUARD + 256 * 256 + GUARD];
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t length = sizes[s][0] * sizes[s][1];
        for (uint64_t i = 0; i < 50; i++) {
            memset(room, 0xa5, sizeof room);
            mnist_synth_digit(room + GUARD, sizes[s][0], sizes[s][1], 3, i);
            for (size_t g = 0; g < GUARD; g++) {
                assert_int_equal(room[g], 0xa5);
                assert_int_equal(room[GUARD + length + g], 0xa5);
            }
            uint8_t most = 0;
            for (size_t p = 0; p < length; p++)
                most = room[GUARD + p] > most ? room[GUARD + p] : most;
            assert_in_range(most, 64, 255);
        }
    }
}

/* ---- Many digits ---- */

static void test_digits_come_evenly(void **state)
{
    unsigned found[10] = {0};
    (void)state;
    for (uint64_t i = 0; i < 10000; i++) {
        uint8_t pixels[64];
        uint8_t label = mnist_synth_digit(pixels, 8, 8, 1, i);
        assert_in_range(label, 0, 9);
        found[label]++;
    }
    for (int d = 0; d < 10; d++) /* 1000, give or take 5 deviations of 30 */
        assert_in_range(found[d], 850, 1150);
}

static void test_ink_is_like_mnist(void **state)
{
    enum { COUNT = 2000 };
    double blank = 0.0;
    double ink = 0.0;
    (void)state;
    for (uint64_t i = 0; i < COUNT; i++) {
        uint8_t pixels[PIXELS];
        unsigned zeros = 0;
        mnist_synth_digit(pixels, 28, 28, 2, i);
        for (size_t p = 0; p < PIXELS; p++) {
            zeros += pixels[p] == 0;
            ink += pixels[p];
        }
        assert_in_range(zeros, PIXELS / 2, PIXELS * 97 / 100);
        blank += zeros;
    }
    /* MNIST's training images: 80.9 % zeros, mean 33.3. */
    blank /= (double)COUNT * PIXELS;
    ink /= (double)COUNT * PIXELS;
    assert_true(blank > 0.78 && blank < 0.84);
    assert_true(ink > 28.0 && ink < 38.0);
}

static void test_ink_is_centred(void **state)
{
    enum { COUNT = 2000 };
    double sum_x = 0.0;
    double sum_y = 0.0;
    (void)state;
    for (uint64_t i = 0; i < COUNT; i++) {
        uint8_t pixels[PIXELS];
        double mass = 0.0;
        double x = 0.0;
        double y = 0.0;
        mnist_synth_digit(pixels, 28, 28, 4, i);
        for (int p = 0; p < PIXELS; p++) {
            mass += pixels[p];
            x += pixels[p] * (p % 28 + 0.5 - 14.0);
            y += pixels[p] * (p / 28 + 0.5 - 14.0);
        }
        assert_true(x > -4.0 * mass && x < 4.0 * mass);
        assert_true(y > -4.0 * mass && y < 4.0 * mass);
        sum_x += x / mass;
        sum_y += y / mass;
    }
    assert_true(sum_x > -0.25 * COUNT && sum_x < 0.25 * COUNT);
    assert_true(sum_y > -0.25 * COUNT && sum_y < 0.25 * COUNT);
}

static size_t nearest_mean(double (*means)[PIXELS], const uint8_t *pixels)
{
    size_t best = 0;
    double least = 1e30;
    for (size_t d = 0; d < 10; d++) {
        double distance = 0.0;
        for (size_t p = 0; p < PIXELS; p++) {
            double off = means[d][p] - pixels[p];
            distance += off * off;
        }
        if (distance < least) {
            least = distance;
            best = d;
        }
    }
    return best;
}

/* Labels belong to pictures: the nearest mean picture, about the weakest
   classifier there is, is right on most (on MNIST on 82 %), not on all. */
static void test_labels_can_be_learnt(void **state)
{
    static double means[10][PIXELS];
    double counts[10] = {0};
    uint8_t pixels[PIXELS];
    unsigned right = 0;
    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        uint8_t label = mnist_synth_digit(pixels, 28, 28, 6, i);
        counts[label] += 1.0;
        for (size_t p = 0; p < PIXELS; p++)
            means[label][p] += pixels[p];
    }
    for (size_t d = 0; d < 10; d++)
        for (size_t p = 0; p < PIXELS; p++)
            means[d][p] /= counts[d];
    for (uint64_t i = 0; i < 1000; i++) {
        uint8_t label = mnist_synth_digit(pixels, 28, 28, 6, 3000 + i);
        right += nearest_mean(means, pixels) == label;
    }
    assert_in_range(right, 600, 950);
}

static void test_shapes_fit_their_room(void **state)
{
    (void)state;
    for (unsigned d = 0; d < 10; d++) {
        size_t count;
        const mnist_shape *shapes = mnist_shapes(d, &count);
        assert_in_range(count, 2, 4);
        for (size_t i = 0; i < count; i++) {
            assert_in_range(shapes[i].count, 2, MNIST_SHAPE_POINTS);
            assert_in_range(shapes[i].weight, 1, 100);
            for (size_t p = 0; p < shapes[i].count; p++) {
                assert_in_range(shapes[i].points[p].x, 0, 100);
                assert_in_range(shapes[i].points[p].y, 0, 100);
            }
        }
    }
}

/* ---- Datasets ---- */

static void test_dataset_holds_the_digits(void **state)
{
    mnist_dataset set;
    mnist_error err;
    (void)state;
    assert_int_equal(mnist_synth_dataset(&set, 40, 20, 30, 9, 7, &err),
                     MNIST_OK);
    assert_int_equal(set.count, 40);
    assert_int_equal(set.rows, 20);
    assert_int_equal(set.cols, 30);
    size_t largest = 0;
    for (size_t i = 0; i < 40; i++) {
        uint8_t pixels[600];
        assert_int_equal(mnist_synth_digit(pixels, 20, 30, 9, 7 + i),
                         set.labels[i]);
        assert_memory_equal(pixels, set.pixels + i * 600, 600);
        largest = set.labels[i] > largest ? set.labels[i] : largest;
    }
    assert_int_equal(set.classes, largest + 1);
    assert_string_equal(set.images_name, "digits of seed 9");
    assert_string_equal(set.labels_name, "labels of seed 9");
    mnist_dataset_free(&set);
}

static void test_dataset_refuses(void **state)
{
    static const struct {
        size_t count, rows, cols;
        mnist_status status;
        const char *says;
    } cases[] = {
        {0, 28, 28, MNIST_ERROR_ARGUMENT, "0 digits"},
        {1, 7, 28, MNIST_ERROR_ARGUMENT, "7x28"},
        {1, 28, 7, MNIST_ERROR_ARGUMENT, "28x7"},
        {1, 257, 28, MNIST_ERROR_ARGUMENT, "8 to 256"},
        {1, 28, 257, MNIST_ERROR_ARGUMENT, "8 to 256"},
        {SIZE_MAX / 2, 28, 28, MNIST_ERROR_MEMORY, "no memory"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mnist_dataset set = {.count = 77};
        mnist_error err = {.status = MNIST_OK};
        assert_int_equal(mnist_synth_dataset(&set, cases[i].count,
                                             cases[i].rows, cases[i].cols, 0, 0,
                                             &err),
                         cases[i].status);
        assert_int_equal(err.status, cases[i].status);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_int_equal(set.count, 77);
        assert_int_equal(mnist_synth_dataset(&set, cases[i].count,
                                             cases[i].rows, cases[i].cols, 0, 0,
                                             NULL),
                         cases[i].status);
    }
}

/* ---- Folders ---- */

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
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_no_two_alike),
        cmocka_unit_test(test_same_bytes_everywhere),
        cmocka_unit_test(test_every_size_stays_inside),
        cmocka_unit_test(test_digits_come_evenly),
        cmocka_unit_test(test_ink_is_like_mnist),
        cmocka_unit_test(test_ink_is_centred),
        cmocka_unit_test(test_labels_can_be_learnt),
        cmocka_unit_test(test_shapes_fit_their_room),
        cmocka_unit_test(test_dataset_holds_the_digits),
        cmocka_unit_test(test_dataset_refuses),
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
