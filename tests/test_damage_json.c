/*
 * Headers of weights files that are no JSON, or JSON of which nothing good can
 * come: names twice, text that is none, comments, what follows the end, and
 * what is very deep or very long.
 */
#include "support/damage.h"
#include "support/sealed.h"
#include "support/tiny.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static damage headers = {.count = {.name = "damage-json"},
                         .read = damage_read_weights,
                         .refusal = MNIST_ERROR_WEIGHTS};

static void edited(temporary *t, const char *from, const char *to)
{
    char header[SEALED_MAX];
    sealed_edit(header, TINY_HEADER, from, to);
    tiny_refused(&headers, t, header, to);
}

static void json_is_read_strictly(void **state)
{
    static const char *const edits[][2] = {
        /* a key twice, on each level */
        {"\"seed\":\"7\"", "\"seed\":\"7\",\"seed\":\"7\""},
        {"\"seed\":\"7\"", "\"seed\":\"7\",\"\\u0073eed\":\"8\""},
        {"\"network\":", "\"scale\":\"1\",\"network\":"},
        {"\"dense.bias\"", "\"dense.kernel\""},
        {"\"dense.bias\"", "\"__metadata__\""},
        {TINY_META, TINY_META "," TINY_META},
        {"\"dtype\":\"F32\"", "\"dtype\":\"F32\",\"dtype\":\"F32\""},
        {"\"shape\":[4,3]", "\"shape\":[4,3],\"shape\":[4,3]"},
        {"\"data_offsets\":[0,48]",
         "\"data_offsets\":[0,48],\"data_offsets\":[0,48]"},
        /* text */
        {"dense.bias", "dense.bias\\u0000"},
        {"dense.bias", "\\u0000dense.bias"},
        {"dense.bias", "\\ud800"},
        {"dense.bias", "\\udc00\\ud800"},
        {"dense.bias", "\\ud800\\u0041"},
        {"dense.bias", "\\u00"},
        {"dense.bias", "\\x41"},
        {"dense.bias", "dense.bias\xff"},
        {"dense.bias", "\xc0\x80"},
        {"dense.bias", "\xe0\x80\x80"},
        {"dense.bias", "\xed\xa0\x80"},
        {"dense.bias", "\xf4\x90\x80\x80"},
        {"dense.bias", "\xe2\x82"},
        {"dense.bias", "dense\tbias"},
        {"dense.bias", "dense\nbias"},
        {"dense.bias\"", "dense.bias"},
        {"\"seed\":\"7\"", "\"seed\":\"\\u0000\""},
        {"\"seed\":\"7\"", "\"seed\":\"\xff\""},
        {"\"seed\":\"7\"", "\"seed\":7"},
        {"\"seed\":\"7\"", "\"seed\":null"},
        {"\"seed\":\"7\"", "\"seed\":{}"},
        {"\"seed\":\"7\"", "\"seed\":[\"7\"]"},
        {"\"seed\":\"7\"", "seed:\"7\""},
        {"\"seed\":\"7\"", "'seed':'7'"},
        /* form */
        {"\"seed\":\"7\"", "\"seed\":\"7\","},
        {"[84,92]}}", "[84,92]},}"},
        {"[84,92]}}", "[84,92],}}"},
        {"[84,92]}}", "[84,92,]}}"},
        {"[84,92]}}", "[84 92]}}"},
        {"[84,92]}}", "[84,92}}"},
        {"[84,92]}}", "[84,92]}"},
        {"[84,92]}}", "[84,92]"},
        {"[84,92]}}", "[84,92]}}}"},
        {"[84,92]}}", "[84,92]}} x"},
        {"[84,92]}}", "[84,92]}}\t"},
        {"[84,92]}}", "[84,92]}}\n"},
        {"[84,92]}}", "[84,92]}} {}"},
        {"[84,92]}}", "[84,092]}}"},
        {"[84,92]}}", "[84,+92]}}"},
        {"[84,92]}}", "[84,0x5c]}}"},
        {"[84,92]}}", "[[84,92]]}}"},
        {"\"dense.bias\":{", "/**/\"dense.bias\":{"},
        {"\"dense.bias\":{", "//\n\"dense.bias\":{"},
        {"\"dense.bias\":{", "#\n\"dense.bias\":{"},
        {"\"dense.bias\":{", "\"dense.bias\"{"},
        {"\"dense.bias\":{", "\"dense.bias\":["},
        {"\"dense.bias\":{", "\"dense.bias\":{{"},
        {"},\"dense.bias\"", "}\"dense.bias\""},
        {"},\"dense.bias\"", "},,\"dense.bias\""},
        {"{\"__metadata__\"", "\xef\xbb\xbf{\"__metadata__\""},
        {"{\"__metadata__\"", " {\"__metadata__\""},
        {"{\"__metadata__\"", "[{\"__metadata__\""},
        {"{\"__metadata__\"", "{,\"__metadata__\""},
        {"\"__metadata__\"", "\"__metadata_\""},
        {"\"__metadata__\"", "\"__METADATA__\""},
        {"\"crc32\":\"00000000\"", "\"crc32\":\"0\""},
        {"\"crc32\":\"00000000\"", "\"crc32\":\"\\u003000000000\""},
        {"\"crc32\":\"00000000\"", "\"crc32\": \"0000000x\""},
        {"\"crc32\":\"00000000\",", ""},
        {"\"F32\"", "F32"},
        {"\"F32\"", "\"F32 \""},
        {"\"F32\"", "\"F64\""},
        {"[4,3]", "[]"},
        {"[4,3]", "[4,3,1,1,1]"},
        {"[4,3]", "{\"4\":3}"},
        {"[4,3]", "true"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        edited(*state, edits[i][0], edits[i][1]);
}

/* Behind the header's last brace only spaces may follow, so that no second file
   hides there. */
static void padding_is_spaces(void **state)
{
    static const char bytes[] = {'\0', '\t', '\n', '\r',
                                 '\v', 'x',  '{',  '\xa0'};
    static const char padded[] = TINY_HEADER "    ";
    const size_t brace = sizeof TINY_HEADER - 1;
    for (size_t i = 0; i < sizeof bytes; i++)
        for (size_t at = brace; at < sizeof padded - 1; at++) {
            char header[sizeof padded];
            sealed file;
            memcpy(header, padded, sizeof padded);
            header[at] = bytes[i];
            sealed_make_bytes(&file, header, sizeof padded - 1, tiny_data,
                              sizeof tiny_data);
            damage_file(&headers, *state, "padding", file.bytes, file.length);
        }
}

/* What is large: 100,000 brackets at every place where a value may be, and a
   header longer than may be. Reading them may not go deeper with each. */
static void depth_and_length_are_bounded(void **state)
{
    enum { DEPTH = 100000, ROOM = 2 << 20 };
    static const char *const places[] = {"\"7\"",     "\"F32\"", "[4,3]",
                                         "[0,48]",    "4,",      "48]",
                                         TINY_KERNEL, TINY_META};
    static const char brackets[] = {'[', '{'};
    static const char header[] = TINY_HEADER;
    char *text = malloc(ROOM);
    unsigned char *file = malloc(ROOM);
    assert_non_null(text);
    assert_non_null(file);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t b = 0; b < 2; b++) {
            size_t before = (size_t)(strstr(header, places[i]) - header);
            memcpy(text, header, before);
            memset(text + before, brackets[b], DEPTH);
            memcpy(text + before + DEPTH, header + before,
                   sizeof header - 1 - before);
            damage_file(&headers, *state, "100,000 brackets", file,
                        sealed_put(file, ROOM, text, sizeof header - 1 + DEPTH,
                                   tiny_data, sizeof tiny_data));
        }
    memset(text, ' ', ROOM);
    memcpy(text, header, sizeof header - 1);
    damage_file(&headers, *state, "a header of 1 MiB and a byte", file,
                sealed_put(file, ROOM, text, (1 << 20) + 1, tiny_data,
                           sizeof tiny_data));
    free(file);
    free(text);
}

static void report(void **state)
{
    (void)state;
    damage_report(&headers);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(json_is_read_strictly),
        IN_FOLDER(padding_is_spaces),
        IN_FOLDER(depth_and_length_are_bounded),
        cmocka_unit_test(report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
