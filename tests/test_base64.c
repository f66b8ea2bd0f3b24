#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const void *bytes, size_t length, const char *text)
{
    char out[400];
    size_t characters;
    assert_true(mnist_base64_length(&characters, length));
    assert_int_equal(characters, strlen(text));
    memset(out, '#', sizeof out);
    assert_ptr_equal(mnist_base64_encode(out, bytes, length), out + characters);
    assert_memory_equal(out, text, characters);
    assert_int_equal(out[characters], '#');
}

/* Those that RFC 4648 gives in section 10. */
static void test_rfc_vectors(void **state)
{
    static const char *const texts[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", NULL};
    (void)state;
    for (size_t i = 0; texts[i]; i++)
        expect("foobar", i, texts[i]);
}

/* Every byte, and so every character; from Python's base64.b64encode. */
static void test_every_byte(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    expect(bytes, sizeof bytes,
           "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"
           "MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5f"
           "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6P"
           "kJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/"
           "wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v"
           "8PHy8/T19vf4+fr7/P3+/w==");
}

static void test_lengths_that_do_not_fit(void **state)
{
    size_t out = 7, most = SIZE_MAX / 4 * 3;
    (void)state;
    assert_true(mnist_base64_length(&out, most));
    assert_int_equal(out, SIZE_MAX / 4 * 4);
    out = 7;
    assert_false(mnist_base64_length(&out, most + 1));
    assert_false(mnist_base64_length(&out, SIZE_MAX));
    assert_int_equal(out, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_vectors),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_lengths_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
