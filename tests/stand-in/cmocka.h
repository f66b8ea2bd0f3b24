/*
 * The part of cmocka that these tests use, for builds for which Debian has no
 * cmocka: 32 bits, musl, another processor under an emulator, and the memory
 * sanitizer, which wants every library built with it. Configure with
 * -DMNIST_TESTS_STAND_IN=ON. Everything else is tested with the real one.
 */
#ifndef STAND_IN_CMOCKA_H
#define STAND_IN_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    CMFixtureFunction setup, teardown;
};

#define cmocka_unit_test(f)                                                    \
    {                                                                          \
#f, f, NULL, NULL                                                      \
    }
#define cmocka_unit_test_setup_teardown(f, setup, teardown)                    \
    {                                                                          \
#f, f, setup, teardown                                                 \
    }
#define cmocka_run_group_tests(tests, setup, teardown)                         \
    stand_in_run(tests, sizeof(tests) / sizeof *(tests), setup, teardown)

/* How many tests failed. */
int stand_in_run(const struct CMUnitTest *tests, size_t count,
                 CMFixtureFunction setup, CMFixtureFunction teardown);

/* End the test that runs. */
_Noreturn void stand_in_fail(const char *file, int line, const char *format,
                             ...) __attribute__((format(printf, 3, 4)));
_Noreturn void stand_in_skip(void);
void print_message(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Each returns after comparing, or ends the test. */
void stand_in_ints(long long a, long long b, int same, const char *file,
                   int line);
void stand_in_range(unsigned long long value, unsigned long long least,
                    unsigned long long most, const char *file, int line);
void stand_in_strings(const char *a, const char *b, const char *file, int line);
void stand_in_memory(const void *a, const void *b, size_t length, int same,
                     const char *file, int line);

#define fail_msg(...) stand_in_fail(__FILE__, __LINE__, __VA_ARGS__)
#define fail()        stand_in_fail(__FILE__, __LINE__, "failed")
#define skip()        stand_in_skip()

#define assert_true(c)     ((c) ? (void)0 : fail_msg("%s", #c))
#define assert_false(c)    ((c) ? fail_msg("not wanted: %s", #c) : (void)0)
#define assert_null(p)     assert_true((p) == NULL)
#define assert_non_null(p) assert_true((p) != NULL)

#define assert_ptr_equal(a, b)                                                 \
    assert_true((const void *)(a) == (const void *)(b))
#define assert_ptr_not_equal(a, b)                                             \
    assert_true((const void *)(a) != (const void *)(b))
#define assert_int_equal(a, b)                                                 \
    stand_in_ints((long long)(a), (long long)(b), 1, __FILE__, __LINE__)
#define assert_int_not_equal(a, b)                                             \
    stand_in_ints((long long)(a), (long long)(b), 0, __FILE__, __LINE__)
#define assert_in_range(v, least, most)                                        \
    stand_in_range((unsigned long long)(v), (unsigned long long)(least),       \
                   (unsigned long long)(most), __FILE__, __LINE__)
#define assert_string_equal(a, b) stand_in_strings(a, b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n)                                           \
    stand_in_memory(a, b, n, 1, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, n)                                       \
    stand_in_memory(a, b, n, 0, __FILE__, __LINE__)

#endif
