#include "data/gunzip.h"

#include "base/crc32.h"
#include "data/inflate.h"
#include "support/deflate.h"
#include "support/tally.h"
#include "support/temporary.h"

#include <mnist/random.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An IDX file of ten labels, and how Python's gzip (zlib 1.2.13) packs it. */
static const uint8_t labels[18] = {0, 0, 8, 1, 0, 0, 0, 10, 7,
                                   2, 1, 0, 4, 1, 4, 9, 5,  9};
static const uint8_t labels_gz[38] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff,
    0x63, 0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0xe0, 0x62, 0x67,
    0x62, 0x64, 0x60, 0x61, 0x64, 0xe1, 0x64, 0xe5, 0x04, 0x00,
    0x90, 0x6b, 0x35, 0x6d, 0x12, 0x00, 0x00, 0x00};

static mnist_error err;

/* Unpacks a copy of exactly these bytes. */
static mnist_status gunzip(const uint8_t *in, size_t length, uint8_t *out,
                           size_t room, size_t *produced, bool *more)
{
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    if (length)
        memcpy(copy, in, length);
    err.message[0] = '\0';
    mnist_status status =
        mnist_gunzip("x.gz", copy, length, out, room, produced, more, &err);
    free(copy);
    return status;
}

static void expect_unpacked(const uint8_t *in, size_t length,
                            const void *expected, size_t count)
{
    size_t produced;
    bool more;
    uint8_t *out = malloc(count + 1);
    assert_non_null(out);
    mnist_status status = gunzip(in, length, out, count, &produced, &more);
    assert_string_equal(err.message, "");
    assert_int_equal(status, MNIST_OK);
    assert_false(more);
    assert_int_equal(produced, count);
    assert_memory_equal(out, expected, count);
    free(out);
}

static void expect_refused(const uint8_t *in, size_t length,
                           const char *message)
{
    uint8_t out[256];
    size_t produced;
    bool more;
    assert_int_equal(gunzip(in, length, out, sizeof out, &produced, &more),
                     MNIST_ERROR_DATA);
    assert_string_equal(err.message, message);
}

/* ---- What gzip itself writes ---- */

enum { LARGE = 300000, KINDS = 4 };

/* From what does not compress at all to what compresses best. */
static uint8_t kind_of_data(int kind, mnist_random *r, size_t i)
{
    switch (kind) {
    case 0:
        return (uint8_t)mnist_random_bits(r);
    case 1: /* a picture: mostly background */
        return mnist_random_below(r, 5) ? 0 : (uint8_t)mnist_random_bits(r);
    case 2: /* ever the same row with a fault here and there */
        return mnist_random_below(r, 99) ? (uint8_t)(i % 28 * 9) : 255;
    default:
        return 0;
    }
}

static void check_gzip(temporary *t, const char *path, const uint8_t *bytes,
                       size_t length, size_t level)
{
    char command[1024];
    const char *packed = temporary_path(t, "packed.gz");
    snprintf(command, sizeof command, "gzip -%zu -c '%s' > '%s'", level, path,
             packed);
    if (system(command) != 0)
        fail_msg("%s", command);
    size_t packed_length;
    uint8_t *gz = temporary_read(packed, &packed_length);
    expect_unpacked(gz, packed_length, bytes, length);
    free(gz);
}

static void test_every_level_of_gzip(void **state)
{
    temporary *t = *state;
    const size_t stride = tally_stride("levels of gzip", 1);
    uint8_t *bytes = malloc(LARGE);
    assert_non_null(bytes);
    if (system("gzip --version > /dev/null 2>&1") != 0) {
        free(bytes);
        skip();
    }
    for (int kind = 0; kind < KINDS; kind++) {
        mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
        for (size_t i = 0; i < LARGE; i++)
            bytes[i] = kind_of_data(kind, &r, i);
        for (size_t level = 1; level <= 9; level += stride)
            for (size_t length = LARGE; length > 2; length /= 60) {
                const char *path = temporary_write(t, "plain", bytes, length);
                check_gzip(t, path, bytes, length, level);
            }
    }
    free(bytes);
}

/* ---- Damage ---- */

static void test_every_cut(void **state)
{
    (void)state;
    expect_unpacked(labels_gz, sizeof labels_gz, labels, sizeof labels);
    for (size_t n = 0; n < sizeof labels_gz; n++) {
        char message[128];
        snprintf(message, sizeof message,
                 "x.gz: byte %zu: the gzip file is cut off here, more was "
                 "expected; get it again",
                 n);
        expect_refused(labels_gz, n, message);
    }
}

/* Time, system and the bits behind the last block are covered by no checksum:
   with these the output is right; everything else is refused. */
static void test_every_byte_changed(void **state)
{
    (void)state;
    uint8_t in[sizeof labels_gz], out[64];
    int refused = 0;
    memcpy(in, labels_gz, sizeof in);
    for (size_t at = 0; at < sizeof in; at++)
        for (int change = 1; change < 256; change++) {
            size_t produced;
            bool more;
            in[at] ^= (uint8_t)change;
            if (gunzip(in, sizeof in, out, sizeof out, &produced, &more)) {
                refused++;
                assert_true(strlen(err.message) > 0);
            } else if (!more) {
                assert_int_equal(produced, sizeof labels);
                assert_memory_equal(out, labels, sizeof labels);
            }
            in[at] ^= (uint8_t)change;
        }
    /* All but the time, the two bytes behind it and some bits of the flags and
       of the last byte of the block. */
    assert_true(refused > (int)(sizeof in - 6 - 3) * 255);
}

static void test_trailer(void **state)
{
    (void)state;
    uint8_t in[sizeof labels_gz + 1] = {0};
    memcpy(in, labels_gz, sizeof labels_gz);
    in[30] ^= 1;
    expect_refused(in, sizeof labels_gz,
                   "x.gz: byte 30: found CRC-32 6d356b91, expected 6d356b90; "
                   "the gzip file is damaged; get it again");
    in[30] ^= 1;
    in[37] = 1;
    expect_refused(in, sizeof labels_gz,
                   "x.gz: byte 34: found length 16777234, expected 18; the "
                   "gzip file is damaged; get it again");
    in[37] = 0;
    for (int behind = 0; behind < 256; behind += 0x1f) {
        in[38] = (uint8_t)behind;
        expect_refused(in, sizeof in,
                       "x.gz: byte 38: found 1 bytes after the end of the gzip "
                       "data, expected none");
    }
}

static void test_not_gzip(void **state)
{
    (void)state;
    expect_refused((const uint8_t *)"PK", 2,
                   "x.gz: byte 0: found 50 4b, expected 1f 8b (gzip)");
    uint8_t in[sizeof labels_gz];
    memcpy(in, labels_gz, sizeof in);
    in[2] = 7;
    expect_refused(in, sizeof in,
                   "x.gz: byte 2: found gzip method 7, expected 8 (deflate)");
    in[2] = 8;
    in[10] = 7; /* a last block of type 3 */
    expect_refused(in, sizeof in,
                   "x.gz: byte 11: invalid block type; the gzip file is "
                   "damaged; get it again");
}

/* ---- Headers ---- */

/* With its NUL; returns where it ends. */
static uint8_t *put_text(uint8_t *to, const char *text)
{
    memcpy(to, text, strlen(text) + 1);
    return to + strlen(text) + 1;
}

/* Writes the labels with a header of these flags; returns the length, and that
   of the header. */
static size_t with_flags(uint8_t *out, unsigned flags, size_t extra,
                         size_t *header)
{
    uint8_t *to = out;
    memcpy(to, labels_gz, 10);
    to[3] = (uint8_t)flags;
    to += 10;
    if (flags & 4) {
        *to++ = (uint8_t)extra;
        *to++ = (uint8_t)(extra >> 8);
        memset(to, 0x1f, extra);
        to += extra;
    }
    if (flags & 8)
        to = put_text(to, "t10k-labels.idx1-ubyte");
    if (flags & 16)
        to = put_text(to, "a comment");
    if (flags & 2) {
        uint32_t crc = mnist_crc32(0, out, (size_t)(to - out));
        *to++ = (uint8_t)crc;
        *to++ = (uint8_t)(crc >> 8);
    }
    *header = (size_t)(to - out);
    memcpy(to, labels_gz + 10, sizeof labels_gz - 10);
    return *header + sizeof labels_gz - 10;
}

static void test_header_flags(void **state)
{
    (void)state;
    static uint8_t in[70000];
    size_t header, length;
    for (unsigned flags = 0; flags < 32; flags++) {
        length = with_flags(in, flags, 5, &header);
        expect_unpacked(in, length, labels, sizeof labels);
        uint8_t out[64];
        size_t produced;
        bool more;
        for (size_t cut = 0; cut < length; cut++)
            assert_int_equal(gunzip(in, cut, out, sizeof out, &produced, &more),
                             MNIST_ERROR_DATA);
    }
    length = with_flags(in, 4, 65535, &header);
    expect_unpacked(in, length, labels, sizeof labels);
    length = with_flags(in, 4, 0, &header);
    expect_unpacked(in, length, labels, sizeof labels);

    /* Changed, the header's checksum tells: even the time. */
    length = with_flags(in, 2, 0, &header);
    in[4] ^= 1;
    uint8_t out[64];
    size_t produced;
    bool more;
    assert_int_equal(gunzip(in, length, out, sizeof out, &produced, &more),
                     MNIST_ERROR_DATA);
    assert_non_null(strstr(err.message, "byte 10: found"));
    assert_non_null(strstr(err.message, "as checksum of the gzip header"));
    for (unsigned flag = 32; flag < 256; flag <<= 1) {
        char message[128];
        snprintf(message, sizeof message,
                 "x.gz: byte 3: found gzip flags %02x, expected the upper "
                 "three bits to be 0",
                 flag);
        length = with_flags(in, flag, 0, &header);
        expect_refused(in, length, message);
    }
}

/* ---- Members, and the end of the room ---- */

/* An extra field that goes on behind the end, where there is something too, and
   a checksum behind it. */
static void test_extra_beyond_the_end(void **state)
{
    static uint8_t bytes[200] = {0x1f, 0x8b, 8, 6, 0, 0, 0, 0, 0, 3, 100};
    uint8_t out[8];
    size_t produced;
    bool more;
    (void)state;
    assert_int_equal(mnist_gunzip("x.gz", bytes, 20, out, sizeof out, &produced,
                                  &more, &err),
                     MNIST_ERROR_DATA);
    assert_string_equal(err.message,
                        "x.gz: byte 20: the gzip file is cut off here, more "
                        "was expected; get it again");
}

static void test_members_are_joined(void **state)
{
    (void)state;
    uint8_t in[256], twice[2 * sizeof labels];
    memcpy(twice, labels, sizeof labels);
    memcpy(twice + sizeof labels, labels, sizeof labels);

    size_t length = gzip_stored(in, labels, sizeof labels);
    length += gzip_stored(in + length, "", 0);
    memcpy(in + length, labels_gz, sizeof labels_gz);
    length += sizeof labels_gz;
    expect_unpacked(in, length, twice, sizeof twice);
    for (size_t cut = length - sizeof labels_gz + 1; cut < length; cut++) {
        uint8_t out[64];
        size_t produced;
        bool more;
        assert_int_equal(gunzip(in, cut, out, sizeof out, &produced, &more),
                         MNIST_ERROR_DATA);
    }
}

/* A member's matches must not reach into the one before. */
static void test_members_are_apart(void **state)
{
    (void)state;
    bit_writer w = {{0}, 0};
    uint8_t in[256];
    size_t length = gzip_stored(in, "aaaa", 4);
    bits_number(&w, 1, 1);
    bits_number(&w, 1, 2);
    bits_code(&w, 1, 7); /* a match of 3 at distance 1 */
    bits_code(&w, 0, 5);
    bits_code(&w, 0, 7);
    length += gzip_wrap(in + length, w.bytes, bits_length(&w), "aaa", 3);
    uint8_t out[64];
    size_t produced;
    bool more;
    assert_int_equal(gunzip(in, length, out, sizeof out, &produced, &more),
                     MNIST_ERROR_DATA);
    assert_non_null(strstr(err.message, "distance too far back"));
}

static void test_empty(void **state)
{
    (void)state;
    uint8_t in[64], out[1];
    size_t produced;
    bool more;
    size_t length = gzip_stored(in, "", 0);
    assert_int_equal(gunzip(in, length, out, 0, &produced, &more), MNIST_OK);
    assert_int_equal(produced, 0);
    assert_false(more);
}

/* Members that hold nothing are let pass as blocks that hold nothing are. */
static void test_idle_members(void **state)
{
    (void)state;
    const size_t most = MNIST_INFLATE_IDLE / MNIST_INFLATE_BLOCK;
    uint8_t member[32];
    size_t each = gzip_stored(member, "", 0);
    uint8_t *in = malloc(most * each + sizeof labels_gz);
    assert_non_null(in);
    for (size_t i = 0; i < most; i++)
        memcpy(in + i * each, member, each);
    memcpy(in + (most - 1) * each, labels_gz, sizeof labels_gz);
    expect_unpacked(in, (most - 1) * each + sizeof labels_gz, labels,
                    sizeof labels);
    memcpy(in + (most - 1) * each, member, each);
    memcpy(in + most * each, labels_gz, sizeof labels_gz);
    expect_refused(in, most * each + sizeof labels_gz,
                   "x.gz: byte 94219: too many blocks that hold next to "
                   "nothing; the gzip file is damaged; get it again");
    free(in);
}

static void test_full_is_no_error(void **state)
{
    (void)state;
    for (size_t room = 0; room < sizeof labels; room++) {
        uint8_t out[sizeof labels + 1];
        size_t produced;
        bool more;
        memset(out, 0xa5, sizeof out);
        assert_int_equal(
            gunzip(labels_gz, sizeof labels_gz, out, room, &produced, &more),
            MNIST_OK);
        assert_true(more);
        assert_int_equal(produced, room);
        assert_memory_equal(out, labels, room);
        assert_int_equal(out[room], 0xa5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_level_of_gzip,
                                        temporary_setup, temporary_teardown),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_trailer),
        cmocka_unit_test(test_not_gzip),
        cmocka_unit_test(test_header_flags),
        cmocka_unit_test(test_extra_beyond_the_end),
        cmocka_unit_test(test_members_are_joined),
        cmocka_unit_test(test_members_are_apart),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_idle_members),
        cmocka_unit_test(test_full_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
