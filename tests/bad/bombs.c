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

void bad_bombs(bad_list *list)
{
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
