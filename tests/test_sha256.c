#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void finish(mnist_sha256 *sha, char hex[65])
{
    uint8_t digest[32];
    mnist_sha256_end(sha, digest);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void expect(const char *text, const char *expected)
{
    mnist_sha256 sha;
    char hex[65];
    mnist_sha256_start(&sha);
    mnist_sha256_add(&sha, text, strlen(text));
    finish(&sha, hex);
    assert_string_equal(hex, expected);
}

/* The examples that NIST gives with FIPS 180-4. */
static void test_examples(void **state)
{
    (void)state;
    expect("",
           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect("abc",
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* A million times "a", in parts of every length up to 200 in turn. */
static void test_million_in_parts(void **state)
{
    (void)state;
    char part[200], hex[65];
    mnist_sha256 sha;
    memset(part, 'a', sizeof part);
    mnist_sha256_start(&sha);
    for (size_t left = 1000000, n = 0; left > 0; n = (n + 1) % 201) {
        size_t take = n < left ? n : left;
        mnist_sha256_add(&sha, part, take);
        left -= take;
    }
    finish(&sha, hex);
    assert_string_equal(
        hex,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_million_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
