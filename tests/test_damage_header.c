/*
 * Headers of weights files that were changed with a plan: tensor entries
 * exchanged, repeated and left out, every number replaced, tables with holes
 * and overlaps, and all that JSON can be made of. Each is met twice: as it
 * would lie on a disk, with the checksum that the right file has, and with a
 * checksum that is right, so that it is not the checksum alone which refuses
 * it.
 */
#include "support/damage.h"
#include "support/sealed.h"
#include "support/tiny.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static damage headers = {.count = {.name = "damage-header"},
                         .read = damage_read_weights,
                         .refusal = MNIST_ERROR_WEIGHTS};

static const unsigned char data[TINY_DATA];
static char right_sum[9]; /* that of the right file */

static int setup(void **state)
{
    static const char key[] = "\"crc32\":\"";
    sealed file;
    (void)state;
    sealed_make(&file, TINY_HEADER, data, sizeof data);
    file.bytes[file.length - sizeof data] = '\0';
    const char *sum = strstr((const char *)file.bytes + 8, key);
    if (!sum)
        return -1;
    memcpy(right_sum, sum + sizeof key - 1, 8);
    return 0;
}

/* Puts the right file's sum in the place of the zeros. */
static void set_old_sum(char *header)
{
    static const char zeros[] = "\"00000000\"";
    char *at = strstr(header, zeros);
    if (at)
        memcpy(at + 1, right_sum, 8);
}

static void refused_with(temporary *t, const char *header, const char *what,
                         bool old_sum)
{
    char copy[SEALED_MAX];
    sealed file;
    snprintf(copy, sizeof copy, "%s", header);
    if (old_sum)
        set_old_sum(copy);
    sealed_make(&file, copy, data, sizeof data);
    damage_file(&headers, t, what, file.bytes, file.length);
}

static void refused(temporary *t, const char *header, const char *what)
{
    refused_with(t, header, what, false);
    refused_with(t, header, what, true);
}

static void edited(temporary *t, const char *from, const char *to)
{
    char header[SEALED_MAX];
    sealed_edit(header, TINY_HEADER, from, to);
    refused(t, header, to);
}

static void the_file_is_right_unchanged(void **state)
{
    mnist_error err;
    sealed file;
    sealed_make(&file, TINY_HEADER, data, sizeof data);
    assert_int_equal(
        damage_read_weights(
            temporary_write(*state, "x", file.bytes, file.length), NULL, &err),
        MNIST_OK);
}

/* ---- Entries ---- */

enum { ENTRIES = 4 };

static const char *const entries[ENTRIES] = {TINY_KERNEL, TINY_BIAS,
                                             TINY_KERNEL_1, TINY_BIAS_1};

/* A header of these entries. */
static void with_entries(temporary *t, const char *const *list, size_t count,
                         const char *what)
{
    char header[SEALED_MAX];
    size_t used = (size_t)snprintf(header, sizeof header, "{" TINY_META);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(header + used, sizeof header - used, ",%s",
                                 list[i]);
    snprintf(header + used, sizeof header - used, "}");
    refused(t, header, what);
}

static void entries_are_swapped(void **state)
{
    for (size_t a = 0; a < ENTRIES; a++)
        for (size_t b = a + 1; b < ENTRIES; b++) {
            const char *list[ENTRIES];
            memcpy(list, entries, sizeof list);
            list[a] = entries[b];
            list[b] = entries[a];
            with_entries(*state, list, ENTRIES, "entries swapped");
        }
}

static void entries_are_repeated(void **state)
{
    for (size_t which = 0; which < ENTRIES; which++)
        for (size_t place = 0; place <= ENTRIES; place++) {
            const char *list[ENTRIES + 1];
            for (size_t i = 0; i <= ENTRIES; i++)
                list[i] = i < place    ? entries[i]
                          : i == place ? entries[which]
                                       : entries[i - 1];
            with_entries(*state, list, ENTRIES + 1, "an entry twice");
            if (place < ENTRIES && place != which) {
                memcpy(list, entries, sizeof entries);
                list[place] = entries[which];
                with_entries(*state, list, ENTRIES, "an entry for another");
            }
        }
}

static void entries_are_left_out(void **state)
{
    for (unsigned kept = 0; kept < (1u << ENTRIES) - 1; kept++) {
        const char *list[ENTRIES];
        size_t count = 0;
        for (size_t i = 0; i < ENTRIES; i++)
            if (kept >> i & 1)
                list[count++] = entries[i];
        with_entries(*state, list, count, "entries left out");
    }
}

/* Tensors in another order, where each entry is right for its place. */
static void tensors_are_in_order(void **state)
{
    static const struct {
        const char *name, *shape;
        size_t bytes;
    } tensors[ENTRIES] = {{"dense.kernel", "[4,3]", 48},
                          {"dense.bias", "[3]", 12},
                          {"dense_1.kernel", "[3,2]", 24},
                          {"dense_1.bias", "[2]", 8}};
    for (size_t order = 1; order < 256; order++) {
        char text[ENTRIES][128];
        const char *list[ENTRIES];
        size_t begin = 0;
        unsigned seen = 0;
        for (size_t i = 0; i < ENTRIES; i++) {
            size_t n = (i + (order >> 2 * i & 3)) % ENTRIES;
            seen |= 1u << n;
            snprintf(text[i], sizeof text[i],
                     "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,"
                     "\"data_offsets\":[%zu,%zu]}",
                     tensors[n].name, tensors[n].shape, begin,
                     begin + tensors[n].bytes);
            begin += tensors[n].bytes;
            list[i] = text[i];
        }
        if (seen == 15)
            with_entries(*state, list, ENTRIES, "tensors in another order");
    }
}

/* ---- Numbers ---- */

static const char *const numbers[] = {"0",
                                      "1",
                                      "-1",
                                      "1.0",
                                      "1e2",
                                      "\"1\"",
                                      "null",
                                      "2147483648",
                                      "4294967296",
                                      "281474976710656",
                                      "9007199254740992",
                                      "9223372036854775808",
                                      "18446744073709551615",
                                      "123456789012345678901234567890"};

/* Other numbers for one of scale and seed make another network's file, which is
   right if its checksum is. */
static bool may_be_other(const char *at)
{
    static const char *const keys[] = {"\"scale\":\"", "\"seed\":\""};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(keys[i]);
        if (memcmp(at - length, keys[i], length) == 0)
            return true;
    }
    return false;
}

/* Those in names, dense_1 and F32, too: they become other names. */
static void every_number_is_replaced(void **state)
{
    static const char digits[] = "0123456789";
    static const char header[] = TINY_HEADER;
    const char *at = strstr(header, "\"network\"");
    for (; (at = strpbrk(at, digits)); at += strspn(at, digits)) {
        size_t length = strspn(at, digits);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            char changed[SEALED_MAX];
            if (strlen(numbers[i]) == length &&
                memcmp(numbers[i], at, length) == 0)
                continue;
            snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - header),
                     header, numbers[i], at + length);
            refused_with(*state, changed, "another number", true);
            if (!may_be_other(at))
                refused_with(*state, changed, "another number", false);
        }
    }
}

/* ---- The table ---- */

static void the_table_has_no_hole_and_no_overlap(void **state)
{
    static const struct {
        const char *name, *shape;
        long long begin, end;
    } tensors[ENTRIES] = {{"dense.kernel", "[4,3]", 0, 48},
                          {"dense.bias", "[3]", 48, 60},
                          {"dense_1.kernel", "[3,2]", 60, 84},
                          {"dense_1.bias", "[2]", 84, 92}};
    for (size_t n = 0; n < ENTRIES; n++) {
        const long long b = tensors[n].begin, e = tensors[n].end;
        const struct {
            long long begin, end;
            const char *what;
        } rows[] = {
            {b + 4, e + 4, "a hole before"},
            {b, e + 4, "an end too far"},
            {b, e - 4, "an end too near"},
            {b + 4, e, "a beginning too late"},
            {b + 1, e + 1, "a byte further"},
            {b, e + 1, "a byte longer"},
            {e, b, "the end before the beginning"},
            {b, b, "nothing"},
            {e, e, "nothing at the end"},
            {TINY_DATA, TINY_DATA + e - b, "beyond the file"},
            {b + TINY_DATA, e + TINY_DATA, "far beyond the file"},
            {b, (1LL << 48) - 1, "an end at 2^48-1"},
            {(1LL << 48) - 1 - (e - b), (1LL << 48) - 1, "all at 2^48-1"},
            {b ? b - 4 : 8, b ? e - 4 : e + 8, "an overlap"},
            {b ? 0 : 48, b ? e - b : 96, "the place of another"},
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const char *list[ENTRIES];
            char text[160];
            memcpy(list, entries, sizeof list);
            snprintf(text, sizeof text,
                     "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,"
                     "\"data_offsets\":[%lld,%lld]}",
                     tensors[n].name, tensors[n].shape, rows[i].begin,
                     rows[i].end);
            list[n] = text;
            with_entries(*state, list, ENTRIES, rows[i].what);
        }
    }
}

/* ---- JSON ---- */

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
            sealed_make_bytes(&file, header, sizeof padded - 1, data,
                              sizeof data);
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
                                   data, sizeof data));
        }
    memset(text, ' ', ROOM);
    memcpy(text, header, sizeof header - 1);
    damage_file(&headers, *state, "a header of 1 MiB and a byte", file,
                sealed_put(file, ROOM, text, (1 << 20) + 1, data, sizeof data));
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
        IN_FOLDER(the_file_is_right_unchanged),
        IN_FOLDER(entries_are_swapped),
        IN_FOLDER(entries_are_repeated),
        IN_FOLDER(entries_are_left_out),
        IN_FOLDER(tensors_are_in_order),
        IN_FOLDER(every_number_is_replaced),
        IN_FOLDER(the_table_has_no_hole_and_no_overlap),
        IN_FOLDER(json_is_read_strictly),
        IN_FOLDER(padding_is_spaces),
        IN_FOLDER(depth_and_length_are_bounded),
        cmocka_unit_test(report),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
