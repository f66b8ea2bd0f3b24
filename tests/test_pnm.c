/* PNM files: every spelling that netpbm allows, and what it does not. */
#include "support/temporary.h"

#include <mnist/picture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FILE_OF(text) text, sizeof text - 1

static const struct {
    const char *bytes;
    size_t length;
    size_t rows, cols;
    uint8_t pixels[6];
} right[] = {
    {FILE_OF("P2 3 2 255 0 1 2\n3 4 255"), 2, 3, {0, 1, 2, 3, 4, 255}},
    {FILE_OF("P2\n# a comment 7\n3 # of\r 1\n1 0 1 # end\n1"),
     1,
     3,
     {0, 255, 255}},
    {FILE_OF("P2#c\n1 1 9\n5"), 1, 1, {142}},
    {FILE_OF("P2 1 1 65535 32768\n\n"), 1, 1, {128}},
    {FILE_OF("P2 2 1 003 002 3"), 1, 2, {170, 255}},
    {FILE_OF("P5 2 1 255\n\x80\x0a"), 1, 2, {128, 10}},
    {FILE_OF("P5\t2\v1\f255 \x20#"), 1, 2, {32, 35}},
    {FILE_OF("P5 1 2 255# the blank\n12"), 2, 1, {49, 50}},
    {FILE_OF("P5 1 2 256\n\0\1\1\0"), 2, 1, {1, 255}},
    {FILE_OF("P5 2 1 100\n\x64\x32\n"), 1, 2, {255, 128}},
    {FILE_OF("P3 2 1 255 255 0 0 0 255 0"), 1, 2, {54, 182}},
    {FILE_OF("P6 2 1 255\n\0\0\xff\xff\xff\xff"), 1, 2, {18, 255}},
    {FILE_OF("P6 1 1 1000\n\3\xe8\3\xe8\0\0"), 1, 1, {237}},
};

static void test_right(void **state)
{
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        mnist_picture picture;
        mnist_error err;
        const char *path =
            temporary_write(*state, "x", right[i].bytes, right[i].length);
        if (mnist_picture_read(&picture, path, &err))
            fail_msg("file %zu: %s", i, err.message);
        assert_int_equal(picture.rows, right[i].rows);
        assert_int_equal(picture.cols, right[i].cols);
        assert_memory_equal(picture.pixels, right[i].pixels,
                            picture.rows * picture.cols);
        mnist_picture_free(&picture);
    }
}

static const struct {
    const char *bytes;
    size_t length;
    const char *why;
} wrong[] = {
    {FILE_OF("P5\n"), "byte 3: the PNM file is cut off"},
    {FILE_OF("P5 # only a comment"), "byte 19: the PNM file is cut off"},
    {FILE_OF("P5 2"), "byte 4: the PNM file is cut off"},
    {FILE_OF("P5 2 1 255"), "byte 10: the PNM file is cut off"},
    {FILE_OF("P5 2 1 255#"), "byte 11: the PNM file is cut off"},
    {FILE_OF("P5 2 1 255\n"), "byte 11: the PNM file is cut off"},
    {FILE_OF("P5 2 1 255\n1"), "byte 12: the PNM file is cut off"},
    {FILE_OF("P5 2 1 256\n123"), "byte 14: the PNM file is cut off"},
    {FILE_OF("P6 1 1 255\n12"), "byte 13: the PNM file is cut off"},
    {FILE_OF("P2 2 1 255\n1 "), "byte 13: the PNM file is cut off"},
    {FILE_OF("P2 2 1 255\n12 "), "byte 14: the PNM file is cut off"},
    {FILE_OF("P5 -2 1 255\n12"), "byte 3: found 2d, expected a number (width)"},
    {FILE_OF("P5 2 x 255\n12"), "byte 5: found 78, expected a number (height)"},
    {FILE_OF("P5 2 1 255x12"),
     "byte 10: found 78, expected a number (maximum)"},
    {FILE_OF("P5 2 1 0\n12"), "byte 7: found a maximum of 0, expected 1 to"},
    {FILE_OF("P5 2 1 65536\n1212"), "a maximum of more than 65535"},
    {FILE_OF("P5 0 1 255\n"), "found a width of 0, expected 1 to 16384"},
    {FILE_OF("P5 1 0 255\n"), "found a height of 0"},
    {FILE_OF("P5 16385 1 255\n"), "found a width of more than 16384"},
    {FILE_OF("P5 1 99999999999999999999 255\n"), "a height of more than 16384"},
    {FILE_OF("P5 16384 16384 65535\n"), "takes 536870912 bytes, up to 2684354"},
    {FILE_OF("P6 16384 16384 65535\n"), "takes 1610612736 bytes, up to"},
    {FILE_OF("P5 16384 16384 255\n"), "byte 19: the PNM file is cut off"},
    {FILE_OF("P2 2 1 7\n7 8"), "byte 11: found a sample of more than 7"},
    {FILE_OF("P2 2 1 7\n7 -1"),
     "byte 11: found 2d, expected a number (sample)"},
    {FILE_OF("P5 2 1 100\n\x64\x65"), "byte 12: found a sample of 101"},
    {FILE_OF("P5 1 1 256\n\1\1"),
     "byte 11: found a sample of 257, expected at"},
    {FILE_OF("P5 1 1 255\n1P5 1 1 255\n2"), "byte 12: found something behind"},
    {FILE_OF("P2 1 1 255\n1 2"), "byte 13: found something behind the picture"},
};

static void test_wrong(void **state)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mnist_picture picture;
        mnist_error err;
        const char *path =
            temporary_write(*state, "x", wrong[i].bytes, wrong[i].length);
        assert_int_equal(mnist_picture_read(&picture, path, &err),
                         MNIST_ERROR_DATA);
        if (!strstr(err.message, wrong[i].why))
            fail_msg("file %zu: expected %s; got %s", i, wrong[i].why,
                     err.message);
    }
}

/* No file that is cut is read, but for blanks behind the last sample. */
static void test_cuts(void **state)
{
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        for (size_t cut = 0; cut + 3 < right[i].length; cut++) {
            mnist_picture picture;
            mnist_error err = {.status = MNIST_OK};
            const char *path =
                temporary_write(*state, "x", right[i].bytes, cut);
            mnist_status status = mnist_picture_read(&picture, path, &err);
            assert_int_equal(status, err.status);
            if (!status)
                mnist_picture_free(&picture);
            else
                assert_int_equal(status, MNIST_ERROR_DATA);
        }
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_right),
        IN_FOLDER(test_wrong),
        IN_FOLDER(test_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
