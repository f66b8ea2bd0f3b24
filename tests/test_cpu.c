/* Which kernels there are, and choosing among them. */
#include <mnist/cpu.h>

#include "kernels/product.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void portable_is_first_and_always_usable(void **state)
{
    (void)state;
    int usable = 0;
    assert_string_equal(mnist_cpu_list(0, &usable), "portable");
    assert_true(usable);
    assert_string_equal(mnist_cpu_list(0, NULL), "portable");
}

static void the_list_ends(void **state)
{
    (void)state;
    size_t count = 0;
    while (mnist_cpu_list(count, NULL))
        count++;
    assert_in_range(count, 1, 16);
    assert_null(mnist_cpu_list(count + 1, NULL));
    assert_null(mnist_cpu_list(SIZE_MAX, NULL));
}

static void auto_is_the_last_usable(void **state)
{
    (void)state;
    const char *name, *fastest = NULL;
    int usable;
    for (size_t i = 0; (name = mnist_cpu_list(i, &usable)); i++)
        if (usable)
            fastest = name;
    assert_string_equal(mnist_cpu_kernels(), fastest);
    assert_int_equal(mnist_cpu_use("portable", NULL), MNIST_OK);
    assert_int_equal(mnist_cpu_use("auto", NULL), MNIST_OK);
    assert_string_equal(mnist_cpu_kernels(), fastest);
}

static void check_tile(const mnist_tile *tile)
{
    assert_in_range(tile->rows, 1, MNIST_TILE_ROWS);
    assert_in_range(tile->cols, 1, MNIST_TILE_COLS);
    assert_true(tile->run);
}

static void a_set_in_use_is_whole(void **state)
{
    (void)state;
    const char *name;
    for (size_t i = 0; (name = use_kernel_set(i)); i++) {
        const mnist_kernels *k = mnist_kernels_now();
        assert_string_equal(mnist_cpu_kernels(), name);
        assert_string_equal(k->name, name);
        check_tile(&k->wide);
        check_tile(&k->narrow);
        assert_in_range(k->packed.cols, 1, MNIST_TILE_COLS);
        assert_true(k->packed.run && k->used && k->pack_rows &&
                    k->pack_columns);
        assert_in_range(k->narrow.cols, 1, MNIST_NARROW_COLS);
        assert_true(k->pixels && k->add_rows && k->sum_rows);
        assert_true(k->relu && k->relu_backward && k->sigmoid && k->tanh);
        assert_non_null(k->pictures);
        assert_true(k->softmax && k->rmsprop && k->rmsprop_decay);
        assert_true(k->penalty && k->penalty_backward);
    }
}

static void an_unknown_name_is_refused_with_the_list(void **state)
{
    (void)state;
    const char *const bad[] = {"", "AVX2", "avx", "avx2 ", "sse2", "\x1b[2J"};
    const char *before = mnist_cpu_kernels();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mnist_error err = {.status = MNIST_OK};
        assert_int_equal(mnist_cpu_use(bad[i], &err), MNIST_ERROR_ARGUMENT);
        assert_int_equal(err.status, MNIST_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "auto"));
        assert_null(strchr(err.message, '\x1b'));
        const char *name;
        for (size_t j = 0; (name = mnist_cpu_list(j, NULL)); j++)
            assert_non_null(strstr(err.message, name));
        assert_string_equal(mnist_cpu_kernels(), before);
    }
    assert_int_equal(mnist_cpu_use("none", NULL), MNIST_ERROR_ARGUMENT);
}

static void a_set_that_cannot_run_is_refused(void **state)
{
    (void)state;
    const char *name;
    int usable, unusable = 0;
    for (size_t i = 0; (name = mnist_cpu_list(i, &usable)); i++) {
        mnist_error err = {.status = MNIST_OK};
        mnist_status status = mnist_cpu_use(name, &err);
        assert_int_equal(status, usable ? MNIST_OK : MNIST_ERROR_ARGUMENT);
        if (!usable)
            assert_non_null(strstr(err.message, name));
        unusable += !usable;
    }
    mnist_cpu_use("auto", NULL);
    if (!unusable)
        skip(); /* this processor can run them all */
}

static void there_is_a_processor(void **state)
{
    (void)state;
    assert_in_range(mnist_cpu_count(), 1, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_is_first_and_always_usable),
        cmocka_unit_test(the_list_ends),
        cmocka_unit_test(auto_is_the_last_usable),
        cmocka_unit_test(a_set_in_use_is_whole),
        cmocka_unit_test(an_unknown_name_is_refused_with_the_list),
        cmocka_unit_test(a_set_that_cannot_run_is_refused),
        cmocka_unit_test(there_is_a_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
