#include <mnist/random.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* SplitMix64 as others print it for these seeds: its state is the key. */
static void test_known_numbers(void **state)
{
    (void)state;
    static const uint64_t of_1234567[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821)};
    static const uint64_t of_0[] = {UINT64_C(0xe220a8397b1dcdaf),
                                    UINT64_C(0x6e789e6aa1b965f4),
                                    UINT64_C(0x06c45d188009454f)};
    mnist_random r = {1234567, 0};
    for (size_t i = 0; i < 5; i++)
        assert_true(mnist_random_bits(&r) == of_1234567[i]);
    r = (mnist_random){0, 0};
    for (size_t i = 0; i < 3; i++)
        assert_true(mnist_random_bits(&r) == of_0[i]);
    r = (mnist_random){1234567, 3}; /* entered in the middle */
    assert_true(mnist_random_bits(&r) == of_1234567[3]);
    assert_int_equal(r.count, 4);
}

/* Neighbouring seeds, uses and items: all keys differ, and their first numbers
   differ in about half of the bits. */
static void test_streams_are_apart(void **state)
{
    (void)state;
    mnist_random streams[64];
    for (unsigned i = 0; i < 64; i++)
        streams[i] = mnist_random_stream(
            i & 3, (mnist_random_use)((i >> 2 & 3) + 1), i >> 4);
    for (unsigned i = 0; i < 64; i++)
        for (unsigned j = 0; j < i; j++) {
            mnist_random a = streams[i], b = streams[j];
            assert_true(a.key != b.key);
            uint64_t differ = mnist_random_bits(&a) ^ mnist_random_bits(&b);
            int bits = 0;
            for (; differ; differ &= differ - 1)
                bits++;
            assert_in_range(bits, 10, 54); /* 5.5 standard deviations */
        }
}

/* Counts n draws of 0..k-1 and returns chi-squared, k - 1 degrees of freedom.
   The seeds are fixed, so a test passes always or never. */
static double chi_squared(uint32_t k, unsigned n, uint64_t seed)
{
    unsigned seen[64] = {0};
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, 0);
    for (unsigned i = 0; i < n; i++) {
        uint32_t value = mnist_random_below(&r, k);
        assert_true(value < k);
        seen[value]++;
    }
    double expected = (double)n / k, sum = 0;
    for (uint32_t i = 0; i < k; i++)
        sum += (seen[i] - expected) * (seen[i] - expected) / expected;
    return sum;
}

static void test_below_is_uniform(void **state)
{
    (void)state;
    /* 99.9th percentiles of chi-squared with 1, 2, 9 and 63 degrees. */
    assert_true(chi_squared(2, 100000, 1) < 10.83);
    assert_true(chi_squared(3, 100000, 2) < 13.82);
    assert_true(chi_squared(10, 100000, 3) < 27.88);
    assert_true(chi_squared(64, 100000, 4) < 103.44);
    mnist_random r = mnist_random_stream(5, MNIST_RANDOM_SYNTH, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(mnist_random_below(&r, 1), 0);
}

/* Near 3 * 2^30 a plain remainder would favour the lowest third twofold. */
static void test_below_has_no_bias(void **state)
{
    (void)state;
    const uint32_t n = UINT32_C(3) << 30;
    unsigned low = 0;
    mnist_random r = mnist_random_stream(6, MNIST_RANDOM_SYNTH, 0);
    for (int i = 0; i < 30000; i++) {
        uint32_t value = mnist_random_below(&r, n);
        assert_true(value < n);
        low += value < n / 3;
    }
    assert_in_range(low, 10000 - 400, 10000 + 400);
}

static void test_float(void **state)
{
    (void)state;
    double sum = 0;
    mnist_random r = mnist_random_stream(7, MNIST_RANDOM_INIT, 0);
    for (int i = 0; i < 100000; i++) {
        float value = mnist_random_float(&r);
        assert_true(value >= 0 && value < 1);
        float scaled = value * 0x1p24f;
        assert_true(scaled == (float)(uint32_t)scaled);
        sum += (double)value;
    }
    assert_true(sum > 50000 - 400 && sum < 50000 + 400);
}

/* Of four, all 24 orders come equally often. */
static void test_shuffle(void **state)
{
    (void)state;
    enum { TURNS = 24000 };
    unsigned seen[256] = {0};
    double sum = 0;
    int orders = 0;
    mnist_random r = mnist_random_stream(8, MNIST_RANDOM_SHUFFLE, 0);
    for (int i = 0; i < TURNS; i++) {
        uint32_t order[4] = {0, 1, 2, 3};
        mnist_random_shuffle(&r, order, 4);
        seen[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
    }
    for (int i = 0; i < 256; i++)
        if (seen[i]) {
            sum += (seen[i] - 1000.0) * (seen[i] - 1000.0) / 1000.0;
            orders++;
        }
    assert_int_equal(orders, 24);
    assert_true(sum < 49.73); /* 99.9th percentile, 23 degrees */

    uint32_t one[1] = {7};
    mnist_random_shuffle(&r, one, 1);
    mnist_random_shuffle(&r, one, 0);
    assert_int_equal(one[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_numbers),
        cmocka_unit_test(test_streams_are_apart),
        cmocka_unit_test(test_below_is_uniform),
        cmocka_unit_test(test_below_has_no_bias),
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_shuffle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
