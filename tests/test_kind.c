/* What kind of file some first bytes are, and what nearly is one: base/kind.h,
   and the header of IDX. */
#include "base/kind.h"
#include "data/idx_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_pages_and_text(void **state)
{
    static const struct {
        const char *bytes, *found;
    } texts[] = {
        {"<", "an HTML or XML page"},
        {" \t\n\v\f\r<", "an HTML or XML page"},
        {"\xef\xbb\xbf\v<html>", "an HTML or XML page"},
        {"\xef\xbb\xbf", "a text file"},
        {"\xef\xbb<", "a text file"},
        {"\r\n \t", "a text file"},
        {"5,0,0", "a text file"},
        {"", NULL},
        {"a\x7f", NULL},
        {"\x0e<", NULL},
        {"\x08<", NULL},
        {"P", "a text file"},
        {"P6\n", "a PPM picture"},
        {"P2#", "a PGM picture"},
        {"P1 2", "a PBM picture"},
        {"P8 2", "a text file"},
        {"P0 2", "a text file"},
        {"P55", "a text file"},
        {"<sv", "an HTML or XML page"},
        {"<svg", "an SVG drawing"},
        {"PK\x03", NULL},
    };
    mnist_kind kind;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool known =
            mnist_kind_of(&kind, texts[i].bytes, strlen(texts[i].bytes));
        assert_int_equal(known, texts[i].found != NULL);
        if (known)
            assert_string_equal(kind.what, texts[i].found);
    }
}

/* Its length, its type, and what it is by that. */
static void test_boxes(void **state)
{
    static const struct {
        char bytes[9];
        const char *found;
    } boxes[] = {
        {"\0\0\0\x18"
         "ftyp",
         "a media file (as HEIC pictures are)"},
        {"\0\0\0\x0cJXL ", "a JPEG XL picture"},
        {"\0\0\0\x0cjP  ", "a JPEG 2000 picture"},
        {"\0\0\0\x0cjPx ", NULL},
        {"\0\0\1\x0cJXL ", NULL},
    };
    mnist_kind kind;
    (void)state;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        bool known = mnist_kind_of(&kind, boxes[i].bytes, 8);
        assert_int_equal(known, boxes[i].found != NULL);
        if (known)
            assert_string_equal(kind.what, boxes[i].found);
        assert_false(mnist_kind_of(&kind, boxes[i].bytes, 7));
    }
}

/* Each differs in one place from something that would be named. */
static void test_nearly_known(void **state)
{
    static const char near[][10] = {"\3\x08\0\1....", "\3\x08\1\0....",
                                    "\3\x09\0\0....", "\4\x08\0\0....",
                                    "\1\1\0\0\1\0\0\0{"};
    mnist_idx_header header;
    mnist_error err;
    (void)state;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        assert_int_equal(mnist_idx_header_read(
                             &header, "x", (const uint8_t *)near[i], 9, &err),
                         MNIST_ERROR_DATA);
        assert_non_null(strstr(err.message, "x is not IDX: byte 0: found "));
    }
}

/* Headers of 20 bytes or fewer: what they are refused for. */
static void test_headers_of_idx(void **state)
{
    static const struct {
        uint8_t bytes[20];
        size_t length;
        const char *why;
    } headers[] = {
        {{0}, 0, "x is empty, expected an IDX file"},
        {{0, 0, 0x09, 1, 0, 0, 0, 1}, 20, "found type 09, int8 is"},
        {{0, 0, 0x0b, 1, 0, 0, 0, 1}, 20, "found type 0b, int16 is"},
        {{0, 0, 0x0c, 1, 0, 0, 0, 1}, 20, "found type 0c, int32 is"},
        {{0, 0, 0x0d, 1, 0, 0, 0, 1}, 20, "found type 0d, float32 is"},
        {{0, 0, 0x0e, 1, 0, 0, 0, 1}, 20, "found type 0e, float64 is"},
        {{3, 8, 0, 0, 1}, 20, "x is byte-swapped IDX: it begins with 03 08"},
        {{1, 2, 3}, 3, "found 3 bytes, expected an IDX header of 8"},
        {{0, 0, 7, 1, 0, 0, 0, 1}, 20, "found 07, which is no IDX type"},
        {{0, 0, 8, 0, 0, 0, 0, 1}, 20, "byte 3: found 0 dimensions"},
        {{0, 0, 8, 4, [7] = 1, [11] = 1, [15] = 1, [19] = 1},
         20,
         "byte 3: found 4 dimensions"},
        {{0, 0, 8, 3, [7] = 1, [11] = 1, [15] = 1},
         15,
         "found 15 bytes, its IDX header alone takes 16"},
        {{0, 0, 8, 3, [7] = 1, [15] = 1}, 20, "byte 8: found a size of 0"},
        {{0, 0, 0, 24, 'f', 't', 'y', 'p', 'h'}, 20, "x is a media file"},
        {{0, 0, 0, 24, 'f', 't', 'y', 'q', 'h'}, 20, "which is no IDX type"},
        {{0, 0, 0, 24, 'f', 't', 'y'}, 7, "which is no IDX type"},
    };
    mnist_idx_header header;
    mnist_error err;
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        assert_int_equal(mnist_idx_header_read(&header, "x", headers[i].bytes,
                                               headers[i].length, &err),
                         MNIST_ERROR_DATA);
        assert_non_null(strstr(err.message, headers[i].why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_and_text),
        cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_nearly_known),
        cmocka_unit_test(test_headers_of_idx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
