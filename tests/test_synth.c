/* Digits by seed: the same everywhere, and like MNIST's. */
#include <mnist/synth.h>

#include "data/strokes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PIXELS 784

static uint64_t fnv1a(uint64_t hash, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
