/* IDX files that are read and refused: lengths, gzip, pipes. */
#include <mnist/idx.h>

#include "support/deflate.h"
#include "support/idx.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static mnist_error err;

/* ---- Good files ---- */

static void test_raw_and_gzip(void **state)
{
    temporary *t = *state;
    static const uint8_t one[] = {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 50, 60};
    uint8_t images[IMAGES], gz[IMAGES + 100];
    make_images(images);
    const struct {
        const uint8_t *bytes;
        size_t length;
    } files[] = {
        {images, IMAGES}, {idx_labels, sizeof idx_labels}, {one, sizeof one}};
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *bytes = files[i].bytes;
        size_t n = files[i].length;
        expect_read(temporary_write(t, "x", bytes, n), bytes, n);
        /* The name does not tell, and two members are one file. */
        expect_read(temporary_write(t, "x.gz", bytes, n), bytes, n);
        size_t packed = gzip_stored(gz, bytes, n);
        expect_read(temporary_write(t, "x", gz, packed), bytes, n);
        packed = gzip_stored(gz, bytes, 5);
        packed += gzip_stored(gz + packed, bytes + 5, n - 5);
        expect_read(temporary_write(t, "x", gz, packed), bytes, n);
    }
    mnist_idx_free(NULL);
}

/* Large enough that memory for it must grow while it arrives. */
static void test_pipes(void **state)
{
    temporary *t = *state;
    enum { COUNT = 700000 };
    uint8_t *file = malloc(8 + COUNT);
    uint8_t *gz = malloc(gzip_stored_room(8 + COUNT));
    const char *path = temporary_path(t, "fifo");
    assert_non_null(file);
    assert_non_null(gz);
    memcpy(file, (uint8_t[]){0, 0, 8, 1, 0, 0x0a, 0xae, 0x60}, 8);
    for (size_t i = 0; i < COUNT; i++)
        file[8 + i] = (uint8_t)(i ^ i >> 8);
    size_t packed = gzip_stored(gz, file, 8 + COUNT);
    assert_int_equal(mkfifo(path, 0600), 0);
    /* Raw, gzip'd, a byte short, a byte long. */
    for (int turn = 0; turn < 4; turn++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            FILE *pipe = fopen(path, "wb");
            if (!pipe)
                _exit(1);
            const uint8_t *from = turn == 1 ? gz : file;
            size_t length = turn == 1 ? packed : 8 + COUNT - (turn == 2);
            fwrite(from, 1, length, pipe);
            if (turn == 3)
                fputc(0, pipe);
            fclose(pipe);
            _exit(0);
        }
        mnist_idx idx;
        mnist_status status = mnist_idx_read(&idx, path, &err);
        int result;
        assert_int_equal(waitpid(child, &result, 0), child);
        if (turn < 2) {
            assert_int_equal(status, MNIST_OK);
            assert_int_equal(idx.count, COUNT);
            assert_memory_equal(idx.data, file + 8, COUNT);
            mnist_idx_free(&idx);
        } else {
            assert_int_equal(status, MNIST_ERROR_DATA);
            assert_non_null(
                strstr(err.message,
                       turn == 2 ? " holds 700007 bytes, its header promises "
                                   "700008 (8 of header, 700000 of data)"
                                 : " holds more than 700008 bytes, "));
        }
    }
    free(file);
    free(gz);
}

/* ---- Lengths ---- */

static void test_every_cut(void **state)
{
    temporary *t = *state;
    uint8_t images[IMAGES], gz[IMAGES + 100];
    make_images(images);
    size_t packed = gzip_stored(gz, images, IMAGES);
    for (size_t n = 0; n < IMAGES; n++)
        expect_bytes_refused(t, images, n);
    for (size_t n = 0; n < packed; n++)
        expect_bytes_refused(t, gz, n);
    for (size_t n = 0; n < sizeof idx_labels; n++) {
        expect_bytes_refused(t, idx_labels, n);
        packed = gzip_stored(gz, idx_labels, n); /* whole, around a cut file */
        expect_bytes_refused(t, gz, packed);
    }
    assert_string_equal(expect_bytes_refused(t, images, IMAGES - 1),
                        " holds 1583 bytes, its header promises 1584 (16 of "
                        "header, 2x28x28 of data); get the file again");
    assert_string_equal(expect_bytes_refused(t, images, 0),
                        " is empty, expected an IDX file");
    assert_string_equal(expect_bytes_refused(t, images, 3),
                        ": found 3 bytes, expected an IDX header of 8 or more");
    assert_string_equal(expect_bytes_refused(t, images, 15),
                        ": found 15 bytes, its IDX header alone takes 16; the "
                        "file is cut short");
}

static void test_bytes_added(void **state)
{
    temporary *t = *state;
    uint8_t images[IMAGES + 4096] = {0}, gz[IMAGES + 5000];
    static const size_t more[] = {1, 4, 8, 4096};
    make_images(images);
    for (size_t i = 0; i < 4; i++) {
        expect_bytes_refused(t, images, IMAGES + more[i]);
        size_t packed = gzip_stored(gz, images, IMAGES + more[i]);
        assert_string_equal(expect_bytes_refused(t, gz, packed),
                            " holds more than 1584 bytes, its header promises "
                            "1584 (16 of header, 2x28x28 of data); get the "
                            "file again");
        packed = gzip_stored(gz, images, IMAGES);
        memset(gz + packed, 0, more[i]);
        expect_bytes_refused(t, gz, packed + more[i]);
    }
}

/* ---- gzip ---- */

static void test_gzip_of_other_things(void **state)
{
    temporary *t = *state;
    uint8_t gz[200], twice[300];
    size_t packed = gzip_stored(gz, "<!DOCTYPE html><html>", 21);
    assert_string_equal(
        expect_bytes_refused(t, gz, packed),
        " (unpacked) is an HTML page, not IDX: the download failed");
    packed = gzip_stored(gz, "", 0);
    assert_string_equal(expect_bytes_refused(t, gz, packed),
                        " (unpacked) is empty, expected an IDX file");
    packed = gzip_stored(gz, idx_labels, sizeof idx_labels);
    packed = gzip_stored(twice, gz, packed);
    assert_string_equal(expect_bytes_refused(t, twice, packed),
                        " (unpacked) is a gzip file, not IDX");
}

static void test_promise_beyond_gzip(void **state)
{
    temporary *t = *state;
    uint8_t bytes[24] = {0, 0, 8, 1, 0x7f, 0, 0, 0}, gz[64];
    size_t packed = gzip_stored(gz, bytes, sizeof bytes);
    assert_string_equal(expect_bytes_refused(t, gz, packed),
                        " (unpacked): its header promises 2130706440 bytes, "
                        "more than 47 bytes of gzip can hold");
}

/* An honest header, then zeros without end at deflate's best rate: refused at
   the first byte too many. A match of 258 at distance 1 takes two bits of 0. */
static void test_bomb(void **state)
{
    temporary *t = *state;
    static uint8_t gz[300000];
    static const uint8_t header[16] = {0, 0, 8, 3,  0, 0, 0, 10,
                                       0, 0, 0, 28, 0, 0, 0, 28};
    uint8_t litlens[286] = {0}, distances[1] = {1};
    bit_writer w = {{0}, 0};
    litlens[285] = 1;
    litlens[256] = litlens[0] = litlens[8] = litlens[3] = 4;
    litlens[10] = litlens[28] = litlens[1] = litlens[2] = 4;
    bits_dynamic(&w, litlens, 286, distances, 1);
    for (size_t i = 0; i < 16; i++) {
        /* 285 is the code 0; those of 4 bits follow, in the order of symbols */
        static const uint8_t order[] = {0, 1, 2, 3, 8, 10, 28};
        const uint8_t *found = memchr(order, header[i], sizeof order);
        assert_non_null(found);
        bits_code(&w, 8 + (unsigned)(found - order), 4);
    }
    memcpy(gz, (uint8_t[]){0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}, 10);
    memcpy(gz + 10, w.bytes, bits_length(&w));
    assert_string_equal(expect_bytes_refused(t, gz, sizeof gz),
                        " holds more than 7856 bytes, its header promises 7856 "
                        "(16 of header, 10x28x28 of data); get the file again");
}

static void test_every_byte_of_gzip_changed(void **state)
{
    temporary *t = *state;
    uint8_t gz[64];
    size_t packed = gzip_stored(gz, idx_labels, sizeof idx_labels);
    for (size_t at = 0; at < packed; at++)
        for (int change = 1; change < 256; change++) {
            mnist_idx idx;
            gz[at] ^= (uint8_t)change;
            const char *path = temporary_write(t, "x", gz, packed);
            if (mnist_idx_read(&idx, path, &err) == MNIST_OK) {
                /* The flag that says "this is text", time and system of the
                   header, and the bits before a stored block's length. */
                assert_true((at == 3 && change == 1) || (at >= 4 && at <= 10));
                assert_int_equal(idx.count, 10);
                assert_memory_equal(idx.data, idx_labels + 8, 10);
                mnist_idx_free(&idx);
            }
            gz[at] ^= (uint8_t)change;
        }
}

/* ---- The system ---- */

static void test_other_files(void **state)
{
    temporary *t = *state;
    assert_string_equal(
        expect_refused(temporary_path(t, "none"), MNIST_ERROR_SYSTEM),
        ": cannot open: No such file or directory");
    assert_string_equal(expect_refused(temporary_folder(t), MNIST_ERROR_SYSTEM),
                        ": is a directory, expected a file");
    assert_string_equal(expect_refused("/dev/null", MNIST_ERROR_DATA),
                        " is empty, expected an IDX file");
    /* Most of it a hole, which takes no room on the disk. */
    const char *path = temporary_write(t, "x", "\x1f\x8b\x08", 3);
    assert_int_equal(truncate(path, ((off_t)1 << 31) + 1), 0);
    assert_string_equal(expect_refused(path, MNIST_ERROR_DATA),
                        ": found 2147483649 bytes of gzip, more than the 2 GiB "
                        "that are read here");
    assert_string_equal(expect_refused("/dev/zero", MNIST_ERROR_DATA),
                        ": byte 2: found 00, which is no IDX type; expected "
                        "08, unsigned bytes");
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_raw_and_gzip),
        IN_FOLDER(test_pipes),
        IN_FOLDER(test_every_cut),
        IN_FOLDER(test_bytes_added),
        IN_FOLDER(test_gzip_of_other_things),
        IN_FOLDER(test_promise_beyond_gzip),
        IN_FOLDER(test_bomb),
        IN_FOLDER(test_every_byte_of_gzip_changed),
        IN_FOLDER(test_other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
