/*
 * A mutator for targets that are given weights files. Half of the time it
 * changes one token or one member of the header, or some values, and keeps the
 * length in front, the JSON and the checksum right; nothing changed otherwise
 * would get past them.
 */
#include "base/crc32.h"
#include "base/file.h"
#include "fuzz/fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PREFIX = 8, HEADER_MAX = 1 << 14, TOKENS = 512 };

/* A part of the header's text. */
typedef struct span {
    size_t begin, end;
} span;

typedef struct header {
    char text[HEADER_MAX];
    size_t length;
    unsigned random;
} header;

static unsigned draw(header *h, unsigned below)
{
    h->random = h->random * 1664525u + 1013904223u;
    return (h->random >> 8) % below;
}

/* ---- Finding parts ---- */

/* Behind the string that begins at `at`. */
static size_t string_end(const header *h, size_t at)
{
    for (at++; at < h->length && h->text[at] != '"'; at++)
        at += h->text[at] == '\\';
    return at < h->length ? at + 1 : h->length;
}

/* All strings and numbers. */
static size_t find_tokens(const header *h, span tokens[TOKENS])
{
    static const char number[] = "+-.0123456789eE";
    size_t count = 0, at = 0;
    while (at < h->length && count < TOKENS) {
        size_t end = at + 1;
        if (h->text[at] == '"') {
            end = string_end(h, at);
            tokens[count++] = (span){at, end};
        } else if (h->text[at] && strchr(number, h->text[at])) {
            while (end < h->length && h->text[end] &&
                   strchr(number, h->text[end]))
                end++;
            tokens[count++] = (span){at, end};
        }
        at = end;
    }
    return count;
}

/* The members of all objects, from a key to behind its value. Not the last of
   an object that is not closed. */
static size_t find_members(const header *h, span members[TOKENS])
{
    enum { DEPTH = 8 };
    size_t count = 0, depth = 0, end;
    span *open[DEPTH] = {NULL}; /* at each depth, what has not ended */
    int key = 0;
    for (size_t at = 0; at < h->length; at = end) {
        const char c = h->text[at];
        end = c == '"' ? string_end(h, at) : at + 1;
        if (c == '{' || c == '[') {
            if (++depth > DEPTH)
                break;
            open[depth - 1] = NULL;
            key = c == '{';
        } else if (depth == 0 || !c || !strchr("\",}]", c)) {
            continue;
        } else if (c == '"') {
            if (key && count < TOKENS) {
                members[count] = (span){at, at};
                open[depth - 1] = &members[count++];
            }
            key = 0;
        } else {
            if (open[depth - 1])
                open[depth - 1]->end = at;
            open[depth - 1] = NULL;
            depth -= c != ',';
            key = c == ',';
        }
    }
    size_t whole = 0;
    for (size_t i = 0; i < count; i++)
        if (members[i].end > members[i].begin)
            members[whole++] = members[i];
    return whole;
}

/* ---- Changing them ---- */

static void replace(header *h, span at, const char *by, size_t length)
{
    size_t behind = h->length - at.end;
    if (at.begin + length + behind > HEADER_MAX)
        return;
    memmove(h->text + at.begin + length, h->text + at.end, behind);
    memcpy(h->text + at.begin, by, length);
    h->length = at.begin + length + behind;
}

static void change_token(header *h)
{
    static const char *const strings[] = {
        "\"\"",
        "\"F32\"",
        "\"F64\"",
        "\"mnist\"",
        "\"2\"",
        "\"2x2\"",
        "\"28x28\"",
        "\"0x1p-3\"",
        "\"1e-60\"",
        "\"nan\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\u00e9\"",
        "\"dense:2:softmax\"",
        "\"conv2d:2:1x1,dense:2:softmax\"",
        "\"dense.kernel\"",
        "\"dense.bias\"",
        "\"dense_1.kernel\"",
        "\"optimizer.v.dense.kernel\"",
        "\"__metadata__\"",
        "\"shape\"",
        "\"crc32\"",
        "\"18446744073709551615\"",
    };
    static const char *const numbers[] = {
        "0",
        "1",
        "2",
        "3",
        "4",
        "8",
        "12",
        "16",
        "24",
        "48",
        "92",
        "65536",
        "268435456",
        "2147483648",
        "4294967296",
        "4611686018427387904",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "1.0",
        "1e2",
        "01",
        "281474976710656",
    };
    span tokens[TOKENS];
    size_t count = find_tokens(h, tokens);
    if (count == 0)
        return;
    span at = tokens[draw(h, (unsigned)count)];
    const char *by;
    if (draw(h, 4) == 0) { /* another token of the same file */
        char copy[256];
        span other = tokens[draw(h, (unsigned)count)];
        size_t length = other.end - other.begin;
        if (length <= sizeof copy) {
            memcpy(copy, h->text + other.begin, length);
            replace(h, at, copy, length);
        }
        return;
    }
    if (h->text[at.begin] == '"')
        by = strings[draw(h, sizeof strings / sizeof *strings)];
    else
        by = numbers[draw(h, sizeof numbers / sizeof *numbers)];
    replace(h, at, by, strlen(by));
}

/* Some bytes between the quotes, none of which ends the string. */
static void change_text(header *h)
{
    span tokens[TOKENS];
    uint8_t text[256];
    size_t count = find_tokens(h, tokens);
    if (count == 0)
        return;
    span at = tokens[draw(h, (unsigned)count)];
    if (h->text[at.begin] == '"' && at.end - at.begin >= 2) {
        at.begin++;
        at.end--;
    }
    size_t length = at.end - at.begin;
    if (length > sizeof text)
        return;
    memcpy(text, h->text + at.begin, length);
    length = LLVMFuzzerMutate(text, length, sizeof text);
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] >= 0x7f || text[i] == '"' ||
            text[i] == '\\')
            text[i] = (uint8_t)('a' + text[i] % 26);
    replace(h, at, (const char *)text, length);
}

/* A member twice, none, or two that change places. */
static void change_members(header *h)
{
    span members[TOKENS];
    char copy[1024];
    size_t count = find_members(h, members);
    if (count < 2)
        return;
    span a = members[draw(h, (unsigned)count)];
    span b = members[draw(h, (unsigned)count)];
    size_t length = a.end - a.begin;
    if (length + 1 > sizeof copy)
        return;
    memcpy(copy, h->text + a.begin, length);
    switch (draw(h, 3)) {
    case 0: /* with the comma behind or before it */
        a.end += a.end < h->length && h->text[a.end] == ',';
        a.begin -= h->text[a.end - 1] != ',' && h->text[a.begin - 1] == ',';
        replace(h, a, "", 0);
        break;
    case 1:
        copy[length] = ',';
        replace(h, (span){b.begin, b.begin}, copy, length + 1);
        break;
    default:
        if (a.begin >= b.end) {
            span between = a;
            replace(h, between, h->text + b.begin, b.end - b.begin);
            replace(h, b, copy, length);
        }
    }
}

/* ---- The file ---- */

/* Puts the right checksum where the header has a place for one. */
static void seal(uint8_t *bytes, size_t length)
{
    static const char key[] = "\"crc32\":\"";
    const size_t before = sizeof key - 1, digits = 8;
    char sum[16];
    for (size_t i = PREFIX; i + before + digits <= length; i++) {
        if (memcmp(bytes + i, key, before) != 0)
            continue;
        memcpy(bytes + i + before, "00000000", digits);
        snprintf(sum, sizeof sum, "%08" PRIx32, mnist_crc32(0, bytes, length));
        memcpy(bytes + i + before, sum, digits);
        return;
    }
}

/* Returns the new length, or 0 if the bytes are no weights file. */
static size_t change_file(uint8_t *bytes, size_t length, size_t room,
                          unsigned seed)
{
    static header h;
    static uint8_t data[1 << 16];
    if (length < PREFIX)
        return 0;
    uint64_t promised = mnist_load_le64(bytes);
    if (promised > length - PREFIX || promised > HEADER_MAX)
        return 0;
    h.length = (size_t)promised;
    h.random = seed;
    size_t data_length = length - PREFIX - h.length;
    if (data_length > sizeof data)
        return 0;
    memcpy(h.text, bytes + PREFIX, h.length);
    memcpy(data, bytes + PREFIX + h.length, data_length);

    switch (draw(&h, 5)) {
    case 0:
    case 1:
        change_token(&h);
        break;
    case 2:
        change_text(&h);
        break;
    case 3:
        change_members(&h);
        break;
    default:
        data_length = LLVMFuzzerMutate(data, data_length, sizeof data);
    }
    if (PREFIX + h.length + data_length > room)
        return 0;
    mnist_store_le64(bytes, h.length);
    memcpy(bytes + PREFIX, h.text, h.length);
    memcpy(bytes + PREFIX + h.length, data, data_length);
    length = PREFIX + h.length + data_length;
    seal(bytes, length);
    return length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room,
                               unsigned seed)
{
    size_t changed = 0;
    if (seed & 1)
        changed = change_file(bytes, length, room, seed >> 1);
    if (changed)
        return changed;
    length = LLVMFuzzerMutate(bytes, length, room);
    if (seed & 2)
        seal(bytes, length);
    return length;
}
