#include <mnist/idx.h>

#include "support/deflate.h"
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

/* Two images of 28x28. */
enum { IMAGES = 16 + 2 * 28 * 28 };

static void make_images(uint8_t bytes[IMAGES])
{
    static const uint8_t header[16] = {0, 0, 8, 3,  0, 0, 0, 2,
                                       0, 0, 0, 28, 0, 0, 0, 28};
    memcpy(bytes, header, 16);
    for (size_t i = 16; i < IMAGES; i++)
        bytes[i] = (uint8_t)(i * 7);
}

static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 10, 7,
                                 2, 1, 0, 4, 1, 4, 9, 5,  9};

static void expect_read(const char *path, const uint8_t *file, size_t length)
{
    mnist_idx idx;
    err.message[0] = '\0';
    mnist_status status = mnist_idx_read(&idx, path, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, MNIST_OK);
    size_t header = 4 + 4 * (size_t)idx.dims;
    assert_int_equal(idx.dims, file[3]);
    for (unsigned i = 0; i < idx.dims; i++)
        assert_int_equal(idx.size[i], file[7 + 4 * i]);
    assert_int_equal(idx.count, length - header);
    assert_memory_equal(idx.data, file + header, idx.count);
    mnist_idx_free(&idx);
    assert_null(idx.data);
    assert_int_equal(idx.count, 0);
}

/* The message without the path at its front. */
static const char *expect_refused(const char *path, mnist_status status)
{
    mnist_idx idx, untouched;
    memset(&idx, 0xa5, sizeof idx);
    memcpy(&untouched, &idx, sizeof idx);
    assert_int_equal(mnist_idx_read(&idx, path, &err), status);
    assert_int_equal(err.status, status);
    assert_memory_equal(&idx, &untouched, sizeof idx);
    assert_memory_equal(err.message, path, strlen(path));
    return err.message + strlen(path);
}

static const char *expect_bytes_refused(temporary *t, const void *bytes,
                                        size_t length)
{
    return expect_refused(temporary_write(t, "x", bytes, length),
                          MNIST_ERROR_DATA);
}

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
    } files[] = {{images, IMAGES}, {labels, sizeof labels}, {one, sizeof one}};
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
    for (size_t n = 0; n < sizeof labels; n++) {
        expect_bytes_refused(t, labels, n);
        packed = gzip_stored(gz, labels, n); /* whole, around a cut file */
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

/* ---- Headers ---- */

static void test_every_header_bit(void **state)
{
    temporary *t = *state;
    uint8_t images[IMAGES], bytes[sizeof labels];
    make_images(images);
    memcpy(bytes, labels, sizeof bytes);
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
    packed = gzip_stored(gz, labels, sizeof labels);
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
    size_t packed = gzip_stored(gz, labels, sizeof labels);
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
                assert_memory_equal(idx.data, labels + 8, 10);
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
    assert_string_equal(expect_refused("/dev/zero", MNIST_ERROR_DATA),
                        ": byte 2: found 00, which is no IDX type; expected "
                        "08, unsigned bytes");
}

/* ---- Writing ---- */

static void test_write(void **state)
{
    temporary *t = *state;
    uint8_t images[IMAGES];
    size_t length;
    const char *path = temporary_path(t, "out");
    make_images(images);
    assert_int_equal(
        mnist_idx_write(path, 3, (size_t[]){2, 28, 28}, images + 16, &err),
        MNIST_OK);
    uint8_t *file = temporary_read(path, &length);
    assert_int_equal(length, IMAGES);
    assert_memory_equal(file, images, IMAGES);
    free(file);
    assert_int_equal(mnist_idx_write(path, 1, (size_t[]){10}, labels + 8, &err),
                     MNIST_OK);
    file = temporary_read(path, &length);
    assert_int_equal(length, sizeof labels);
    assert_memory_equal(file, labels, sizeof labels);
    free(file);
    assert_int_equal(temporary_count(t), 1);
}

static void test_write_refused(void **state)
{
    temporary *t = *state;
    const char *path = temporary_path(t, "out");
    static const size_t size[4] = {1, 1, 1, 1};
    uint8_t byte = 0;
    assert_int_equal(mnist_idx_write(path, 0, size, &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_idx_write(path, 4, size, &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_idx_write(path, 2, (size_t[]){1, 0}, &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(
        mnist_idx_write(path, 2, (size_t[]){SIZE_MAX, 1}, &byte, &err),
        MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_idx_write(path, 3,
                                     (size_t[]){UINT32_MAX, UINT32_MAX, 2},
                                     &byte, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(
        mnist_idx_write(temporary_path(t, "none/out"), 1, size, &byte, &err),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(temporary_count(t), 0);
}

/* ---- Checksums ---- */

/* Of the labels above, by sha256sum. */
static void test_sha256(void **state)
{
    temporary *t = *state;
    mnist_idx idx;
    char hex[65];
    const char *path = temporary_write(t, "x", labels, sizeof labels);
    assert_int_equal(mnist_idx_read(&idx, path, &err), MNIST_OK);
    mnist_idx_sha256(&idx, hex);
    mnist_idx_free(&idx);
    assert_string_equal(
        hex,
        "5ef1edad0e98e763d3493d0d3f4287f5745a87b6cf49e86e05d19e8e9d860a4a");
    assert_null(mnist_idx_known(hex));
    assert_null(mnist_idx_known(""));
    assert_string_equal(
        mnist_idx_known("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7"
                        "762c4d494ce7"),
        "MNIST test images");
}

/* With the real files at hand: MNIST_REAL_DATA names their folder. */
static void test_real_files(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"train-images-idx3-ubyte", "MNIST training images"},
        {"train-labels-idx1-ubyte", "MNIST training labels"},
        {"t10k-images-idx3-ubyte", "MNIST test images"},
        {"t10k-labels-idx1-ubyte", "MNIST test labels"}};
    const char *folder = getenv("MNIST_REAL_DATA");
    int seen = 0;
    for (size_t i = 0; folder && i < 8; i++) {
        char path[1024], hex[65];
        mnist_idx idx;
        snprintf(path, sizeof path, "%s/%s%s", folder, files[i / 2][0],
                 i % 2 ? ".gz" : "");
        if (access(path, R_OK) != 0)
            continue;
        assert_int_equal(mnist_idx_read(&idx, path, &err), MNIST_OK);
        mnist_idx_sha256(&idx, hex);
        mnist_idx_free(&idx);
        assert_non_null(mnist_idx_known(hex));
        assert_string_equal(mnist_idx_known(hex), files[i / 2][1]);
        seen++;
    }
    if (!seen)
        skip();
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
        IN_FOLDER(test_every_header_bit),
        IN_FOLDER(test_types),
        IN_FOLDER(test_sizes),
        IN_FOLDER(test_other_kinds),
        IN_FOLDER(test_gzip_of_other_things),
        IN_FOLDER(test_promise_beyond_gzip),
        IN_FOLDER(test_bomb),
        IN_FOLDER(test_every_byte_of_gzip_changed),
        IN_FOLDER(test_other_files),
        IN_FOLDER(test_write),
        IN_FOLDER(test_write_refused),
        IN_FOLDER(test_sha256),
        cmocka_unit_test(test_real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
