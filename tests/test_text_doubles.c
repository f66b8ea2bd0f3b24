/* Doubles as they stand in files, to the last bit: base/text.h. */
#include "base/text.h"

#include "support/tally.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t double_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The C library writes and reads the same texts; others than glibc write those
   below 2^-1022 otherwise. */
static void check_double(double value)
{
    char text[MNIST_DOUBLE_TEXT], want[MNIST_DOUBLE_TEXT];
    double back = 99;

    mnist_double_text(text, value);
    snprintf(want, sizeof want, "%a", value);
#ifndef __GLIBC__
    if (value == 0 || fabs(value) >= 0x1p-1022)
#endif
        assert_string_equal(text, want);
    assert_true(double_bits(strtod(text, NULL)) == double_bits(value));
    assert_true(mnist_text_double(&back, text, strlen(text)));
    assert_true(double_bits(back) == double_bits(value));
}

static void doubles_survive_to_the_last_bit(void **state)
{
    static const double some[] = {0.0,
                                  -0.0,
                                  1.0,
                                  -1.0,
                                  0.1,
                                  0.001,
                                  1e-7,
                                  0x1.8p-3,
                                  0x1p-1074,
                                  -0x1.8p-1074,
                                  DBL_MIN,
                                  DBL_MAX,
                                  -DBL_MAX,
                                  DBL_EPSILON,
                                  60000.0,
                                  INFINITY,
                                  -INFINITY,
                                  0x1p-1022,
                                  0x0.fffffffffffffp-1022};
    uint64_t bits = 1;
    double value = 0;
    const size_t count = 20000 / tally_stride("doubles", 10);
    (void)state;

    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        check_double(some[i]);
    for (size_t i = 0; i < count; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        value = double_of(bits);
        if (!isnan(value))
            check_double(value);
        check_double(double_of(bits >> 12)); /* below 2^-1022 */
    }
    assert_true(mnist_text_double(&value, "nan", 3) && isnan(value));
    char text[MNIST_DOUBLE_TEXT];
    assert_string_equal(mnist_double_text(text, NAN), "nan");
    assert_string_equal(mnist_double_text(text, -NAN), "nan");
}

static void a_double_has_one_text(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "0",
                                      "1.5",
                                      "0x",
                                      "0x1",
                                      "0x1p",
                                      "0x1p+",
                                      "0x1p0",
                                      "0x1p-0",
                                      "0x1p+00",
                                      "0x1.p+0",
                                      "0x1.80p-3",
                                      "0x1.8p-03",
                                      "0x1.8P-3",
                                      "0X1.8p-3",
                                      "0x1.8p-3 ",
                                      " 0x1.8p-3",
                                      "+0x1.8p-3",
                                      "--0x1.8p-3",
                                      "0x2p+0",
                                      "0x0p+1",
                                      "0x0p-1022",
                                      "0x0.8p+0",
                                      "0x1.Ap+0",
                                      "0x1.gp+0",
                                      "0x1p+1024",
                                      "0x1p-1023",
                                      "0x1p-1075",
                                      "0x1p+99999",
                                      "-nan",
                                      "NaN",
                                      "nan(1)",
                                      "infinity",
                                      "+inf",
                                      "Inf",
                                      "0x01p+0",
                                      "0x1,8p-3",
                                      "0x1.8p-3x",
                                      "0x1.8q-3",
                                      "0x1.00000000000001p+0",
                                      "0x0.00000000000008p-1022"};
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 99;
        if (mnist_text_double(&value, bad[i], strlen(bad[i])))
            fail_msg("\"%s\" reads as %a", bad[i], value);
        assert_true(value == 99);
    }
    double value = 99;
    assert_false(mnist_text_double(&value, "0x1.8p-3", 7));
    assert_true(mnist_text_double(&value, "0x1p+12", 6) && value == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_survive_to_the_last_bit),
        cmocka_unit_test(a_double_has_one_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
