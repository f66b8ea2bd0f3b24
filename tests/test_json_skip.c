/* Values that are passed over, and numbers as they stand: base/json.h. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Whether `text` is one value that may be passed over, and nothing more. */
static bool skips(const char *text, mnist_json *json)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1), *room = malloc(length + 1);
    assert_non_null(copy);
    assert_non_null(room);
    memcpy(copy, text, length);
    mnist_json_start(json, copy, length, room);
    bool ok = mnist_json_skip(json) && mnist_json_end(json);
    if (ok) /* nothing of it is kept */
        assert_ptr_equal(json->room, room);
    free(copy);
    free(room);
    return ok;
}

static void skips_any_value(void **state)
{
    static const char *const good[] = {
        "0",
        "-0",
        "10",
        "-1.50e-07",
        "0.5",
        "1E+9",
        "2e3",
        "\"\"",
        "\"a\\u00e9\"",
        "true",
        "false",
        "null",
        "{}",
        "[]",
        " [ ] ",
        "[[],[[]],{}]",
        "{\"a\":[1,{\"b\":null}],\"c\":{\"d\":\"e\"},\"f\":-2}",
        "[{\"a\":[]},[true,false],\"x\"]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        mnist_json json;
        if (!skips(good[i], &json))
            fail_msg("%s: byte %zu: expected %s", good[i], json.at,
                     json.expected);
    }
}

static void skips_nothing_else(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *expected;
    } bad[] = {
        {"", 0, "a value"},
        {"x", 0, "a value"},
        {"tru", 0, "a value"},
        {"nul", 0, "a value"},
        {"NaN", 0, "a value"},
        {"+1", 0, "a value"},
        {".5", 0, "a value"},
        {":", 0, "a value"},
        {"-", 0, "a number"},
        {"-a", 0, "a number"},
        {"01", 0, "a number"},
        {"-01", 0, "a number"},
        {"1.", 0, "a number"},
        {"1.e5", 0, "a number"},
        {"1e", 0, "a number"},
        {"1e+", 0, "a number"},
        {"1E-x", 0, "a number"},
        {"0x1", 1, "the end"},
        {"1 2", 2, "the end"},
        {"[] ]", 3, "the end"},
        {"nullx", 4, "the end"},
        {"\"a", 2, "'\"'"},
        {"[1", 2, "',' or ']'"},
        {"[1}", 2, "',' or ']'"},
        {"[1,]", 3, "a value"},
        {"[,1]", 1, "a value"},
        {"{\"a\":1]", 6, "',' or '}'"},
        {"{\"a\"}", 4, "':'"},
        {"{1:2}", 1, "'\"'"},
        {"{\"a\":}", 5, "a value"},
        {"[{\"a\":[1,2}]", 10, "',' or ']'"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 32, "at most 32 levels"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{}", 32, "at most 32 levels"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mnist_json json;
        if (skips(bad[i].text, &json))
            fail_msg("%s is passed over", bad[i].text);
        if (json.at != bad[i].at || !strstr(json.expected, bad[i].expected))
            fail_msg("%s: byte %zu: expected %s", bad[i].text, json.at,
                     json.expected);
    }
}

/* Every cut of a text is noticed at its end or before, whatever stands behind
   it. */
static void skips_no_cut_value(void **state)
{
    static const char text[] =
        "{\"a\":[1.5e+3,null,true,{\"b\":\"c\\n\"}],\"d\":false}";
    (void)state;
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char room[sizeof text];
        mnist_json json;
        mnist_json_start(&json, text, length, room);
        assert_false(mnist_json_skip(&json));
        assert_true(json.at <= length);
    }
}

/* Of a word the end of the text may be what is missing. */
static void words_end_in_the_text(void **state)
{
    static const char *const words[] = {"null", "true", "false"};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t length = 1; length < strlen(words[i]); length++) {
            char room[8];
            mnist_json json;
            mnist_json_start(&json, words[i], length, room);
            assert_false(mnist_json_skip(&json));
            assert_int_equal(json.at, 0);
        }
}

static void lends_numbers(void **state)
{
    static const char text[] = " -12.5e3,null";
    const char *number;
    char room[sizeof text];
    size_t length;
    mnist_json json;
    (void)state;
    mnist_json_start(&json, text, sizeof text - 1, room);
    assert_false(mnist_json_null(&json));
    assert_true(mnist_json_number(&json, &number, &length));
    assert_ptr_equal(number, text + 1);
    assert_int_equal(length, 7);
    json.at++;
    assert_true(mnist_json_null(&json));
    assert_true(mnist_json_end(&json));
    assert_false(mnist_json_null(&json));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skips_any_value),
        cmocka_unit_test(skips_nothing_else),
        cmocka_unit_test(skips_no_cut_value),
        cmocka_unit_test(words_end_in_the_text),
        cmocka_unit_test(lends_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
