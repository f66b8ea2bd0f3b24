#include "base/crc32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void fill(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(i * 31 + 7);
}

/* "123456789" is the check value that catalogues of CRCs give; the others are
   Python's zlib.crc32 of the bytes i * 31 + 7. */
static void test_known_values(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        uint32_t crc;
    } known[] = {{0, 0},          {1, 0x4c667a2e}, {7, 0x3e483922},
                 {8, 0xa7560428}, {9, 0xca12fefe}, {1000, 0x8902161e}};
    uint8_t bytes[1000];
    fill(bytes, sizeof bytes);
    assert_int_equal(mnist_crc32(0, "123456789", 9), 0xcbf43926);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(mnist_crc32(0, bytes, known[i].length), known[i].crc);
}

/* In two parts, at every place and so at every alignment: the same. */
static void test_parts(void **state)
{
    (void)state;
    uint8_t bytes[100];
    fill(bytes, sizeof bytes);
    uint32_t whole = mnist_crc32(0, bytes, sizeof bytes);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        uint32_t crc = mnist_crc32(0, bytes, n);
        crc = mnist_crc32(crc, bytes + n, sizeof bytes - n);
        assert_int_equal(crc, whole);
    }
}

static void test_every_changed_bit(void **state)
{
    (void)state;
    uint8_t bytes[100];
    fill(bytes, sizeof bytes);
    uint32_t right = mnist_crc32(0, bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(mnist_crc32(0, bytes, sizeof bytes), right);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_every_changed_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
