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
#include <string.h>

#include <cmocka.h>

static damage headers = {.count = {.name = "damage-header"},
                         .read = damage_read_weights,
                         .refusal = MNIST_ERROR_WEIGHTS};

/* Both ways. */
static void refused(temporary *t, const char *header, const char *what)
{
    tiny_refused(&headers, t, header, what);
}

static void the_file_is_right_unchanged(void **state)
{
    mnist_error err;
    sealed file;
    sealed_make(&file, TINY_HEADER, tiny_data, sizeof tiny_data);
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
            tiny_refused_with(&headers, *state, changed, "another number",
                              true);
            if (!may_be_other(at))
                tiny_refused_with(&headers, *state, changed, "another number",
                                  false);
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
        cmocka_unit_test(report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
