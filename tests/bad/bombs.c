/* Little gzip that promises, or unpacks to, very much: refused within bounds of
   memory and time, whichever command meets it. */
#include "bad/bad.h"

#include "support/deflate.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The beginning of a gzip file, which goes on with zeros. */
typedef struct bomb {
    uint8_t bytes[256];
    size_t length;
} bomb;

/*
 * A block in whose code a match of 258 at distance 1 takes two bits of 0, after
 * some bytes. Each byte of zeros that follows is 1,032 more of the last.
 */
static void make_bomb(bomb *b, const uint8_t *bytes, size_t count)
{
    static const uint8_t order[] = {0, 1, 2, 3, 8, 10, 28};
    uint8_t litlens[286] = {[256] = 4, [285] = 1}, distances[1] = {1};
    bit_writer w = {{0}, 0};
    for (size_t i = 0; i < sizeof order; i++)
        litlens[order[i]] = 4;
    bits_dynamic(&w, litlens, 286, distances, 1);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *found = memchr(order, bytes[i], sizeof order);
        assert_non_null(found);
        bits_code(&w, 8 + (unsigned)(found - order), 4);
    }
    assert_true(10 + bits_length(&w) <= sizeof b->bytes);
    memcpy(b->bytes, (uint8_t[]){0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}, 10);
    memcpy(b->bytes + 10, w.bytes, bits_length(&w));
    b->length = 10 + bits_length(&w);
}

/* A bomb around these first bytes, so many bytes long. */
static void add_bomb(bad_list *list, const char *name, const void *bytes,
                     size_t count, size_t length, const char *words)
{
    bomb b;
    bad_case file = {.status = 3, .words = {words}, .most_kib = BAD_KIB};
    make_bomb(&b, bytes, count);
    file.bytes = b.bytes;
    file.length = b.length;
    file.zeros = length - b.length;
    snprintf(file.name, sizeof file.name, "%s", name);
    bad_add_images(list, &file);
}

/* ---- Much that unpacks to nothing ---- */

enum { MUCH = 32 << 20 };

/* A gzip file of 32 MiB that repeats these bytes behind its header. */
static void write_much(temporary *t, const uint8_t *bytes, size_t count)
{
    static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static uint8_t many[1 << 16];
    FILE *file = fopen(temporary_path(t, BAD), "wb");
    assert_non_null(file);
    size_t length = sizeof many / count * count;
    for (size_t at = 0; at < length; at += count)
        memcpy(many + at, bytes, count);
    assert_int_equal(fwrite(header, sizeof header, 1, file), 1);
    for (size_t at = 0; at < MUCH; at += length)
        assert_int_equal(fwrite(many, length, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static void write_stored_blocks(temporary *t)
{
    write_much(t, (const uint8_t[]){0, 0, 0, 0xff, 0xff}, 5);
}

/* Four blocks of ten bits. */
static void write_fixed_blocks(temporary *t)
{
    bit_writer w = {{0}, 0};
    for (int i = 0; i < 4; i++) {
        bits_number(&w, 2, 3);
        bits_code(&w, 0, 7);
    }
    write_much(t, w.bytes, bits_length(&w));
}

/* As little as a dynamic block can be: its end alone has a code. */
static void write_dynamic_blocks(temporary *t)
{
    uint8_t litlens[257] = {[256] = 1}, distances[1] = {0};
    bit_writer w = {{0}, 0};
    bits_dynamic(&w, litlens, 257, distances, 1);
    bits_code(&w, 0, 1);
    w.bytes[0] ^= 1; /* not the last one */
    /* To whole bytes, by an empty stored block. */
    bits_number(&w, 0, 3);
    w.bits = bits_length(&w) * 8;
    bits_number(&w, 0xffff0000, 32);
    write_much(t, w.bytes, bits_length(&w));
}

/* The first header stands alone; its deflate data is one empty block. */
static void write_members(temporary *t)
{
    uint8_t member[32], turned[32];
    size_t length = gzip_stored(member, "", 0);
    for (size_t i = 0; i < length; i++)
        turned[i] = member[(i + 10) % length];
    write_much(t, turned, length);
}

static void much_of_nothing(bad_list *list)
{
    static const struct {
        const char *name;
        void (*write)(temporary *t);
    } files[] = {
        {"32 MiB of empty stored blocks", write_stored_blocks},
        {"32 MiB of empty blocks of fixed codes", write_fixed_blocks},
        {"32 MiB of empty blocks of their own codes", write_dynamic_blocks},
        {"32 MiB of empty members", write_members},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bad_case much = {.arguments = {"info", BAD},
                         .status = 3,
                         .words = {"too many blocks that hold next to nothing"},
                         .prepare = files[i].write,
                         .most_kib = BAD_KIB + (32 << 10)};
        snprintf(much.name, sizeof much.name, "%s", files[i].name);
        bad_add(list, &much);
    }
}

/* ---- All of them ---- */

void bad_bombs(bad_list *list)
{
    much_of_nothing(list);
    static const char ten[] = "\0\0\10\3\0\0\0\12\0\0\0\34\0\0\0\34";
    static const char large[] = "\0\0\10\2\12\0\0\0\0\0\0\12";
    add_bomb(list, "1 GiB of zeros", "\0", 1, 1 << 20,
             "(unpacked): byte 2: found 00");
    add_bomb(list, "a header of 10 images, then 1 GiB", ten, 16, 1 << 20,
             "holds more than 7856 bytes");
    add_bomb(list, "a header of 1.6 GiB in 10 KiB", large, 12, 10 << 10,
             "promises 1677721612 bytes, more than 10240 bytes of gzip");

    uint8_t gz[64];
    bomb inner;
    bad_case nested = {.name = "a bomb in gzip in gzip",
                       .status = 3,
                       .words = {"(unpacked) is a gzip file", "unpack it"},
                       .bytes = gz,
                       .most_kib = BAD_KIB};
    make_bomb(&inner, (const uint8_t *)"\x1c", 1);
    nested.length = gzip_stored(gz, inner.bytes, 40);
    bad_add_images(list, &nested);

    /* Sizes that the file itself does not bear out: raw, and as weights. */
    bad_case raw = {
        .name = "raw sizes of 2 GiB",
        .status = 3,
        .words = {"holds 12 bytes", "promises 2147483648"},
        .bytes = (uint8_t[]){0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xf8, 1, 2, 3, 4},
        .length = 12,
        .most_kib = BAD_KIB};
    bad_add_images(list, &raw);
    raw.words[0] = "holds 67108864 bytes";
    raw.zeros = ((size_t)64 << 20) - 12;
    snprintf(raw.name, sizeof raw.name, "raw sizes of 2 GiB in 64 MiB");
    bad_add_images(list, &raw);
    /* Read whole before it is unpacked: as much memory as it is long. */
    bad_case long_gzip = {.name = "32 MiB of gzip, wrong at byte 11",
                          .status = 3,
                          .words = {"byte 11: ", "the gzip file is damaged"},
                          .bytes = (const uint8_t *)"\x1f\x8b\x08\0\0\0\0",
                          .length = 7,
                          .zeros = ((size_t)32 << 20) - 7,
                          .most_kib = BAD_KIB + (32 << 10)};
    bad_add_images(list, &long_gzip);
    bad_case huge = {.name = "2 GiB and a byte of gzip",
                     .status = 3,
                     .words = {"found 2147483649 bytes of gzip", "2048 MiB"},
                     .bytes = (const uint8_t *)"\x1f\x8b\x08",
                     .length = 3,
                     .zeros = ((size_t)1 << 31) - 2,
                     .most_kib = BAD_KIB};
    bad_add_images(list, &huge);
    static const char header[] =
        "\0\0\x10\0\0\0\0\0{\"__metadata__\":{\"format\":\"mnist\"";
    bad_case weights = {.name = "a header of 1 MiB in 40 bytes",
                        .status = 4,
                        .words = {"the file ends after", "expected 1048584"},
                        .bytes = (const uint8_t *)header,
                        .length = sizeof header - 1,
                        .most_kib = BAD_KIB};
    bad_add_weights(list, &weights);
}
