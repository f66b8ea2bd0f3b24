#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_size_mul(void **state)
{
    (void)state;
    const size_t root = (size_t)1 << (sizeof(size_t) * 4);
    size_t out = 5;
    assert_true(mnist_size_mul(&out, 6, 7));
    assert_int_equal(out, 42);
    assert_true(mnist_size_mul(&out, SIZE_MAX, 1));
    assert_true(out == SIZE_MAX);
    assert_true(mnist_size_mul(&out, 0, SIZE_MAX));
    assert_int_equal(out, 0);
    assert_true(mnist_size_mul(&out, SIZE_MAX, 0));
    assert_int_equal(out, 0);
    assert_true(mnist_size_mul(&out, root, root - 1));

    out = 5;
    assert_false(mnist_size_mul(&out, root, root)); /* is 0 if it wraps */
    assert_false(mnist_size_mul(&out, SIZE_MAX, 2));
    assert_false(mnist_size_mul(&out, 2, SIZE_MAX / 2 + 1));
    assert_int_equal(out, 5);
}

static void test_size_add(void **state)
{
    (void)state;
    size_t out = 5;
    assert_true(mnist_size_add(&out, SIZE_MAX, 0));
    assert_true(out == SIZE_MAX);
    assert_true(mnist_size_add(&out, SIZE_MAX - 3, 3));
    assert_true(out == SIZE_MAX);
    out = 5;
    assert_false(mnist_size_add(&out, SIZE_MAX, 1));
    assert_false(mnist_size_add(&out, SIZE_MAX - 3, 4));
    assert_int_equal(out, 5);
}

static void test_blocks(void **state)
{
    (void)state;
    for (size_t size = 0; size < 300; size += 13) {
        uint8_t *block = mnist_alloc(size, 3);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % MNIST_ALIGNMENT, 0);
        memset(block, 0xa5, size * 3); /* all of it is ours */
        mnist_free(block);
        block = mnist_calloc(3, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % MNIST_ALIGNMENT, 0);
        for (size_t i = 0; i < 3 * size; i++)
            assert_int_equal(block[i], 0);
        mnist_free(block);
    }
    mnist_free(NULL);
}

static void test_too_large(void **state)
{
    (void)state;
    assert_null(mnist_alloc(SIZE_MAX, 2));
    assert_null(mnist_alloc(SIZE_MAX / 4 + 1, 4)); /* 0 bytes if it wraps */
    assert_null(mnist_alloc(SIZE_MAX - 8, 1)); /* the alignment would wrap */
    assert_null(mnist_calloc(SIZE_MAX / 2 + 1, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_mul),
        cmocka_unit_test(test_size_add),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
