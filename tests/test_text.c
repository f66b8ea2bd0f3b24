/* Whole numbers, floats and text as they stand in files: base/text.h. */
#include "base/text.h"

#include "support/tally.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void u64_reads_digits_only(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0},
                {"7", 7},
                {"1605632", 1605632},
                {"18446744073709551615", UINT64_MAX}};
    static const char *const bad[] = {"",
                                      "00",
                                      "01",
                                      "+1",
                                      "-1",
                                      " 1",
                                      "1 ",
                                      "1x",
                                      "0x1",
                                      "1.0",
                                      "1e3",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t value = 99;
        assert_true(mnist_text_u64(&value, good[i].text, strlen(good[i].text)));
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t value = 99;
        assert_false(mnist_text_u64(&value, bad[i], strlen(bad[i])));
        assert_int_equal(value, 99);
    }
}

static void the_length_ends_the_number(void **state)
{
    uint64_t whole = 0;
    float value = 0;
    (void)state;

    assert_true(mnist_text_u64(&whole, "123456", 3));
    assert_int_equal(whole, 123);
    assert_true(mnist_text_float(&value, "1.25:relu", 4));
    assert_true(value == 1.25f);
    assert_false(mnist_text_u64(&whole, "1\0", 2));
    assert_false(mnist_text_float(&value, "1\0", 2));
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void float_reads_its_forms(void **state)
{
    /* The compiler reads the literals: another implementation. */
    static const struct {
        const char *text;
        float value;
    } good[] = {
        {"0", 0.0f},
        {"-0", -0.0f},
        {"5", 5.0f},
        {"5.", 5.0f},
        {".5", 0.5f},
        {"-.5", -0.5f},
        {"00.10", 0.1f},
        {"0.0001", 1e-4f},
        {"1e-4", 1e-4f},
        {"1E-4", 1e-4f},
        {"1e+4", 1e4f},
        {"1e04", 1e4f},
        {"255", 255.0f},
        {"3.4028235e38", FLT_MAX},
        {"340282346638528859811704183484516925440", FLT_MAX},
        {"1.17549435e-38", FLT_MIN},
        {"1e-45", 0x1p-149f},
        {"1e-46", 0.0f},
        {"1e-400", 0.0f},
        {"0e999999999999999999999", 0.0f},
        {"1e-999999999999999999999", 0.0f},
        {"0.1000000000000000000000000000000000001", 0.1f},
        {"16777217", 16777216.0f},
        {"16777219", 16777220.0f},
        {"123456789012345678901234567890e-29", 1.23456789f},
        {"0.00000000000000000000000000000000000001e38", 1.0f},
    };
    static const char *const bad[] = {"",
                                      "-",
                                      ".",
                                      "-.",
                                      "e5",
                                      "1e",
                                      "1e+",
                                      "1e-",
                                      "1x",
                                      "0x10",
                                      "nan",
                                      "inf",
                                      "-inf",
                                      "NaN",
                                      "+1",
                                      "--1",
                                      " 1",
                                      "1 ",
                                      "1,5",
                                      "1.2.3",
                                      "1e5.0",
                                      "1ee5",
                                      "1e39",
                                      "-1e39",
                                      "3.4028236e38",
                                      "1e400",
                                      "1e999999999999999999999",
                                      "1f",
                                      "1_0"};
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        float value = 99;
        if (!mnist_text_float(&value, good[i].text, strlen(good[i].text)))
            fail_msg("\"%s\" is refused", good[i].text);
        if (bits_of(value) != bits_of(good[i].value))
            fail_msg("\"%s\" reads as %a", good[i].text, (double)value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float value = 99;
        if (mnist_text_float(&value, bad[i], strlen(bad[i])))
            fail_msg("\"%s\" reads as %a", bad[i], (double)value);
        assert_true(value == 99);
    }
}

/* Bit patterns from a small generator, over the whole range of floats. */
static float any_float(uint32_t *random)
{
    float value;
    do {
        *random = *random * 1664525u + 1013904223u;
        uint32_t bits = *random ^ *random >> 15;
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

static void float_agrees_with_strtof(void **state)
{
    uint32_t random = 1;
    const size_t count = 200000 / tally_stride("floats", 10);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        float expected = any_float(&random);
        float value = 0;
        char text[64];
        snprintf(text, sizeof text, "%.*g", (int)(1 + i % 17),
                 (double)expected);
        expected = strtof(text, NULL);
        if (!isfinite(expected))
            continue;
        if (!mnist_text_float(&value, text, strlen(text)))
            fail_msg("\"%s\" is refused", text);
        if (bits_of(value) != bits_of(expected))
            fail_msg("\"%s\" reads as %a", text, (double)value);
    }
}

/* The same forms as a float's, so here only what a double has more of; strtod
   is another implementation. */
static void real_reads_doubles(void **state)
{
    static const char *const good[] = {
        "0",       "-0",        "0.1",         "97.92",
        "-1.5e-7", "1e22",      "1e-22",       "0.039453940000000002",
        "1e300",   "2.5e-300",  "1.7e308",     "17976931348623157e292",
        "5e-324",  "123456789", "1e-99999999", "0.0000000000000000000000001"};
    static const char *const bad[] = {"",    "-",    "1e309", "1e99999999999",
                                      "nan", "1e+",  "1,5",   "2e308",
                                      "inf", "0x10", "1 ",    "-1e400"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = -1, expected = strtod(good[i], NULL);
        if (!mnist_text_real(&value, good[i], strlen(good[i])))
            fail_msg("\"%s\" is refused", good[i]);
        if (!(fabs(value - expected) <= 2e-14 * fabs(expected)) ||
            !signbit(value) != !signbit(expected))
            fail_msg("\"%s\" reads as %a", good[i], value);
        if (strlen(good[i]) < 9 && fabs(expected) <= 1e22 &&
            fabs(expected) >= 1e-22)
            assert_true(value == expected);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = -1;
        if (mnist_text_real(&value, bad[i], strlen(bad[i])))
            fail_msg("\"%s\" is accepted", bad[i]);
        assert_true(value == -1);
    }
}

static void float_text_reads_back(void **state)
{
    uint32_t random = 7;
    const size_t count = 200000 / tally_stride("floats", 10);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        float value = any_float(&random);
        float back = 0;
        char text[MNIST_FLOAT_TEXT];
        mnist_float_text(text, value);
        assert_true(mnist_text_float(&back, text, strlen(text)));
        if (bits_of(back) != bits_of(value))
            fail_msg("%a is written as \"%s\"", (double)value, text);
    }
}

static void float_text_is_short(void **state)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0f, "-0"},
                 {255, "255"},
                 {0.1f, "0.1"},
                 {1e-4f, "0.0001"},
                 {1e-7f, "1e-07"},
                 {16777216, "16777216"},
                 {1.0f / 3, "0.33333334"},
                 {0x1.fffffep-1f, "0.99999994"},
                 {-FLT_MAX, "-3.4028235e+38"},
                 {0x1p-149f, "1.4013e-45"},
                 {INFINITY, "inf"},
                 {-INFINITY, "-inf"},
                 {NAN, "nan"}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[MNIST_FLOAT_TEXT];
        assert_ptr_equal(mnist_float_text(text, cases[i].value), text);
        assert_string_equal(text, cases[i].text);
    }
}

static void the_locale_does_not_matter(void **state)
{
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8",
                                         "fr_FR", "pl_PL.UTF-8"};
    const char *set = NULL;
    char text[MNIST_FLOAT_TEXT];
    float value = 0;
    (void)state;

    for (size_t i = 0; !set && i < sizeof commas / sizeof *commas; i++)
        set = setlocale(LC_NUMERIC, commas[i]);
    /* Some libraries take any name, and mean "C". */
    if (!set || strcmp(localeconv()->decimal_point, ",") != 0)
        skip();
    bool dot = mnist_text_float(&value, "0.5", 3);
    bool comma = mnist_text_float(&value, "0,5", 3);
    mnist_float_text(text, 0.5f);
    setlocale(LC_NUMERIC, "C");
    assert_true(dot);
    assert_false(comma);
    assert_string_equal(text, "0.5");
}

static void quote_is_safe_to_show(void **state)
{
    char out[MNIST_QUOTE_MAX];
    unsigned char bytes[300];
    (void)state;

    assert_string_equal(mnist_quote(out, "plain ~text", 11), "plain ~text");
    assert_string_equal(mnist_quote(out, "", 0), "");
    assert_string_equal(mnist_quote(out, "a\n\x1b[31m\\\0\xff", 9),
                        "a\\x0a\\x1b[31m\\x5c\\x00");
    assert_string_equal(mnist_quote(out, "\x7f\xff", 2), "\\x7f\\xff");

    memset(bytes, 'a', sizeof bytes);
    mnist_quote(out, bytes, 64);
    assert_int_equal(strlen(out), 64);
    mnist_quote(out, bytes, 65);
    assert_int_equal(strlen(out), 67);
    assert_string_equal(out + 64, "...");

    memset(bytes, 0xff, sizeof bytes);
    memset(out, '#', sizeof out);
    mnist_quote(out, bytes, sizeof bytes);
    assert_int_equal(strlen(out), 64 * 4 + 3);
    assert_string_equal(out + 64 * 4, "...");
}

static void nearest_finds_what_was_meant(void **state)
{
    static const char *const names[] = {"--epochs", "--batch", "--data", "eval",
                                        "predict",  "train",   "lr"};
    static const struct {
        const char *word, *expected;
    } cases[] = {{"--epoch", "--epochs"},
                 {"--epohcs", "--epochs"},
                 {"--bacth", "--batch"},
                 {"evel", "eval"},
                 {"eavl", "eval"},
                 {"pedict", "predict"},
                 {"predictt", "predict"},
                 {"train", "train"},
                 {"trian", "train"},
                 {"xyzzy", NULL},
                 {"", NULL},
                 {"x", NULL},
                 {"--momentum", NULL},
                 {"evaluation", NULL}};
    static const char *const both[] = {"abcdeg", "abcdef", "abcdef"};
    char word[80];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found =
            mnist_nearest(cases[i].word, names, sizeof names / sizeof *names);
        if (!cases[i].expected)
            assert_null(found);
        else
            assert_string_equal(found, cases[i].expected);
    }
    assert_ptr_equal(mnist_nearest("abcdef", both, 3), both[1]);
    assert_null(mnist_nearest("train", names, 0));

    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *self = word;
    assert_null(mnist_nearest(word, &self, 1));
    assert_null(mnist_nearest("train", &self, 1));
    word[63] = '\0';
    assert_ptr_equal(mnist_nearest(word, &self, 1), self);
}

static void printable_is_what_can_be_shown(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {" ", 1},
        {"~", 1},
        {"\x1f", 0},
        {"\x7f", 0},
        {"", 0},
        {"\xc2\xa0", 2},
        {"\xc2\x9f", 0},
        {"\xc3\xa4", 2},
        {"\xc1\xbf", 0},
        {"\x80", 0},
        {"\xe0\xa0\x80", 3},
        {"\xe0\x9f\xbf", 0},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xe2\x96\x80", 3},
        {"\xe2\x96", 0},
        {"\xe2\x96z", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xf1\x80\x80\x80", 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(mnist_text_printable(cases[i].text), cases[i].length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(u64_reads_digits_only),
        cmocka_unit_test(the_length_ends_the_number),
        cmocka_unit_test(float_reads_its_forms),
        cmocka_unit_test(float_agrees_with_strtof),
        cmocka_unit_test(real_reads_doubles),
        cmocka_unit_test(float_text_reads_back),
        cmocka_unit_test(float_text_is_short),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(quote_is_safe_to_show),
        cmocka_unit_test(printable_is_what_can_be_shown),
        cmocka_unit_test(nearest_finds_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
