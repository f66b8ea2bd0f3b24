/*
 * PNG files with any byte changed, cut anywhere: none is read. With checksums
 * put right behind the change, so that it reaches all that is behind them, it
 * is read or refused, within the same bounds of memory and time.
 */
#include "support/damage.h"
#include "support/png_write.h"

#include <mnist/picture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static mnist_status read_picture(const char *path, void *user, mnist_error *err)
{
    mnist_picture picture;
    mnist_status status = mnist_picture_read(&picture, path, err);
    (void)user;
    if (!status)
        mnist_picture_free(&picture);
    return status;
}

/* Palette, transparency and interlace in a few bytes. */
static void make(png_file *png, int interlaced)
{
    static const uint8_t rows[] = {0, 0x1b, 1, 0xe4, 2, 0x27,
                                   3, 0x1b, 4, 0x4e, 1, 0x40};
    png_begin(png);
    png_header(png, interlaced ? 2 : 4, interlaced ? 4 : 5, 2, 3,
               (unsigned)interlaced);
    png_chunk(png, "PLTE", "abcdefghijkl", 12);
    png_chunk(png, "tRNS", "\0\x80\xff", 3);
    png_chunk(png, "tIME", "\7\xe8\1\1\1\1\1", 7);
    png_pixels(png, rows, interlaced ? 12 : 10, 2);
}

static void test_changed_and_cut(void **state)
{
    static png_file png;
    damage d = {.count = {.name = "damage-png"},
                .read = read_picture,
                .refusal = MNIST_ERROR_DATA};
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        make(&png, interlaced);
        damage_begin(&d, *state, "x.png", png.bytes, png.length);
        damage_bytes(&d, 0, png.length, damage_all, 255);
        damage_cuts(&d);
        damage_end(&d);
    }
    assert_int_equal(d.accepted, 0);
    damage_report(&d);
}

static void test_changed_and_sealed(void **state)
{
    static png_file png, changed;
    damage d = {.count = {.name = "damage-png-sealed"},
                .read = read_picture,
                .refusal = MNIST_ERROR_DATA,
                .harmless = true};
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        make(&png, interlaced);
        damage_begin(&d, *state, "x.png", png.bytes, png.length);
        for (size_t at = 8; at < png.length; at++)
            for (unsigned with = 1; with < 256; with++) {
                changed = png;
                changed.bytes[at] = (uint8_t)(changed.bytes[at] ^ with);
                png_seal(changed.bytes, changed.length);
                assert_int_equal(pwrite(d.fd, changed.bytes, changed.length, 0),
                                 changed.length);
                damage_case(&d, changed.length, "sealed", at, with);
            }
        assert_int_equal(pwrite(d.fd, png.bytes, png.length, 0), png.length);
        damage_end(&d);
    }
    assert_true(d.accepted > 0);
    damage_report(&d);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_changed_and_cut),
        IN_FOLDER(test_changed_and_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
