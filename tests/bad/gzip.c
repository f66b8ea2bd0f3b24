/* gzip'd data: headers, members, checksums, blocks and codes. The labels of an
   image set of 10, packed in every way, are met by one command. */
#include "bad/bad.h"

#include "support/deflate.h"
#include "support/idx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 70000 };

/* A file under way. */
typedef struct gz {
    uint8_t bytes[ROOM];
    size_t length;
} gz;

static void add(bad_list *list, const gz *file, int status, const char *name,
                const char *words)
{
    bad_case added = {.arguments = {"info", BAD},
                      .status = status,
                      .words = {words},
                      .bytes = bad_keep(list, file->bytes, file->length),
                      .length = file->length,
                      .most_kib = BAD_KIB};
    snprintf(added.name, sizeof added.name, "gzip: %s", name);
    bad_add(list, &added);
}

/* That it reads as the labels do. */
static void good(bad_list *list, const gz *file, const char *name)
{
    static const char sha256[] = "sizes   10\n  bytes   18\n  sha256  "
                                 "5ef1edad";
    add(list, file, 0, name, sha256);
}

static void bad(bad_list *list, const gz *file, const char *name,
                const char *words)
{
    add(list, file, 3, name, words);
}

static void put(gz *file, const void *bytes, size_t length)
{
    memcpy(file->bytes + file->length, bytes, length);
    file->length += length;
}

static void put_member(gz *file, const void *bytes, size_t length)
{
    file->length += gzip_stored(file->bytes + file->length, bytes, length);
}

static gz *start(void)
{
    static gz file;
    file.length = 0;
    return &file;
}

static gz *right(void)
{
    gz *file = start();
    put_member(file, idx_labels, IDX_LABELS);
    return file;
}

/* ---- The file ---- */

static void cuts(bad_list *list)
{
    gz *file = right();
    size_t whole = file->length;
    good(list, file, "whole");
    for (file->length = 2; file->length < whole; file->length++) {
        char name[40];
        snprintf(name, sizeof name, "cut at byte %zu", file->length);
        bad(list, file, name, "the gzip file is cut off here");
    }
    file->length = 1;
    bad(list, file, "cut at byte 1", "expected an IDX header");
}

static void trailers(bad_list *list)
{
    static const struct {
        size_t back;
        const char *name, *words;
    } rows[] = {
        {8, "wrong CRC, first byte", "found CRC-32"},
        {5, "wrong CRC, last byte", "found CRC-32"},
        {4, "wrong ISIZE, first byte", "found length 19, expected 18"},
        {1, "wrong ISIZE, last byte", "expected 18; the gzip file is damaged"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gz *file = right();
        file->bytes[file->length - rows[i].back] ^= 1;
        bad(list, file, rows[i].name, rows[i].words);
    }
    gz *file = right();
    put(file, "\0", 1);
    bad(list, file, "a byte behind", "found 1 bytes after the end");
    put(file, "\0\0\0\0\0\0\0", 7);
    bad(list, file, "8 bytes behind", "found 8 bytes after the end");
    file = right();
    put(file, "\x1f\x8b", 2);
    bad(list, file, "a second member cut", "cut off here");
    file = right();
    put(file, "PK\x03\x04", 4);
    bad(list, file, "a zip behind", "found 4 bytes after the end");
}

static void members(bad_list *list)
{
    gz *file = start();
    put_member(file, idx_labels, 5);
    put_member(file, idx_labels + 5, IDX_LABELS - 5);
    good(list, file, "two members");
    put_member(file, "", 0);
    good(list, file, "an empty member last");
    file = start();
    put_member(file, "", 0);
    put_member(file, idx_labels, IDX_LABELS);
    good(list, file, "an empty member first");
    file = start();
    put_member(file, "", 0);
    bad(list, file, "nothing but an empty member", "is empty");
    file = right();
    put_member(file, idx_labels, IDX_LABELS);
    bad(list, file, "the same member twice", "holds more than 18 bytes");
    file = start();
    put_member(file, idx_labels, IDX_LABELS - 1);
    bad(list, file, "a label too few inside", "holds 17 bytes");
    file = start();
    put_member(file, "<!DOCTYPE html>", 15);
    bad(list, file, "a page inside", "(unpacked) is an HTML or XML page");
    file = right();
    gz inside = *file;
    file = start();
    put_member(file, inside.bytes, inside.length);
    bad(list, file, "gzip in gzip", "(unpacked) is a gzip file");
}

/* ---- The header ---- */

/* What stands behind the ten bytes for each flag. */
static void put_header(gz *file, unsigned flags, size_t extra)
{
    uint8_t first[10] = {0x1f, 0x8b, 8, (uint8_t)flags, 0, 0, 0, 0, 0, 3};
    put(file, first, 10);
    if (flags & 4) {
        const uint8_t length[2] = {(uint8_t)extra, (uint8_t)(extra >> 8)};
        put(file, length, 2);
        memset(file->bytes + file->length, 0x1f, extra);
        file->length += extra;
    }
    if (flags & 8)
        put(file, "t10k-labels", 12);
    if (flags & 16)
        put(file, "a comment", 10);
    if (flags & 2) {
        uint8_t crc[18];
        /* The sum that a member of these bytes would have. */
        gz *copy = malloc(sizeof *copy);
        if (!copy)
            abort();
        size_t length = gzip_wrap(copy->bytes, (const uint8_t *)"", 0,
                                  file->bytes, file->length);
        memcpy(crc, copy->bytes + length - 8, 2);
        free(copy);
        put(file, crc, 2);
    }
}

static void put_body(gz *file)
{
    uint8_t member[64];
    size_t length = gzip_stored(member, idx_labels, IDX_LABELS);
    put(file, member + 10, length - 10);
}

static void flags(bad_list *list)
{
    char name[40];
    for (unsigned flag = 1; flag < 32; flag++) {
        gz *file = start();
        put_header(file, flag, 5);
        put_body(file);
        snprintf(name, sizeof name, "header flags %02x", flag);
        good(list, file, name);
    }
    for (unsigned flag = 32; flag < 256; flag <<= 1) {
        gz *file = start();
        put_header(file, flag, 0);
        put_body(file);
        snprintf(name, sizeof name, "reserved flag %02x", flag);
        bad(list, file, name, "byte 3: found gzip flags");
    }
    for (unsigned method = 0; method < 16; method++) {
        gz *file = right();
        file->bytes[2] = (uint8_t)method;
        snprintf(name, sizeof name, "method %u", method);
        if (method != 8)
            bad(list, file, name, "expected 8 (deflate)");
    }
}

static void header_fields(bad_list *list)
{
    gz *file = start();
    put_header(file, 4, 65535);
    put_body(file);
    good(list, file, "an extra field of 65,535 bytes");
    file->length = 12 + 65534;
    bad(list, file, "an extra field that is cut", "cut off here");
    file = start();
    put_header(file, 4, 65535);
    file->length = 12;
    put_body(file);
    bad(list, file, "an extra field that is not there", "cut off here");
    file = start();
    put_header(file, 8, 0);
    file->length--;
    bad(list, file, "a name without end", "cut off here");
    memset(file->bytes + file->length, 'x', ROOM - file->length);
    file->length = ROOM;
    bad(list, file, "a name of 64 KiB without end", "cut off here");
    file = start();
    put_header(file, 16, 0);
    file->length--;
    bad(list, file, "a comment without end", "cut off here");
    file = start();
    put_header(file, 2, 0);
    put_body(file);
    file->bytes[4] ^= 1;
    bad(list, file, "a header that its checksum does not fit",
        "as checksum of the gzip header");
}

/* ---- Blocks ---- */

static void put_blocks(gz *file, const bit_writer *w)
{
    file->length = gzip_wrap(file->bytes, w->bytes, bits_length(w), idx_labels,
                             IDX_LABELS);
}

static void bad_block(bad_list *list, const bit_writer *w, const char *name,
                      const char *words)
{
    gz *file = start();
    put_blocks(file, w);
    bad(list, file, name, words);
}

/* The header of a fixed block, and the first labels as literals. */
static void put_fixed(bit_writer *w, size_t count)
{
    bits_number(w, 1, 1);
    bits_number(w, 1, 2);
    for (size_t i = 0; i < count; i++)
        bits_code(w, 0x30u + idx_labels[i], 8);
}

static void good_blocks(bad_list *list)
{
    /* A complete code for the ten bytes of the labels and the end. */
    uint8_t litlens[257] = {[0] = 3, [1] = 3, [2] = 3, [4] = 3,  [5] = 3,
                            [7] = 3, [8] = 4, [9] = 4, [10] = 4, [256] = 4};
    static const uint8_t order[] = {0, 1, 2, 4, 5, 7, 8, 9, 10};
    uint8_t distances[1] = {0};
    bit_writer w = {{0}, 0};
    put_fixed(&w, IDX_LABELS);
    bits_code(&w, 0, 7);
    gz *file = start();
    put_blocks(file, &w);
    good(list, file, "a fixed block");

    w = (bit_writer){{0}, 0};
    bits_dynamic(&w, litlens, 257, distances, 1);
    for (size_t i = 0; i < IDX_LABELS; i++) {
        unsigned n = 0;
        while (order[n] != idx_labels[i])
            n++;
        bits_code(&w, n < 6 ? n : 12 + n - 6, n < 6 ? 3 : 4);
    }
    bits_code(&w, 15, 4);
    file = start();
    put_blocks(file, &w);
    good(list, file, "a dynamic block");
}

static void fixed_codes(bad_list *list)
{
    bit_writer w = {{0}, 0};
    bits_number(&w, 1, 1);
    bits_number(&w, 3, 2);
    bad_block(list, &w, "a block of type 3", "invalid block type");

    w = (bit_writer){{1, 18, 0, 0xed, 0xfe}, 40};
    bad_block(list, &w, "two lengths that differ", "lengths of a stored block");

    for (unsigned code = 0; code < 32; code++) {
        char name[40];
        w = (bit_writer){{0}, 0};
        put_fixed(&w, 1);
        bits_code(&w, 1, 7); /* a match of 3 */
        bits_code(&w, code, 5);
        snprintf(name, sizeof name, "distance code %u after a byte", code);
        if (code > 0)
            bad_block(list, &w, name,
                      code < 30 ? "distance too far back"
                                : "invalid distance code");
    }
    for (unsigned code = 0xc6; code < 0xc8; code++) {
        w = (bit_writer){{0}, 0};
        put_fixed(&w, 1);
        bits_code(&w, code, 8);
        bad_block(list, &w, code & 1 ? "length code 287" : "length code 286",
                  "invalid literal/length code");
    }
}

/* A dynamic block's code length codes, in the order 16, 17, 18, 0. */
static void code_lengths(bad_list *list)
{
    static const struct {
        uint8_t lengths[4];
        const char *name;
    } rows[] = {
        {{0, 0, 0, 0}, "no code length codes"},
        {{1, 0, 0, 0}, "incomplete code length codes"},
        {{1, 1, 1, 0}, "over-subscribed code length codes"},
        {{1, 1, 1, 1}, "four code length codes of one bit"},
        {{1, 2, 3, 0}, "a code length code missing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bit_writer w = {{0}, 0};
        bits_number(&w, 5, 3); /* last, dynamic */
        bits_number(&w, 0, 14);
        for (size_t n = 0; n < 4; n++)
            bits_number(&w, rows[i].lengths[n], 3);
        bad_block(list, &w, rows[i].name, "invalid set of code length codes");
    }
    for (unsigned i = 0; i < 2; i++) {
        bit_writer w = {{0}, 0};
        bits_number(&w, 5, 3);
        bits_number(&w, i ? 29 : 30, 5);
        bits_number(&w, i ? 30 : 29, 5);
        bits_number(&w, 0, 4);
        bad_block(list, &w, i ? "31 distances" : "287 lengths",
                  "too many length or distance symbols");
    }
}

static void code_sets(bad_list *list)
{
    static const struct {
        uint8_t a, b, end, distance;
        const char *name, *words;
    } rows[] = {
        {1, 1, 0, 0, "no end of block", "no code for the end of the block"},
        {1, 1, 1, 0, "over-subscribed literals", "invalid set of literal"},
        {2, 0, 2, 0, "incomplete literals", "invalid set of literal"},
        {15, 15, 15, 0, "long incomplete literals", "invalid set of literal"},
        {1, 0, 1, 2, "incomplete distances", "invalid set of distance codes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t litlens[257] = {['a'] = rows[i].a, ['b'] = rows[i].b};
        uint8_t distances[1] = {rows[i].distance};
        bit_writer w = {{0}, 0};
        litlens[256] = rows[i].end;
        bits_dynamic(&w, litlens, 257, distances, 1);
        bad_block(list, &w, rows[i].name, rows[i].words);
    }
    uint8_t litlens[257] = {['a'] = 1}, three[3] = {1, 1, 1};
    bit_writer w = {{0}, 0};
    litlens[256] = 1;
    bits_dynamic(&w, litlens, 257, three, 3);
    bad_block(list, &w, "over-subscribed distances",
              "invalid set of distance codes");
}

void bad_gzip(bad_list *list)
{
    cuts(list);
    trailers(list);
    members(list);
    flags(list);
    header_fields(list);
    good_blocks(list);
    fixed_codes(list);
    code_lengths(list);
    code_sets(list);
}
