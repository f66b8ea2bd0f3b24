/* The pool: every worker once a run, in order with the caller; and the sharing
   of work without gaps. */
#include "base/threads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { most = 9 };

/* Each worker writes only its own counters, so that a data race is the pool's
   and not the test's. The padding keeps them on cache lines of their own. */
typedef struct counters {
    size_t round; /* written by the caller before each run */
    struct {
        size_t calls, wrong;
        char padding[112];
    } of[most];
    unsigned workers;
} counters;

static void count(void *context, unsigned worker, unsigned workers)
{
    counters *c = context;
    c->of[worker].calls++;
    /* What the caller wrote before this run is seen, and no run overlaps. */
    if (c->of[worker].calls != c->round || workers != c->workers)
        c->of[worker].wrong++;
}

static void run_many(unsigned threads, size_t runs)
{
    mnist_pool *pool = mnist_pool_new(threads);
    assert_non_null(pool);
    counters c = {.workers = mnist_pool_size(pool)};
    assert_in_range(c.workers, 1, threads);
    for (c.round = 1; c.round <= runs; c.round++) {
        mnist_pool_run(pool, count, &c);
        for (unsigned i = 0; i < c.workers; i++) {
            assert_int_equal(c.of[i].calls, c.round);
            assert_int_equal(c.of[i].wrong, 0);
        }
    }
    mnist_pool_free(pool);
}

static void every_worker_runs_once_a_run(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= most; threads++)
        run_many(threads, 300);
}

static void thousands_of_quick_runs(void **state)
{
    (void)state;
    run_many(2, 20000);
    run_many(3, 3000);
}

/* A sum passed on: run n of worker i needs what worker i + 1 wrote in run
   n - 1. */
typedef struct chain {
    unsigned now;
    uint64_t value[2][most];
} chain;

static void pass_on(void *context, unsigned worker, unsigned workers)
{
    chain *c = context;
    const uint64_t *from = c->value[c->now];
    c->value[1 - c->now][worker] =
        from[worker] * 3 + from[(worker + 1) % workers];
}

static void a_run_sees_what_the_last_one_wrote(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= most; threads++) {
        mnist_pool *pool = mnist_pool_new(threads);
        assert_non_null(pool);
        const unsigned workers = mnist_pool_size(pool);
        chain by_pool = {0}, alone = {0};
        for (unsigned i = 0; i < most; i++)
            by_pool.value[0][i] = alone.value[0][i] = i + 1;
        for (size_t run = 0; run < 200; run++) {
            mnist_pool_run(pool, pass_on, &by_pool);
            by_pool.now = 1 - by_pool.now;
            for (unsigned i = 0; i < workers; i++)
                pass_on(&alone, i, workers);
            alone.now = 1 - alone.now;
        }
        assert_memory_equal(&by_pool, &alone, sizeof alone);
        mnist_pool_free(pool);
    }
}

static void pools_come_and_go(void **state)
{
    (void)state;
    mnist_pool_free(NULL);
    for (unsigned i = 0; i < 100; i++) {
        /* Some are freed without a run, some right after one. */
        mnist_pool *pool = mnist_pool_new(1 + i % most);
        assert_non_null(pool);
        counters c = {.round = 1, .workers = mnist_pool_size(pool)};
        if (i % 3)
            mnist_pool_run(pool, count, &c);
        mnist_pool_free(pool);
        assert_int_equal(c.of[0].calls, i % 3 != 0);
    }
}

static void two_pools_side_by_side(void **state)
{
    (void)state;
    mnist_pool *a = mnist_pool_new(2), *b = mnist_pool_new(3);
    assert_true(a && b);
    counters ca = {.workers = mnist_pool_size(a)};
    counters cb = {.workers = mnist_pool_size(b)};
    for (size_t i = 1; i <= 500; i++) {
        ca.round = cb.round = i;
        mnist_pool_run(a, count, &ca);
        mnist_pool_run(b, count, &cb);
    }
    mnist_pool_free(a);
    for (unsigned i = 0; i < cb.workers; i++) {
        assert_int_equal(cb.of[i].calls, 500);
        assert_int_equal(cb.of[i].wrong, 0);
    }
    mnist_pool_free(b);
}

static void shares_join_without_gaps(void **state)
{
    (void)state;
    const size_t units[] = {1, 2, 3, 6, 8, 16, 32, 100};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t total = 0; total < 700; total += total < 70 ? 1 : 37)
            for (unsigned workers = 1; workers <= 17; workers++) {
                const size_t unit = units[u];
                size_t at = 0, least = SIZE_MAX, largest = 0;
                for (unsigned i = 0; i < workers; i++) {
                    mnist_range part = mnist_share(total, unit, i, workers);
                    assert_int_equal(part.first, at);
                    assert_true(part.end >= part.first);
                    if (part.end < total)
                        assert_int_equal(part.end % unit, 0);
                    at = part.end;
                    size_t mine = (part.end - part.first + unit - 1) / unit;
                    least = mine < least ? mine : least;
                    largest = mine > largest ? mine : largest;
                }
                assert_int_equal(at, total);
                assert_true(largest - least <= 1);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_worker_runs_once_a_run),
        cmocka_unit_test(thousands_of_quick_runs),
        cmocka_unit_test(a_run_sees_what_the_last_one_wrote),
        cmocka_unit_test(pools_come_and_go),
        cmocka_unit_test(two_pools_side_by_side),
        cmocka_unit_test(shares_join_without_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
