/* The lines of a file: base/lines.h. */
#include "base/lines.h"

#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fails unless the file gives just these lines, up to a NULL. */
static void gives(temporary *t, const char *text, size_t most,
                  const char *const *expected)
{
    mnist_lines lines;
    const char *line;
    size_t length;
    const char *path = temporary_write(t, "lines", text, strlen(text));
    assert_int_equal(mnist_lines_open(&lines, path, most, NULL), MNIST_OK);
    for (size_t i = 0;; i++) {
        assert_int_equal(mnist_lines_next(&lines, &line, &length, NULL),
                         MNIST_OK);
        if (!line)
            break;
        assert_int_equal(lines.number, i + 1);
        assert_non_null(expected[i]);
        assert_int_equal(length, strlen(expected[i]));
        assert_memory_equal(line, expected[i], length);
    }
    assert_null(expected[lines.number]);
    assert_int_equal(mnist_lines_next(&lines, &line, &length, NULL), MNIST_OK);
    assert_null(line);
    mnist_lines_close(&lines);
}

#define GIVES(t, text, most, ...)                                              \
    gives(t, text, most, (const char *const[]){__VA_ARGS__})

static void test_lines_of_a_file(void **state)
{
    temporary *t = *state;
    GIVES(t, "", 8, NULL);
    GIVES(t, "\n", 8, "", NULL);
    GIVES(t, "a", 8, "a", NULL);
    GIVES(t, "a\n", 8, "a", NULL);
    GIVES(t, "a\nb", 8, "a", "b", NULL);
    GIVES(t, "\n\nab\n\n", 8, "", "", "ab", "", NULL);
    /* At each place of a block that is as long as the longest line. */
    GIVES(t, "1234567\nab\ncdefghi\njklm\nn\n", 8, "1234567", "ab", "cdefghi",
          "jklm", "n", NULL);
    GIVES(t, "123\n12345\n1\n1234567\n", 8, "123", "12345", "1", "1234567",
          NULL);
}

static void test_a_line_too_long(void **state)
{
    temporary *t = *state;
    static const char *const texts[] = {"12345678\n", "ab\n123456789\n"};
    for (size_t i = 0; i < 2; i++) {
        mnist_lines lines;
        mnist_error err;
        mnist_status status;
        const char *line,
            *path = temporary_write(t, "lines", texts[i], strlen(texts[i]));
        size_t length;
        char told[64];
        assert_int_equal(mnist_lines_open(&lines, path, 8, NULL), MNIST_OK);
        do
            status = mnist_lines_next(&lines, &line, &length, &err);
        while (!status && line);
        assert_int_equal(status, MNIST_ERROR_DATA);
        snprintf(told, sizeof told, "line %zu is longer than 8 bytes", i + 1);
        assert_non_null(strstr(err.message, told));
        mnist_lines_close(&lines);
    }
}

/* Lines of many lengths, which make the block grow, and are all there. */
static void test_many_lines(void **state)
{
    temporary *t = *state;
    enum { LINES = 700 };
    char *text = malloc((size_t)LINES * LINES);
    size_t used = 0, length;
    mnist_lines lines;
    const char *line;
    assert_non_null(text);
    for (size_t i = 0; i < LINES; i++) {
        size_t n = (i * 397) % LINES;
        memset(text + used, 'a' + (int)(i % 26), n);
        used += n;
        text[used++] = '\n';
    }
    const char *path = temporary_write(t, "lines", text, used);
    free(text);
    assert_int_equal(mnist_lines_open(&lines, path, 1 << 20, NULL), MNIST_OK);
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(mnist_lines_next(&lines, &line, &length, NULL),
                         MNIST_OK);
        assert_non_null(line);
        assert_int_equal(length, (i * 397) % LINES);
        for (size_t k = 0; k < length; k++)
            assert_int_equal(line[k], 'a' + (int)(i % 26));
    }
    mnist_lines_close(&lines);
}

static void test_one_long_line(void **state)
{
    temporary *t = *state;
    enum { LENGTH = 300000 };
    char *text = malloc(LENGTH);
    size_t length;
    mnist_lines lines;
    const char *line;
    assert_non_null(text);
    memset(text, 'x', LENGTH);
    const char *path = temporary_write(t, "lines", text, LENGTH);
    free(text);
    assert_int_equal(mnist_lines_open(&lines, path, LENGTH + 1, NULL), 0);
    assert_int_equal(mnist_lines_next(&lines, &line, &length, NULL), MNIST_OK);
    assert_int_equal(length, LENGTH);
    mnist_lines_close(&lines);
    assert_int_equal(mnist_lines_open(&lines, path, LENGTH - 1, NULL), 0);
    assert_int_equal(mnist_lines_next(&lines, &line, &length, NULL),
                     MNIST_ERROR_DATA);
    mnist_lines_close(&lines);
}

static void test_no_file(void **state)
{
    temporary *t = *state;
    mnist_lines lines;
    assert_int_equal(
        mnist_lines_open(&lines, temporary_path(t, "nowhere"), 8, NULL),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(mnist_lines_open(&lines, temporary_folder(t), 8, NULL),
                     MNIST_ERROR_SYSTEM);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_of_a_file), TEST(test_a_line_too_long),
        TEST(test_many_lines),      TEST(test_one_long_line),
        TEST(test_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
