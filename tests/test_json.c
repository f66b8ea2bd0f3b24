/* The strict JSON reader, and the writing of strings: base/json.h. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads {"key":"string" or [integers], ...} to the end; what a caller would do
   by hand. Returns the strings and numbers joined by '|' or NULL. */
typedef struct reading {
    mnist_json json;
    char room[512];
    char seen[512];
} reading;

static void see(reading *r, const char *text)
{
    size_t used = strlen(r->seen);
    snprintf(r->seen + used, sizeof r->seen - used, "%s|", text);
}

static bool read_numbers(reading *r)
{
    bool more;

    if (!mnist_json_open(&r->json, '['))
        return false;
    while (mnist_json_next(&r->json, ']', &more)) {
        uint64_t number;
        char text[32];
        if (!more)
            return true;
        if (!mnist_json_integer(&r->json, &number))
            return false;
        snprintf(text, sizeof text, "%llu", (unsigned long long)number);
        see(r, text);
    }
    return false;
}

static bool read_object(reading *r)
{
    bool more;

    if (!mnist_json_open(&r->json, '{'))
        return false;
    while (mnist_json_next(&r->json, '}', &more)) {
        const char *key, *value;
        if (!more)
            return true;
        if (!mnist_json_key(&r->json, &key))
            return false;
        see(r, key);
        if (strcmp(key, "n") == 0) {
            if (!read_numbers(r))
                return false;
        } else if (mnist_json_string(&r->json, &value)) {
            see(r, value);
        } else {
            return false;
        }
    }
    return false;
}

/* The text is copied into a block of just its size, so that a sanitizer sees a
   byte read past it. */
static bool run(reading *r, const char *text, size_t length)
{
    char *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    *r = (reading){.seen = ""};
    mnist_json_start(&r->json, copy, length, r->room);
    bool ok = read_object(r);
    free(copy);
    return ok;
}

static void accepts(const char *text, const char *seen)
{
    reading r;
    if (!run(&r, text, strlen(text)))
        fail_msg("%s is refused at byte %zu: expected %s", text, r.json.at,
                 r.json.expected);
    assert_string_equal(r.seen, seen);
    assert_int_equal(r.json.at, strlen(text));
    assert_null(r.json.expected);
}

static void refuses_bytes(const char *text, size_t length, size_t at,
                          const char *expected)
{
    reading r;
    if (run(&r, text, length))
        fail_msg("%s is accepted", text);
    assert_non_null(r.json.expected);
    if (r.json.at != at || !strstr(r.json.expected, expected))
        fail_msg("%s: byte %zu: expected %s", text, r.json.at, r.json.expected);
}

static void refuses(const char *text, size_t at, const char *expected)
{
    refuses_bytes(text, strlen(text), at, expected);
}

static void reads_what_is_right(void **state)
{
    (void)state;
    accepts("{}", "");
    accepts("{\"a\":\"b\"}", "a|b|");
    accepts("{\"a\":\"\",\"\":\"c\"}", "a|||c|");
    accepts("{\"n\":[]}", "n|");
    accepts("{\"n\":[0,784,281474976710655]}", "n|0|784|281474976710655|");
    accepts(" {\t\"n\"\n:\r[ 1 , 2 ] , \"a\" : \"b\" }", "n|1|2|a|b|");
    accepts("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "a|\"\\/\b\f\n\r\t|");
    accepts("{\"\\u0061\":\"\\u00e9\\u20AC\\uD83D\\ude00\\u007f\"}",
            "a|\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f|");
    accepts("{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf"
            "\xee\x80\x80\xf4\x8f\xbf\xbf\"}",
            "a|\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf"
            "\xee\x80\x80\xf4\x8f\xbf\xbf|");
}

static void says_where_the_form_is_wrong(void **state)
{
    (void)state;
    refuses("", 0, "'{'");
    refuses("[]", 0, "'{'");
    refuses("\xef\xbb\xbf{}", 0, "'{'");
    refuses("{", 1, "'\"'");
    refuses("{,}", 1, "'\"'");
    refuses("{\"a\"}", 4, "':'");
    refuses("{\"a\":}", 5, "'\"'");
    refuses("{\"a\":null}", 5, "'\"'");
    refuses("{\"a\":1}", 5, "'\"'");
    refuses("{\"a\":{}}", 5, "'\"'");
    refuses("{\"a\":\"b\"", 8, "',' or '}'");
    refuses("{\"a\":\"b\",}", 9, "'\"'");
    refuses("{\"a\":\"b\",,}", 9, "'\"'");
    refuses("{\"a\":\"b\" \"c\":\"d\"}", 9, "',' or '}'");
    refuses("{\"a\":\"b\"]", 8, "',' or '}'");
    refuses("{a:\"b\"}", 1, "'\"'");
    refuses("{'a':\"b\"}", 1, "'\"'");
    refuses("{/*c*/\"a\":\"b\"}", 1, "'\"'");
    refuses("{\"n\":[1,]}", 8, "whole number");
    refuses("{\"n\":[,1]}", 6, "whole number");
    refuses("{\"n\":[1 2]}", 8, "',' or ']'");
    refuses("{\"n\":[1}", 7, "',' or ']'");
    refuses("{\"n\":[[1]]}", 6, "whole number");
    refuses("{\"n\":{}}", 5, "'['");
    refuses_bytes("{\0}", 3, 1, "'\"'");
}

static void integers_are_digits(void **state)
{
    static const char *const bad[] = {"-1",
                                      "+1",
                                      "01",
                                      "1.0",
                                      "1e2",
                                      "1E2",
                                      "0x1",
                                      "1x",
                                      "null",
                                      "\"1\"",
                                      "true",
                                      "NaN",
                                      ".5",
                                      "-0",
                                      "00",
                                      "281474976710656",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "123456789012345678901234567890"};
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64];
        reading r;
        snprintf(text, sizeof text, "{\"n\":[%s]}", bad[i]);
        if (run(&r, text, strlen(text)))
            fail_msg("%s is accepted", bad[i]);
        /* 0x1 and 1x are a number and then something else. */
        bool other = strchr(bad[i], 'x') != NULL;
        assert_int_equal(r.json.at, other ? 7 : 6);
        assert_non_null(
            strstr(r.json.expected, other ? "',' or ']'" : "whole number"));
    }
}

static void strings_are_utf8(void **state)
{
    static const char *const bad[] = {
        "\x80",     /* a continuation alone */
        "\xc3",     /* cut short */
        "\xc0\x80", /* longer than need be */
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xe2\x82",
        "\xe2\x82g",
        "\xf0\x9f\x98",
    };
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"a\":\"%s\"}", bad[i]);
        refuses(text, 6, "UTF-8");
        snprintf(text, sizeof text, "{\"a\":\"%s", bad[i]);
        refuses(text, 6, "UTF-8");
    }
}

/* The end of the text, not what happens to stand behind it. */
static void sequences_end_in_the_text(void **state)
{
    static const char *const sequences[] = {"\xc3\xa9", "\xe2\x82\xac",
                                            "\xf0\x9f\x98\x80"};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t n = 1; n < strlen(sequences[i]); n++) {
            char text[32], room[32];
            const char *string;
            mnist_json json;
            snprintf(text, sizeof text, "\"%s\"", sequences[i]);
            mnist_json_start(&json, (const unsigned char *)text, 1 + n, room);
            assert_false(mnist_json_string(&json, &string));
            assert_string_equal(json.expected, "UTF-8");
        }
    refuses("{\"a\":\"\xe1\x80\xc0\"}", 6, "UTF-8");
    refuses("{\"a\":\"\xe1\x80\x7f\"}", 6, "UTF-8");
}

static void strings_are_closed_and_escaped(void **state)
{
    (void)state;
    refuses("{\"a\":\"b", 7, "of a string");
    refuses("{\"a\":\"b\n\"}", 7, "of a string");
    refuses("{\"a\":\"b\x1f\"}", 7, "of a string");
    refuses_bytes("{\"a\":\"\0\"}", 9, 6, "of a string");
    refuses("{\"a\":\"\\x41\"}", 6, "escape");
    refuses("{\"a\":\"\\", 6, "escape");
    refuses_bytes("{\"a\":\"\\\0\"}", 10, 6, "escape");
    refuses("{\"a\":\"\\u12\"}", 6, "four digits");
    refuses("{\"a\":\"\\u12g4\"}", 6, "four digits");
    refuses("{\"a\":\"\\u123", 6, "four digits");
    refuses("{\"a\":\"\\u0000\"}", 6, "NUL");
    refuses("{\"\\u0000\":\"a\"}", 2, "NUL");
    refuses("{\"a\":\"\\ud83d\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d\\n\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83dx\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d\\", 6, "surrogates");
    refuses("{\"a\":\"\\ude00\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d\\ud83d\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ude00\\ude00\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d\\u0041\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d\\ue000\"}", 6, "surrogates");
    refuses("{\"a\":\"\\ud83d\\ude0\"}", 12, "four digits");
}

static void every_cut_is_refused(void **state)
{
    static const char text[] =
        "{\"a\\u00e9\\ud83d\\ude00\":\"\xf0\x9f\x98\x80\\n\",\"n\":[1,234]}";
    reading r;
    (void)state;

    accepts(text, "a\xc3\xa9\xf0\x9f\x98\x80|\xf0\x9f\x98\x80\n|n|1|234|");
    for (size_t length = 0; length < sizeof text - 1; length++) {
        assert_false(run(&r, text, length));
        assert_true(r.json.at <= length);
    }
}

static void nesting_costs_nothing(void **state)
{
    const size_t depth = 100000;
    char *text = malloc(depth);
    mnist_json json;
    bool more;
    (void)state;

    assert_non_null(text);
    memset(text, '[', depth);
    mnist_json_start(&json, text, depth, NULL);
    assert_true(mnist_json_open(&json, '['));
    assert_true(mnist_json_next(&json, ']', &more));
    assert_true(more);
    uint64_t number;
    assert_false(mnist_json_integer(&json, &number));
    assert_int_equal(json.at, 1);
    free(text);
}

static void writes_strings(void **state)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"dense:10", "\"dense:10\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\n\x01\x1f\x7f", "\"\\u000a\\u0001\\u001f\x7f\""},
        {"\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {"a\xff"
         "b\xc3",
         "\"a\xef\xbf\xbd"
         "b\xef\xbf\xbd\""},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        char *end = mnist_json_quote(out, cases[i].text);
        *end = '\0';
        assert_string_equal(out, cases[i].json);
        assert_true((size_t)(end - out) <=
                    MNIST_JSON_QUOTED_MAX(strlen(cases[i].text)));
    }
}

static void what_is_written_reads_back(void **state)
{
    char text[256], out[MNIST_JSON_QUOTED_MAX(sizeof text)], room[sizeof out];
    const char *back;
    mnist_json json;
    (void)state;

    for (int i = 0; i < 127; i++)
        text[i] = (char)(i + 1);
    memcpy(text + 127, "\xe2\x82\xac", 4);
    size_t length = (size_t)(mnist_json_quote(out, text) - out);
    mnist_json_start(&json, out, length, room);
    assert_true(mnist_json_string(&json, &back));
    assert_string_equal(back, text);
    assert_int_equal(json.at, length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_right),
        cmocka_unit_test(says_where_the_form_is_wrong),
        cmocka_unit_test(integers_are_digits),
        cmocka_unit_test(strings_are_utf8),
        cmocka_unit_test(sequences_end_in_the_text),
        cmocka_unit_test(strings_are_closed_and_escaped),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(nesting_costs_nothing),
        cmocka_unit_test(writes_strings),
        cmocka_unit_test(what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
