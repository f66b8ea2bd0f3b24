/* Pictures: written and read again, what is none, and memory that fails. */
#include "data/border.h"
#include "support/allocations.h"
#include "support/png_read.h"
#include "support/png_write.h"
#include "support/temporary.h"

#include <mnist/dataset.h>
#include <mnist/picture.h>
#include <mnist/random.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void make_pixels(uint8_t *pixels, size_t count)
{
    mnist_random random = mnist_random_stream(3, MNIST_RANDOM_SYNTH, count);
    for (size_t i = 0; i < count; i++)
        pixels[i] = (uint8_t)mnist_random_below(&random, 256);
}

/* Blocks of a stream hold 65,535 bytes, filters among them. */
static void test_written_is_read(void **state)
{
    static const size_t sizes[][2] = {{1, 1},     {28, 28},   {1, 300},
                                      {300, 1},   {255, 256}, {15, 4368},
                                      {256, 255}, {300, 300}, {3, 16384}};
    static uint8_t pixels[90000];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t rows = sizes[i][0], cols = sizes[i][1];
        const char *path = temporary_path(*state, "x.png");
        mnist_picture picture;
        make_pixels(pixels, rows * cols);
        assert_int_equal(mnist_picture_write(path, rows, cols, pixels, NULL),
                         MNIST_OK);
        assert_int_equal(mnist_picture_read(&picture, path, NULL), MNIST_OK);
        assert_int_equal(picture.rows, rows);
        assert_int_equal(picture.cols, cols);
        assert_memory_equal(picture.pixels, pixels, rows * cols);
        mnist_picture_free(&picture);
        assert_null(picture.pixels);
    }
    mnist_picture_free(NULL);
}

/* Taken apart by the test's own reader: checksums, of which the sums are large,
   and chunks. */
static void test_written_bytes(void **state)
{
    static uint8_t pixels[200 * 150];
    size_t length;
    const char *path = temporary_path(*state, "x.png");
    memset(pixels, 255, sizeof pixels);
    for (size_t i = 0; i < sizeof pixels; i += 7)
        pixels[i] = (uint8_t)i;
    assert_int_equal(mnist_picture_write(path, 200, 150, pixels, NULL),
                     MNIST_OK);
    void *bytes = temporary_read(path, &length);
    decoded got = png_read(bytes, length);
    assert_int_equal(got.rows, 200);
    assert_int_equal(got.cols, 150);
    assert_int_equal(got.colors, 0);
    assert_memory_equal(got.pixels, pixels, sizeof pixels);
    free(got.pixels);
    free(bytes);
}

static void test_sizes_to_write(void **state)
{
    static const size_t sizes[][2] = {{0, 1}, {1, 0}, {16385, 1}, {1, 16385}};
    mnist_error err;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *path = temporary_path(*state, "x.png");
        assert_int_equal(
            mnist_picture_write(path, sizes[i][0], sizes[i][1], NULL, &err),
            MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "expected sides of 1 to 16384"));
    }
    assert_int_equal(temporary_count(*state), 0);
}

static void test_no_picture(void **state)
{
    static const struct {
        const char *bytes, *why;
    } files[] = {
        {"", "x is empty, expected a picture"},
        {"\xff\xd8\xff\xe0", "a JPEG picture, not PNG, PGM or PPM; make a PNG"},
        {"GIF89a", "a GIF picture, not PNG, PGM or PPM; make a PNG of it"},
        {"P4\n1 1\n", "a PBM picture, not PNG, PGM or PPM; make a PNG of it"},
        {"P5", "a text file, not PNG, PGM or PPM"},
        {"P5x", "a text file, not PNG, PGM or PPM"},
        {"P8 1", "a text file, not PNG, PGM or PPM"},
        {"\1\2", "no picture in PNG, PGM or PPM format: begins with byte 01"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        mnist_picture picture;
        mnist_error err;
        const char *path = temporary_write(*state, "x", files[i].bytes,
                                           strlen(files[i].bytes));
        assert_int_equal(mnist_picture_read(&picture, path, &err),
                         MNIST_ERROR_DATA);
        if (!strstr(err.message, files[i].why))
            fail_msg("expected %s; got %s", files[i].why, err.message);
    }
    assert_int_equal(mnist_picture_read(&(mnist_picture){0},
                                        temporary_path(*state, "none"), NULL),
                     MNIST_ERROR_SYSTEM);
}

/* Each allocation of reading and writing it fails in turn; returns how many
   there are. */
static size_t fail_each(const char *path)
{
    size_t live = allocations_live(), after = 0;
    mnist_error err;
    for (;; after++) {
        mnist_picture picture = {0};
        allocations_fail(after);
        mnist_status status = mnist_picture_read(&picture, path, &err);
        if (!status)
            status = mnist_picture_write(path, picture.rows, picture.cols,
                                         picture.pixels, &err);
        bool failed = allocations_failed();
        allocations_fail(SIZE_MAX);
        mnist_picture_free(&picture);
        assert_int_equal(allocations_live(), live);
        if (!failed)
            return after;
        assert_int_equal(status, MNIST_ERROR_MEMORY);
    }
}

static void test_out_of_memory(void **state)
{
    static png_file png;
    uint8_t rows[4 * 9];
    make_pixels(rows, sizeof rows);
    for (size_t y = 0; y < 4; y++)
        rows[9 * y] = 0;
    png_begin(&png);
    png_header(&png, 4, 4, 8, 4, 0);
    png_pixels(&png, rows, sizeof rows, 1);
    /* The file, its rows, grey and alpha; and what writing takes. */
    assert_true(fail_each(temporary_write(*state, "x.png", png.bytes,
                                          png.length)) >= 5);
    assert_true(fail_each(temporary_write(*state, "x", "P5 2 1 255\nab", 13)) >=
                3);
}

/* A picture stands where images do. */
static void test_as_dataset(void **state)
{
    uint8_t pixels[3 * 2] = {1, 2, 3, 4, 5, 6};
    const char *path = temporary_path(*state, "x.png");
    mnist_dataset data;
    assert_int_equal(mnist_picture_write(path, 3, 2, pixels, NULL), MNIST_OK);
    assert_int_equal(mnist_dataset_load(&data, path, NULL, NULL), MNIST_OK);
    assert_true(data.is_picture);
    assert_int_equal(data.count, 1);
    assert_int_equal(mnist_dataset_transpose(&data, 0, 1, NULL), MNIST_OK);
    assert_int_equal(data.rows, 2);
    assert_int_equal(data.cols, 3);
    assert_memory_equal(data.pixels, ((uint8_t[]){1, 3, 5, 2, 4, 6}), 6);
    mnist_dataset_invert(&data, 0, SIZE_MAX);
    assert_memory_equal(data.pixels,
                        ((uint8_t[]){254, 252, 250, 253, 251, 249}), 6);
    mnist_dataset_free(&data);
}

/* Where images may be pictures, the message says of which kinds. */
static void test_another_picture_as_dataset(void **state)
{
    mnist_dataset data;
    mnist_error err;
    const char *path = temporary_write(*state, "x", "GIF89a", 6);
    assert_int_equal(mnist_dataset_load(&data, path, NULL, &err),
                     MNIST_ERROR_DATA);
    assert_non_null(strstr(err.message, "x is a GIF picture, not IDX, PNG, PGM "
                                        "or PPM; make a PNG of it"));
}

static void test_border(void **state)
{
    (void)state;
    for (size_t rows = 1; rows < 6; rows++)
        for (size_t cols = 1; cols < 6; cols++) {
            size_t at = 0;
            for (size_t i = 0; i < rows * cols; i++) {
                size_t y = i / cols, x = i % cols;
                if (y > 0 && y < rows - 1 && x > 0 && x < cols - 1)
                    continue;
                assert_int_equal(at, i);
                at = mnist_border_next(at, rows, cols);
            }
            assert_int_equal(at, rows * cols);
        }
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_written_is_read),
        IN_FOLDER(test_written_bytes),
        IN_FOLDER(test_sizes_to_write),
        IN_FOLDER(test_no_picture),
        IN_FOLDER(test_out_of_memory),
        IN_FOLDER(test_as_dataset),
        IN_FOLDER(test_another_picture_as_dataset),
        cmocka_unit_test(test_border),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
