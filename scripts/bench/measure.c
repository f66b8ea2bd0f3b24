#include "measure.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void bench_die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void *bench_take(size_t bytes)
{
    void *block = mnist_alloc(bytes, 1);
    if (!block)
        bench_die("out of memory");
    return block;
}

float *bench_floats(size_t count)
{
    float *x = bench_take(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = 0.5f + 0.05f * (float)(i % 16);
    return x;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bench_time bench_summary(double *sample, size_t count)
{
    qsort(sample, count, sizeof *sample, compare);
    return (bench_time){sample[0],
                        (sample[(count - 1) / 2] + sample[count / 2]) / 2};
}

typedef struct {
    const bench_item *item;
    size_t calls;
} run;

static void run_part(void *context, unsigned worker, unsigned workers)
{
    const run *r = context;
    (void)workers;
    for (size_t i = 0; i < r->calls; i++)
        r->item->call(r->item->context, worker);
}

/* Seconds of a call, when so many are made. */
static double time_calls(mnist_pool *pool, const bench_item *item, size_t calls)
{
    run r = {item, calls};
    double begin = bench_now();
    mnist_pool_run(pool, run_part, &r);
    return (bench_now() - begin) / (double)calls;
}

/* The first call is thrown away: it may be the one that touches memory. */
static size_t calls_for(mnist_pool *pool, const bench_item *item,
                        double seconds)
{
    time_calls(pool, item, 1);
    size_t calls = 1;
    while (time_calls(pool, item, calls) * (double)calls < seconds / 2)
        calls *= 2;
    return calls;
}

void bench_time_items(mnist_pool *pool, bench_item *item, size_t count,
                      size_t rounds, double seconds)
{
    double *sample = bench_take(count * rounds * sizeof *sample);
    size_t *calls = bench_take(count * sizeof *calls);
    for (size_t i = 0; i < count; i++)
        calls[i] = calls_for(pool, &item[i], seconds);
    for (size_t r = 0; r < rounds; r++)
        for (size_t i = 0; i < count; i++)
            sample[i * rounds + r] = time_calls(pool, &item[i], calls[i]);
    for (size_t i = 0; i < count; i++)
        item[i].time = bench_summary(sample + i * rounds, rounds);
    mnist_free(calls);
    mnist_free(sample);
}
