/* Raw deflate data, good and bad. */
#include "data/inflate.h"

#include "support/deflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char text[] = "a rose is a rose is a rose";

/* Python's zlib 1.2.13, raw: text at level 9 with the strategy Z_FIXED; text at
   level 0, whose bytes follow the five here; and ((i * i) >> 3) % 7 for i below
   400 at level 9. */
static const uint8_t fixed[] = {0x4b, 0x54, 0x28, 0xca, 0x2f, 0x4e, 0x55, 0xc8,
                                0x2c, 0x56, 0x48, 0x44, 0x63, 0x01, 0x00};
static const uint8_t stored[] = {0x01, 0x1a, 0x00, 0xe5, 0xff};
static const uint8_t dynamic[] = {
    0xed, 0xc9, 0xb1, 0x11, 0x00, 0x30, 0x08, 0x03, 0xb1, 0x37, 0x36,
    0xec, 0x3f, 0x72, 0x2e, 0x4b, 0x50, 0xa1, 0x56, 0x80, 0xca, 0x19,
    0xb9, 0x15, 0x4c, 0xd4, 0xd6, 0xc4, 0x25, 0xbe, 0xbb, 0xe5, 0x7b};

enum { GUARD = 16 };

/* Inflates a copy of exactly these bytes into exactly that room, and checks
   that nothing behind it was touched. *out is to be freed. */
static mnist_inflate_end inflate(mnist_inflated *result, const uint8_t *in,
                                 size_t length, uint8_t **out, size_t room)
{
    uint8_t *copy = malloc(length ? length : 1);
    *out = malloc(room + GUARD);
    assert_non_null(copy);
    assert_non_null(*out);
    memcpy(copy, in, length);
    memset(*out, 0xa5, room + GUARD);
    mnist_inflate_end end =
        mnist_inflate(result, copy, length, *out, room, MNIST_INFLATE_IDLE);
    for (size_t i = 0; i < GUARD; i++)
        assert_int_equal((*out)[room + i], 0xa5);
    assert_true(result->consumed <= length);
    assert_true(result->produced <= room);
    free(copy);
    return end;
}

static void expect_bytes(const uint8_t *in, size_t length, const void *expected,
                         size_t count)
{
    mnist_inflated result;
    uint8_t *out;
    for (size_t room = count; room < count + 400; room += 399) {
        assert_int_equal(inflate(&result, in, length, &out, room),
                         MNIST_INFLATE_DONE);
        assert_int_equal(result.consumed, length);
        assert_int_equal(result.produced, count);
        assert_memory_equal(out, expected, count);
        free(out);
    }
}

static void test_kinds_of_block(void **state)
{
    (void)state;
    uint8_t squares[400], block[sizeof stored + sizeof text - 1];
    for (unsigned i = 0; i < 400; i++)
        squares[i] = (uint8_t)((i * i >> 3) % 7);
    memcpy(block, stored, sizeof stored);
    memcpy(block + sizeof stored, text, sizeof text - 1);
    expect_bytes(fixed, sizeof fixed, text, sizeof text - 1);
    expect_bytes(block, sizeof block, text, sizeof text - 1);
    expect_bytes(dynamic, sizeof dynamic, squares, 400);
}

static void test_bytes_behind_are_left(void **state)
{
    (void)state;
    uint8_t in[sizeof fixed + 20] = {0}, *out;
    mnist_inflated result;
    memcpy(in, fixed, sizeof fixed);
    assert_int_equal(inflate(&result, in, sizeof in, &out, 100),
                     MNIST_INFLATE_DONE);
    assert_int_equal(result.consumed, sizeof fixed);
    free(out);
}

static void test_every_cut(void **state)
{
    (void)state;
    mnist_inflated result;
    uint8_t *out;
    for (size_t n = 0; n < sizeof fixed; n++) {
        assert_int_equal(inflate(&result, fixed, n, &out, 1000),
                         MNIST_INFLATE_CUT);
        free(out);
    }
    for (size_t n = 0; n < sizeof dynamic; n++) {
        assert_int_equal(inflate(&result, dynamic, n, &out, 1000),
                         MNIST_INFLATE_CUT);
        free(out);
    }
    for (size_t n = 0; n <= sizeof stored; n++) {
        assert_int_equal(inflate(&result, stored, n, &out, 1000),
                         MNIST_INFLATE_CUT);
        free(out);
    }
}

static void test_full_at_every_room(void **state)
{
    (void)state;
    mnist_inflated result;
    uint8_t *out;
    for (size_t room = 0; room < sizeof text - 1; room++) {
        assert_int_equal(inflate(&result, fixed, sizeof fixed, &out, room),
                         MNIST_INFLATE_FULL);
        assert_int_equal(result.produced, room);
        assert_memory_equal(out, text, room);
        free(out);
    }
    assert_int_equal(mnist_inflate(&result, fixed, sizeof fixed, NULL, 0,
                                   MNIST_INFLATE_IDLE),
                     MNIST_INFLATE_FULL);
}

/* So many stored blocks of so many bytes, then the text. */
static mnist_inflate_end inflate_blocks(mnist_inflated *result, size_t count,
                                        size_t bytes)
{
    size_t each = 5 + bytes, length = count * each + sizeof fixed;
    uint8_t *in = calloc(length, 1), *out;
    assert_non_null(in);
    for (size_t i = 0; i < count; i++) {
        in[i * each + 1] = (uint8_t)bytes;
        in[i * each + 3] = (uint8_t)~bytes;
        in[i * each + 4] = 0xff;
    }
    memcpy(in + count * each, fixed, sizeof fixed);
    mnist_inflate_end end = inflate(result, in, length, &out, 1 << 20);
    free(out);
    free(in);
    return end;
}

/* A file that goes on and on with next to nothing in it is given up. */
static void test_idle_blocks(void **state)
{
    (void)state;
    mnist_inflated result;
    const size_t most = MNIST_INFLATE_IDLE / MNIST_INFLATE_BLOCK;
    assert_int_equal(inflate_blocks(&result, most - 1, 0), MNIST_INFLATE_DONE);
    assert_int_equal(result.produced, sizeof text - 1);
    assert_int_equal(result.idle, sizeof text - 1);
    assert_int_equal(inflate_blocks(&result, most, 0), MNIST_INFLATE_DAMAGED);
    assert_string_equal(result.what,
                        "too many blocks that hold next to nothing");
    assert_int_equal(result.consumed, 5 * most + 1);

    assert_int_equal(inflate_blocks(&result, 10 * most, MNIST_INFLATE_BLOCK),
                     MNIST_INFLATE_DONE);
    assert_int_equal(
        inflate_blocks(&result, 10 * most, MNIST_INFLATE_BLOCK - 1),
        MNIST_INFLATE_DAMAGED);
}

static void expect_damaged(const bit_writer *w, const char *what)
{
    mnist_inflated result;
    uint8_t *out;
    /* The room behind lets the fast loop meet it too. */
    for (size_t behind = 0; behind <= 64; behind += 64) {
        mnist_inflate_end end =
            inflate(&result, w->bytes, bits_length(w) + behind, &out, 5000);
        assert_int_equal(end, MNIST_INFLATE_DAMAGED);
        assert_string_equal(result.what, what);
        free(out);
    }
}

static void test_block_headers(void **state)
{
    (void)state;
    bit_writer w = {{0}, 0};
    bits_number(&w, 1, 1);
    bits_number(&w, 3, 2);
    expect_damaged(&w, "invalid block type");

    w = (bit_writer){{1, 0x1a, 0, 0xe5, 0xfe}, 40};
    expect_damaged(&w, "the two lengths of a stored block differ");
}

/* A fixed block: 'a', then a match of 3 at some distance. */
static void put_fixed_match(bit_writer *w, unsigned distance_code)
{
    bits_number(w, 1, 1);
    bits_number(w, 1, 2);
    bits_code(w, 0x30 + 'a', 8);
    bits_code(w, 1, 7);
    bits_code(w, distance_code, 5);
}

static void test_fixed_codes(void **state)
{
    (void)state;
    bit_writer w = {{0}, 0};
    put_fixed_match(&w, 0);
    bits_code(&w, 0, 7);
    expect_bytes(w.bytes, bits_length(&w), "aaaa", 4);

    w = (bit_writer){{0}, 0};
    put_fixed_match(&w, 1);
    expect_damaged(&w, "distance too far back");
    for (unsigned code = 30; code < 32; code++) {
        w = (bit_writer){{0}, 0};
        put_fixed_match(&w, code);
        expect_damaged(&w, "invalid distance code");
    }
    for (unsigned code = 0xc6; code < 0xc8; code++) { /* 286 and 287 */
        w = (bit_writer){{0}, 0};
        bits_number(&w, 1, 1);
        bits_number(&w, 1, 2);
        bits_code(&w, code, 8);
        expect_damaged(&w, "invalid literal/length code");
    }
}

/* The header of a dynamic block up to its code length codes, of which `count`
   have the length 1, in the order 16, 17, 18, 0. */
static bit_writer codelen_header(unsigned count)
{
    bit_writer w = {{0}, 0};
    bits_number(&w, 1, 1);
    bits_number(&w, 2, 2);
    bits_number(&w, 0, 5);
    bits_number(&w, 0, 5);
    bits_number(&w, 0, 4);
    for (unsigned i = 0; i < 4; i++)
        bits_number(&w, i < count, 3);
    return w;
}

static void test_code_length_codes(void **state)
{
    (void)state;
    static const char bad[] = "invalid set of code length codes";
    bit_writer w;
    for (unsigned count = 0; count <= 4; count++) {
        w = codelen_header(count);
        if (count != 2)
            expect_damaged(&w, bad);
    }
    /* 16 is the code 0, 17 the code 1. */
    w = codelen_header(2);
    bits_code(&w, 0, 1);
    expect_damaged(&w, "a code length repeats none");
    w = codelen_header(2);
    for (int i = 0; i < 26; i++) { /* 26 times 10 zeros, of 258 lengths */
        bits_code(&w, 1, 1);
        bits_number(&w, 7, 3);
    }
    expect_damaged(&w, "code lengths go on past the last");

    for (unsigned i = 0; i < 2; i++) {
        w = (bit_writer){{0}, 0};
        bits_number(&w, 1, 1);
        bits_number(&w, 2, 2);
        bits_number(&w, i ? 29 : 30, 5);
        bits_number(&w, i ? 30 : 29, 5);
        bits_number(&w, 0, 4);
        expect_damaged(&w, "too many length or distance symbols");
    }
}

static void test_code_sets(void **state)
{
    (void)state;
    uint8_t litlens[258] = {0}, distances[2] = {0};
    bit_writer w = {{0}, 0};
    litlens['a'] = litlens['b'] = 1;
    bits_dynamic(&w, litlens, 257, distances, 1);
    expect_damaged(&w, "no code for the end of the block");

    w = (bit_writer){{0}, 0};
    litlens[256] = 1;
    bits_dynamic(&w, litlens, 257, distances, 1);
    expect_damaged(&w, "invalid set of literal/length codes");

    w = (bit_writer){{0}, 0};
    litlens['a'] = litlens['b'] = 0;
    litlens[256] = 2;
    bits_dynamic(&w, litlens, 257, distances, 1);
    expect_damaged(&w, "invalid set of literal/length codes");

    w = (bit_writer){{0}, 0};
    litlens['a'] = litlens[256] = 1;
    distances[0] = 2;
    bits_dynamic(&w, litlens, 257, distances, 1);
    expect_damaged(&w, "invalid set of distance codes");
}

static void test_few_codes(void **state)
{
    (void)state;
    uint8_t litlens[258] = {0}, distances[1] = {0};
    bit_writer w = {{0}, 0};

    /* Only an end of block: nothing, or no code. */
    litlens[256] = 1;
    bits_dynamic(&w, litlens, 257, distances, 1);
    bit_writer other = w;
    bits_code(&w, 0, 1);
    expect_bytes(w.bytes, bits_length(&w), "", 0);
    bits_code(&other, 1, 1);
    expect_damaged(&other, "invalid literal/length code");

    /* 'a', end of block, length 3 as the codes 0, 10, 11. */
    litlens['a'] = 1;
    litlens[256] = litlens[257] = 2;
    for (uint8_t length = 0; length < 2; length++)
        for (unsigned code = 0; code < 2; code++) {
            w = (bit_writer){{0}, 0};
            distances[0] = length;
            bits_dynamic(&w, litlens, 258, distances, 1);
            bits_code(&w, 0, 1);
            bits_code(&w, 3, 2);
            bits_code(&w, code, 1);
            bits_code(&w, 2, 2);
            if (length == 1 && code == 0)
                expect_bytes(w.bytes, bits_length(&w), "aaaa", 4);
            else
                expect_damaged(&w, "invalid distance code");
        }
}

/* Codes of all lengths up to 15, longer than the first tables reach: literals
   i have i + 1 bits, the end of the block 15. */
static void test_long_codes(void **state)
{
    (void)state;
    uint8_t litlens[257] = {0}, distances[1] = {0}, expected[15 * 40];
    bit_writer w = {{0}, 0};
    for (unsigned i = 0; i < 15; i++)
        litlens[i] = (uint8_t)(i + 1);
    litlens[256] = 15;
    bits_dynamic(&w, litlens, 257, distances, 1);
    for (size_t n = 0; n < sizeof expected; n++) {
        unsigned i = (unsigned)(n * 7 % 15);
        expected[n] = (uint8_t)i;
        bits_code(&w, (2u << i) - 2, i + 1);
    }
    bits_code(&w, 0x7fff, 15);
    expect_bytes(w.bytes, bits_length(&w), expected, sizeof expected);
}

/* A fixed block of `count` literals of 9 bits each, and another to follow. */
static void put_shift(bit_writer *w, unsigned count)
{
    bits_number(w, 0, 1);
    bits_number(w, 1, 2);
    for (unsigned i = 0; i < count; i++)
        bits_code(w, 0x190, 9);
    bits_code(w, 0, 7);
}

static void expect_cut_everywhere(const bit_writer *w, size_t produced)
{
    mnist_inflated result;
    uint8_t *out;
    for (size_t n = 0; n < bits_length(w); n++) {
        assert_int_equal(inflate(&result, w->bytes, n, &out, 1000),
                         MNIST_INFLATE_CUT);
        free(out);
    }
    assert_int_equal(inflate(&result, w->bytes, bits_length(w), &out, 1000),
                     MNIST_INFLATE_DONE);
    assert_int_equal(result.produced, produced);
    free(out);
}

/* Files end with whole bytes, so each field must be moved by a bit at a time to
   be cut at each of its places. */
static void test_every_cut_of_every_field(void **state)
{
    (void)state;
    uint8_t litlens[258] = {0}, distances[1] = {1};
    litlens['a'] = litlens[256] = 1;
    for (unsigned shift = 6; shift < 14; shift++) {
        bit_writer w = {{0}, 0};
        put_shift(&w, shift);
        bits_number(&w, 1, 1);
        bits_number(&w, 1, 2);
        bits_code(&w, 0xc1, 8); /* 281: 131 and 5 bits */
        bits_number(&w, 3, 5);
        bits_code(&w, 4, 5); /* 5 and 1 bit */
        bits_number(&w, 1, 1);
        bits_code(&w, 0, 7);
        expect_cut_everywhere(&w, shift + 134);

        w = (bit_writer){{0}, 0};
        put_shift(&w, shift);
        bits_dynamic(&w, litlens, 257, distances, 1);
        bits_code(&w, 0, 1);
        bits_code(&w, 1, 1);
        expect_cut_everywhere(&w, shift + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_of_block),
        cmocka_unit_test(test_bytes_behind_are_left),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_full_at_every_room),
        cmocka_unit_test(test_idle_blocks),
        cmocka_unit_test(test_block_headers),
        cmocka_unit_test(test_fixed_codes),
        cmocka_unit_test(test_code_length_codes),
        cmocka_unit_test(test_code_sets),
        cmocka_unit_test(test_few_codes),
        cmocka_unit_test(test_long_codes),
        cmocka_unit_test(test_every_cut_of_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
