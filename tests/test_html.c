/* Text and numbers on a page. */
#include "pages/html.h"

#include "support/temporary.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect(mnist_html *html, const char *text)
{
    mnist_buffer_byte(html, '\0');
    assert_false(html->failed);
    assert_string_equal((const char *)html->bytes, text);
    mnist_buffer_free(html);
}

static void expect_text(const char *text, const char *markup)
{
    mnist_html html = {0};
    mnist_html_text(&html, text);
    expect(&html, markup);
}

static void test_text(void **state)
{
    (void)state;
    expect_text("", "");
    expect_text("plain", "plain");
    expect_text("<b a=\"x\" b='y'>&amp;</b>",
                "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/b&gt;");
    expect_text("Zahl \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80",
                "Zahl \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
    expect_text("a\tb\nc\x1b[31m\x7f", "a\\x09b\\x0ac\\x1b[31m\\x7f");
    /* No UTF-8: cut, too long, a half of UTF-16, beyond the last, a control. */
    expect_text("\xc3", "\\xc3");
    expect_text("\xc0\xbc", "\\xc0\\xbc");
    expect_text("\xe0\x80\xbc", "\\xe0\\x80\\xbc");
    expect_text("\xed\xa0\x80", "\\xed\\xa0\\x80");
    expect_text("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    expect_text("\xc2\x9b", "\\xc2\\x9b");
    expect_text("\xe2\x82<", "\\xe2\\x82&lt;");
}

static void expect_number(double value, int digits, const char *number,
                          const char *plain)
{
    mnist_html html = {0};
    mnist_html_number(&html, value, digits);
    expect(&html, number);
    mnist_html_plain(&html, value, digits);
    expect(&html, plain);
}

static void test_numbers(void **state)
{
    (void)state;
    expect_number(0.98765, 4, "0.9877", "0.9877");
    expect_number(-12.5, 1,
                  "\xe2\x88\x92"
                  "12.5",
                  "-12.5");
    expect_number(3, 0, "3", "3");
    expect_number(-0.001, 2, "0.00", "0.00");
    expect_number(-0.4, 0, "0", "0");
    expect_number(INFINITY, 2, "\xe2\x80\x93", "0.00");
    expect_number(NAN, 0, "\xe2\x80\x93", "0");
    expect_number(1.0 / 3, 40, "0.333333333", "0.333333333");
    mnist_html html = {0};
    mnist_html_number(&html, -1e308, 9);
    assert_int_equal(html.length, 3 + 309 + 10);
    mnist_buffer_free(&html);
}

/* The point stays one in a locale that has a comma. */
static void test_locale(void **state)
{
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") &&
        !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
        skip();
    test_numbers(state);
    setlocale(LC_NUMERIC, "C");
}

static void expect_count(size_t value, const char *text)
{
    mnist_html html = {0};
    mnist_html_count(&html, value);
    expect(&html, text);
}

static void test_counts(void **state)
{
    mnist_html html = {0};
    (void)state;
    expect_count(0, "0");
    expect_count(999, "999");
    expect_count(1000, "1,000");
    expect_count(10000, "10,000");
    expect_count(407050, "407,050");
    expect_count(1234567, "1,234,567");
    mnist_html_percent(&html, 0.97931, 2);
    expect(&html, "97.93\xc2\xa0%");
    mnist_html_percent(&html, NAN, 2);
    expect(&html, "\xe2\x80\x93");
}

/* What does not fit is never cut short, and is told when it is saved. */
static void test_failure(void **state)
{
    temporary *t = *state;
    mnist_html html = {0};
    mnist_error err;
    char *path = strdup(temporary_path(t, "page.html")), *long_text;
    long_text = calloc(1, 3000);
    memset(long_text, 'x', 2999);
    mnist_html_raw(&html, "<p>");
    mnist_html_format(&html, "%s", long_text);
    mnist_html_raw(&html, "</p>");
    assert_int_equal(mnist_html_save(&html, path, &err), MNIST_ERROR_MEMORY);
    assert_int_equal(temporary_count(t), 0);
    assert_null(mnist_buffer_grow(&(mnist_html){.length = 9}, SIZE_MAX - 3));
    free(long_text);
    free(path);
}

static void test_save(void **state)
{
    temporary *t = *state;
    mnist_html html = {0};
    mnist_error err;
    size_t length;
    for (int i = 0; i < 1000; i++)
        mnist_html_format(&html, "%d ", i % 10);
    const char *path = temporary_path(t, "page.html");
    assert_int_equal(mnist_html_save(&html, path, &err), MNIST_OK);
    assert_null(html.bytes);
    char *text = temporary_read(path, &length);
    assert_int_equal(length, 2000);
    assert_memory_equal(text, "0 1 2 3 ", 8);
    free(text);
    mnist_html_raw(&html, "<p>");
    assert_int_equal(mnist_html_save(&html, "nowhere/at/all", &err),
                     MNIST_ERROR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_locale),
        cmocka_unit_test(test_counts),
        cmocka_unit_test_setup_teardown(test_failure, temporary_setup,
                                        temporary_teardown),
        cmocka_unit_test_setup_teardown(test_save, temporary_setup,
                                        temporary_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
