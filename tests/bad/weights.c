/* Weights files and checkpoints: cut, prolonged, changed, of another network,
   of another program. That every byte of one counts is shown elsewhere, by
   damage in one process. */
#include "bad/bad.h"

#include "support/sealed.h"
#include "support/tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The file ---- */

static void add(bad_list *list, const char *name, const void *bytes,
                size_t length, const char *words, const char *more)
{
    bad_case file = {.status = 4,
                     .words = {words, more},
                     .bytes = bytes,
                     .length = length,
                     .most_kib = BAD_KIB};
    snprintf(file.name, sizeof file.name, "%s", name);
    bad_add_weights(list, &file);
}

static void lengths(bad_list *list)
{
    const uint8_t *right = bad_weights_file.bytes;
    size_t whole = bad_weights_file.length;
    const struct {
        size_t length;
        const char *words;
    } rows[] = {
        {0, "the file is empty, expected weights"},
        {1, "not weights"},
        {7, "not weights"},
        {8, "not weights"},
        {9, "not weights"},
        {15, "not weights"},
        {16, "the file ends after 16 bytes"},
        {100, "the file ends after 100 bytes"},
        {whole / 2, "it was cut short; copy or train it again"},
        {whole - 4, "it was cut short"},
        {whole - 1, "it was cut short"},
        {whole + 1, "1 bytes after the last tensor"},
        {whole + 4, "4 bytes after the last tensor"},
        {whole + 4096, "4096 bytes after the last tensor"},
    };
    uint8_t *bytes = calloc(1, whole + 4096);
    if (!bytes)
        abort();
    memcpy(bytes, right, whole);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[40];
        snprintf(name, sizeof name, "weights of %zu bytes", rows[i].length);
        add(list, name, bytes, rows[i].length, rows[i].words, NULL);
    }
    free(bytes);
}

/* Bytes that are changed, whatever the checksum says. */
static void changes(bad_list *list)
{
    static const struct {
        const char *name;
        size_t at;
        const char *with;
        size_t length;
        const char *words;
    } rows[] = {
        {"a header of 0 bytes", 0, "\0\0\0\0\0\0\0\0", 8, "not weights"},
        {"a header of 7 bytes", 0, "\7\0\0\0\0\0\0\0", 8, "not weights"},
        {"a header of 8 bytes", 0, "\x8\0\0\0\0\0\0\0", 8, "damaged"},
        {"a header of 1 MiB and 1", 0, "\1\0\x10\0\0\0\0\0", 8, "not weights"},
        {"a header of 2^31", 0, "\0\0\0\x80\0\0\0\0", 8, "not weights"},
        {"a header of 2^63", 0, "\0\0\0\0\0\0\0\x80", 8, "not weights"},
        {"a header of 2^64-1", 0, "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
         "not weights"},
        {"a header of 1 MiB", 0, "\0\0\x10\0\0\0\0\0", 8, "the file ends"},
        {"an array for a header", 8, "[", 1, "not weights"},
        {"a NUL in the header", 9, "\0", 1, "byte 9: found"},
        {"a line of escapes", 10, "\x1b\x1b", 2, "found \\x1b\\x1b"},
    };
    uint8_t *bytes = malloc(bad_weights_file.length);
    if (!bytes)
        abort();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(bytes, bad_weights_file.bytes, bad_weights_file.length);
        memcpy(bytes + rows[i].at, rows[i].with, rows[i].length);
        add(list, rows[i].name, bytes, bad_weights_file.length, rows[i].words,
            NULL);
    }
    memcpy(bytes, bad_weights_file.bytes, bad_weights_file.length);
    bytes[bad_weights_file.length - 3] ^= 1;
    add(list, "a changed weight", bytes, bad_weights_file.length,
        "the file was changed after it was written", "checksum");
    free(bytes);
}

/* ---- The header, with a checksum that is right ---- */

static void headers(bad_list *list)
{
    static const struct {
        const char *from, *to, *words, *more;
    } rows[] = {
        {"\"format\":\"mnist\"", "\"format\":\"pt\"", "of another program",
         "format \"pt\""},
        {"\"format\":\"mnist\"", "\"format\":\"\\u001b[2J\"",
         "of another program", "format \"\\x1b[2J\""},
        {"\"version\":\"1\"", "\"version\":\"2\"", "format version \"2\"",
         "or a newer one"},
        {"crc32", "crc33", "no \"crc32\"", NULL},
        {TINY_LINE, "dense:3:relu,dense:2:softmx", "the metadata's network",
         "softmx"},
        {TINY_LINE, "dense:65536:relu,dense:65536:relu,dense:2:softmax",
         "the metadata's network", NULL},
        {TINY_LINE, "dense:4:relu,dense:2:softmax",
         "dense.kernel has the shape 4x3", "expected 4x4"},
        {TINY_LINE, "dense:2:softmax", "dense.kernel has the shape 4x3",
         "expected 4x2"},
        {"2x2", "2x3", "dense.kernel has the shape 4x3", "expected 6x3"},
        {"2x2", "0x2", "images of 0x2", NULL},
        {"2x2", "4294967296x4294967296", "the metadata's network", NULL},
        {"\"255\"", "\"0\"", "scale 0", NULL},
        {"\"255\"", "\"1,5\"", "scale \"1,5\"", "expected a number"},
        {"\"255\"", "\"nan\"", "scale \"nan\"", "expected a number"},
        {"\"classes\":\"2\"", "\"classes\":\"10\"", "classes \"10\"",
         "expected 2"},
        {"\"F32\"", "\"F16\"", "expected dtype \"F32\"", NULL},
        {"\"F32\"", "\"BF16\"", "expected dtype \"F32\"", NULL},
        {"[4,3]", "[4,-3]", "a whole number", NULL},
        {"[4,3]", "[281474976710655,281474976710655]", "do not hold its shape",
         NULL},
        {"[0,48]", "[48,0]", "begins at byte 48 of the data", "a hole"},
        {"[48,60]", "[44,56]", "dense.bias begins at byte 44", "an overlap"},
        {"[84,92]", "[84,281474976710655]", "do not hold its shape", NULL},
        {"\"dense.bias\"", "\"dense.kernel\"", "each name only once", NULL},
        {"\"dense.bias\"", "\"dense.gamma\"", "dense.bias (3) of its network",
         "missing"},
        {"}}", "},}", "expected '\"'", NULL},
        {"{", "{/**/", "expected '\"'", NULL},
    };
    static const uint8_t zeros[TINY_DATA];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char header[SEALED_MAX], name[64];
        sealed file;
        sealed_edit(header, TINY_HEADER, rows[i].from, rows[i].to);
        sealed_make(&file, header, zeros, sizeof zeros);
        snprintf(name, sizeof name, "%.20s for %.20s", rows[i].to,
                 rows[i].from);
        add(list, name, file.bytes, file.length, rows[i].words, rows[i].more);
    }
    uint8_t nan[TINY_DATA] = {[50] = 0xc0, [51] = 0x7f};
    sealed file;
    sealed_make(&file, TINY_HEADER, nan, sizeof nan);
    add(list, "a weight that is no number", file.bytes, file.length,
        "value 0 of tensor dense.bias is not finite", NULL);
}

/* ---- Right in themselves ---- */

static void fitting(bad_list *list)
{
    static const bad_case cases[] = {
        {.name = "train: weights to resume",
         .arguments = {"train", "--data", "data", "--resume", "weights",
                       "--out", "new"},
         .words = {"weights: ", "no training to go on with"}},
        {.name = "train: weights of another network",
         .arguments = {"train", "--data", "data", "--init", "weights", "--net",
                       "mlp512", "--out", "new"},
         .words = {"weights holds the network", "leave out --net or --init"}},
        {.name = "train: weights of another scale",
         .arguments = {"train", "--data", "data", "--init", "weights",
                       "--scale", "1", "--out", "new"},
         .words = {"weights has scale 255", "--scale asks for 1"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bad_case added = cases[i];
        added.status = 4;
        added.anonymous = 1;
        bad_add(list, &added);
    }
    /* Of images of 2x2, while the data are of 28x28. */
    static const uint8_t zeros[TINY_DATA];
    static const char *const commands[][8] = {
        {"eval", BAD, "--images", "images", "--labels", "labels"},
        {"predict", "images", "--weights", BAD},
        {"train", "--data", "data", "--init", BAD, "--out", "new"},
    };
    sealed file;
    sealed_make(&file, TINY_HEADER, zeros, sizeof zeros);
    for (size_t i = 0; i < 3; i++) {
        bad_case added = {.status = 4,
                          .words = {"images of 2x2", "images of 28x28"},
                          .bytes = bad_keep(list, file.bytes, file.length),
                          .length = file.length};
        snprintf(added.name, sizeof added.name, "%s: weights for other images",
                 commands[i][0]);
        memcpy(added.arguments, commands[i], sizeof commands[i]);
        bad_add(list, &added);
    }
}

void bad_weights(bad_list *list)
{
    lengths(list);
    changes(list);
    headers(list);
    fitting(list);
}
