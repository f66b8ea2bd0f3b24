/* Headers of IDX files that are refused, and files of other kinds. */
#include <mnist/idx.h>

#include "support/idx.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_every_header_bit(void **state)
{
    temporary *t = *state;
    uint8_t images[IMAGES], bytes[sizeof idx_labels];
    make_images(images);
    memcpy(bytes, idx_labels, sizeof bytes);
    for (size_t bit = 0; bit < 16 * 8; bit++) {
        images[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_bytes_refused(t, images, IMAGES);
        images[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_bytes_refused(t, bytes, sizeof bytes);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* A file of 64 bytes with this magic and these sizes. */
static const char *header_refused(temporary *t, uint32_t magic, uint32_t a,
                                  uint32_t b, uint32_t c)
{
    uint8_t bytes[64] = {0};
    const uint32_t words[4] = {magic, a, b, c};
    for (size_t i = 0; i < 16; i++)
        bytes[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
    return expect_bytes_refused(t, bytes, sizeof bytes);
}

static void test_types(void **state)
{
    temporary *t = *state;
    static const struct {
        uint32_t type;
        const char *name;
    } others[] = {{0x09, "int8"},
                  {0x0b, "int16"},
                  {0x0c, "int32"},
                  {0x0d, "float32"},
                  {0x0e, "float64"}};
    static const uint32_t none[] = {0, 7, 0x0a, 0x0f, 0xff};
    char message[128];
    for (size_t i = 0; i < 5; i++) {
        snprintf(message, sizeof message,
                 ": byte 2: found type %02x, %s is not read here; expected 08, "
                 "unsigned bytes",
                 (unsigned)others[i].type, others[i].name);
        assert_string_equal(header_refused(t, others[i].type << 8 | 3, 1, 1, 1),
                            message);
        snprintf(message, sizeof message,
                 ": byte 2: found %02x, which is no IDX type; expected 08, "
                 "unsigned bytes",
                 (unsigned)none[i]);
        assert_string_equal(header_refused(t, none[i] << 8 | 3, 1, 1, 1),
                            message);
    }
    assert_string_equal(header_refused(t, 0x804, 1, 1, 1),
                        ": byte 3: found 4 dimensions, expected 1 (labels), 2 "
                        "(an image) or 3 (images)");
    header_refused(t, 0x800, 1, 1, 1);
    header_refused(t, 0x8ff, 1, 1, 1);
}

static void test_sizes(void **state)
{
    temporary *t = *state;
    static const uint32_t large[] = {0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < 3; i++) {
        header_refused(t, 0x803, large[i], 1, 1);
        header_refused(t, 0x803, 1, large[i], 1);
        header_refused(t, 0x803, 1, 1, large[i]);
        header_refused(t, 0x803, large[i], large[i], large[i]);
        header_refused(t, 0x801, large[i], 0, 0);
    }
    assert_string_equal(header_refused(t, 0x803, 0, 28, 28),
                        ": byte 4: found a size of 0, expected at least 1");
    assert_string_equal(header_refused(t, 0x803, 1, 0, 28),
                        ": byte 8: found a size of 0, expected at least 1");
    assert_string_equal(header_refused(t, 0x803, 1, 28, 0),
                        ": byte 12: found a size of 0, expected at least 1");
    /* 0 in 32 and in 64 bits if they wrap. */
    assert_string_equal(header_refused(t, 0x803, 65536, 65536, 1),
                        ": byte 4: found sizes 65536x65536x1, more than the 2 "
                        "GiB that are read here");
    header_refused(t, 0x803, 0x80000000, 0x80000000, 4);
    header_refused(t, 0x803, 0x80000000, 1, 1);
    /* 2^64 - 1 bytes of data, so that the header is too much. */
    header_refused(t, 0x803, 0xffffffff, 641, 6700417);
    /* As much as may be read, so refused by the file's size alone. */
    assert_string_equal(header_refused(t, 0x801, 0x7ffffff8, 0, 0),
                        " holds 64 bytes, its header promises 2147483648 (8 of "
                        "header, 2147483640 of data); get the file again");
}

static void test_other_kinds(void **state)
{
    temporary *t = *state;
    static const struct {
        const char *bytes, *message;
    } kinds[] = {
        {"<!DOCTYPE html><html>....",
         " is an HTML page, not IDX: the download failed"},
        {"\r\n <html><head>.......",
         " is an HTML page, not IDX: the download failed"},
        {"<", " is an HTML page, not IDX: the download failed"},
        {"\xef\xbb\xbf\v<html>......",
         " is an HTML page, not IDX: the download failed"},
        {"\xef\xbb\xbf", " is a text file, not IDX"},
        {"\r\n \t", " is a text file, not IDX"},
        {"a\x7f..", " is not IDX: byte 0: found 61 7f 2e 2e, expected 00 00 08 "
                    "and 01, 02 or 03"},
        {"\x0e<..", " is not IDX: byte 0: found 0e 3c 2e 2e, expected 00 00 08 "
                    "and 01, 02 or 03"},
        {"\x89PNG\r\n\x1a\n........", " is a PNG picture, not IDX"},
        {"PK\x03\x04............", " is a zip or npz archive, not IDX"},
        {"%PDF-1.7........", " is a PDF document, not IDX"},
        {"\x93NUMPY\x01.........", " is a NumPy array, not IDX"},
        {"5,0,0,0,0,0,0,0,0\r\n", " is a text file, not IDX"},
        {"404: Not Found", " is a text file, not IDX"},
        {"\x01\x02\x03\x04....", " is not IDX: byte 0: found 01 02 03 04, "
                                 "expected 00 00 08 and 01, 02 or 03"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_string_equal(
            expect_bytes_refused(t, kinds[i].bytes, strlen(kinds[i].bytes)),
            kinds[i].message);
    assert_string_equal(
        expect_bytes_refused(t, "\x40\1\0\0\0\0\0\0{\"__metadata__\"", 24),
        " is a safetensors weights file, not IDX");
    assert_string_equal(
        expect_bytes_refused(t, "\3\x08\0\0\x10\x27\0\0", 8),
        " is byte-swapped IDX: it begins with 03 08 00 00, expected 00 00 08 "
        "03");
    /* Nearly those two. */
    static const char near[][9] = {"\3\x08\0\1....", "\3\x08\1\0....",
                                   "\3\x09\0\0....", "\4\x08\0\0....",
                                   "\1\1\0\0\1\0\0\0{"};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        assert_non_null(strstr(expect_bytes_refused(t, near[i], sizeof near[i]),
                               " is not IDX: byte 0: found "));
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_every_header_bit),
        IN_FOLDER(test_types),
        IN_FOLDER(test_sizes),
        IN_FOLDER(test_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
