/* Bytes that grow: base/buffer.h. */
#include "base/buffer.h"

#include "support/temporary.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void all_is_there_in_order(void **state)
{
    static const char text[] = "0123456789";
    const float values[2] = {1.0f, -2.5f};
    mnist_buffer b = {0};
    (void)state;
    mnist_buffer_byte(&b, 0x7f);
    mnist_buffer_text(&b, "");
    mnist_buffer_format(&b, "%d-%s", 42, "x");
    mnist_buffer_le(&b, 0x0102030405060708, 3);
    mnist_buffer_floats(&b, values, 2);
    assert_int_equal(b.length, 1 + 4 + 3 + 8);
    assert_memory_equal(b.bytes,
                        "\x7f"
                        "42-x\x08\x07\x06\0\0\x80\x3f\0\0\x20\xc0",
                        b.length);
    for (size_t i = 0; i < 2000; i++)
        mnist_buffer_add(&b, text, 10);
    assert_int_equal(b.length, 16 + 20000);
    for (size_t i = 0; i < 20000; i++)
        assert_int_equal(b.bytes[16 + i], text[i % 10]);
    assert_false(b.failed);
    mnist_buffer_free(&b);
    assert_null(b.bytes);
    assert_int_equal(b.length, 0);
}

static void what_does_not_fit_is_remembered(void **state)
{
    temporary *t = *state;
    mnist_buffer b = {0};
    mnist_error err;
    const char *path = temporary_write(t, "x", "old", 3);
    size_t length;
    const float value = 1;
    mnist_buffer_text(&b, "kept");
    mnist_buffer_floats(&b, &value, SIZE_MAX / 4 + 1);
    mnist_buffer_text(&b, "left out");
    assert_true(b.failed);
    assert_int_equal(b.length, 4);
    assert_int_equal(mnist_buffer_save(&b, path, &err), MNIST_ERROR_MEMORY);
    assert_non_null(strstr(err.message, "x: out of memory after 4 bytes"));
    char *old = temporary_read(path, &length);
    assert_string_equal(old, "old");
    free(old);
    mnist_buffer_free(&b);
    mnist_buffer_text(&b, "1");
    mnist_buffer_add(&b, "", SIZE_MAX);
    assert_true(b.failed);
    assert_null(mnist_buffer_grow(&b, 1));
    mnist_buffer_free(&b);
    mnist_buffer_format(&b, "%1023d", 1);
    assert_int_equal(b.length, 1023);
    mnist_buffer_format(&b, "%1024d", 1);
    assert_true(b.failed);
    assert_int_equal(b.length, 1023);
    mnist_buffer_free(&b);
}

static void a_file_is_replaced(void **state)
{
    temporary *t = *state;
    const mnist_piece piece = {"new one", 7};
    mnist_buffer b = {0};
    mnist_error err;
    size_t length;
    const char *path = temporary_write(t, "x", "old", 3);
    mnist_buffer_piece(&b, &piece);
    assert_int_equal(mnist_buffer_save(&b, path, &err), MNIST_OK);
    char *now = temporary_read(path, &length);
    assert_string_equal(now, "new one");
    free(now);
    mnist_buffer_free(&b);
    assert_int_equal(mnist_buffer_replace(&b, path, &err), MNIST_OK);
    now = temporary_read(path, &length);
    assert_int_equal(length, 0);
    free(now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_there_in_order),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_remembered,
                                        temporary_setup, temporary_teardown),
        cmocka_unit_test_setup_teardown(a_file_is_replaced, temporary_setup,
                                        temporary_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
