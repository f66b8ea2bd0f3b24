/* IDX files that are read: raw, gzip'd, by pipes. */
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
    uint8_t images[IDX_IMAGES], gz[IDX_IMAGES + 100];
    make_images(images);
    const struct {
        const uint8_t *bytes;
        size_t length;
    } files[] = {{images, IDX_IMAGES},
                 {idx_labels, sizeof idx_labels},
                 {one, sizeof one}};
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

/* ---- Some images of a file ---- */

enum { MANY = 50, SIDE = 3, IMAGE = SIDE * SIDE };

/* A file of MANY images that hold no 0. */
static size_t make_many(uint8_t *file)
{
    const uint8_t header[] = {0, 0, 8, 3,    0, 0, 0, MANY,
                              0, 0, 0, SIDE, 0, 0, 0, SIDE};
    memcpy(file, header, sizeof header);
    for (size_t i = 0; i < (size_t)MANY * IMAGE; i++)
        file[sizeof header + i] = (uint8_t)(1 + i % 255);
    return sizeof header + (size_t)MANY * IMAGE;
}

/* Reads images first..end-1 and counts those that are the file's and those that
   are all 0; any other fails the test. */
static void count_images(const char *path, size_t first, size_t end,
                         const uint8_t *pixels, size_t *wanted, size_t *empty)
{
    static const uint8_t none[IMAGE];
    mnist_idx idx;
    assert_int_equal(mnist_idx_read_range(&idx, path, first, end, &err),
                     MNIST_OK);
    assert_int_equal(idx.dims, 3);
    assert_int_equal(idx.size[0], MANY);
    assert_int_equal(idx.count, MANY * IMAGE);
    *wanted = *empty = 0;
    for (size_t i = 0; i < MANY; i++) {
        if (memcmp(idx.data + i * IMAGE, pixels + i * IMAGE, IMAGE) == 0)
            ++*wanted;
        else if (memcmp(idx.data + i * IMAGE, none, IMAGE) == 0 &&
                 (i < first || i >= end))
            ++*empty;
        else
            fail_msg("image %zu of %zu:%zu is another", i, first, end);
    }
    mnist_idx_free(&idx);
}

static void test_only_wanted_images_are_read(void **state)
{
    static const struct {
        size_t first, end, wanted;
    } ranges[] = {{0, 1, 1},          {7, 8, 1},           {MANY - 1, MANY, 1},
                  {0, MANY, MANY},    {10, 20, 10},        {40, SIZE_MAX, 10},
                  {0, 3, 3},          {0, SIZE_MAX, MANY}, {MANY, MANY + 1, 0},
                  {999, SIZE_MAX, 0}, {20, 10, 0}};
    uint8_t file[16 + MANY * IMAGE], gz[sizeof file + 100];
    size_t length = make_many(file);
    const char *raw = temporary_write(*state, "raw", file, length);
    const char *packed =
        temporary_write(*state, "packed", gz, gzip_stored(gz, file, length));
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        size_t wanted, empty;
        count_images(raw, ranges[i].first, ranges[i].end, file + 16, &wanted,
                     &empty);
        assert_int_equal(wanted, ranges[i].wanted);
        assert_int_equal(empty, MANY - ranges[i].wanted);
        /* What is packed has to be read up to the end. */
        count_images(packed, ranges[i].first, ranges[i].end, file + 16, &wanted,
                     &empty);
        assert_int_equal(wanted, MANY);
    }
}

/* Of a damaged file no image is given, be it far from the damage. */
static void test_range_of_a_damaged_file(void **state)
{
    uint8_t file[16 + MANY * IMAGE + 1] = {0};
    size_t length = make_many(file);
    mnist_idx idx = {0};
    for (int more = -1; more <= 1; more += 2) {
        const char *path = temporary_write(*state, "damaged", file,
                                           more > 0 ? length + 1 : length - 1);
        assert_int_equal(mnist_idx_read_range(&idx, path, 0, 1, &err),
                         MNIST_ERROR_DATA);
        assert_non_null(strstr(err.message, "its header promises"));
        assert_null(idx.block);
    }
}

/* ---- Other files ---- */

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

/* Their product is 2^64 - 1: it is the header's length that no longer fits. */
static void test_sizes_that_wrap(void **state)
{
    static const uint8_t file[16] = {0, 0, 8,    3,    0xff, 0xff, 0xff, 0xff,
                                     0, 0, 0x02, 0x81, 0,    0x66, 0x3d, 0x81};
    const char *path = temporary_write(*state, "wrapped", file, sizeof file);
    mnist_idx idx = {0};
    assert_int_equal(mnist_idx_read(&idx, path, &err), MNIST_ERROR_DATA);
    assert_non_null(strstr(err.message, "sizes 4294967295x641x6700417"));
    assert_null(idx.block);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_raw_and_gzip),
        IN_FOLDER(test_only_wanted_images_are_read),
        IN_FOLDER(test_range_of_a_damaged_file),
        IN_FOLDER(test_pipes),
        IN_FOLDER(test_sizes_that_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
