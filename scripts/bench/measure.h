/* Timing of things that take microseconds: many short runs, of all things in
   turn, so that a change of the processor's clock or a neighbour's work falls
   on all of them. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "base/threads.h"

#include <stddef.h>

/* Seconds of one call. */
typedef struct bench_time {
    double least, median;
} bench_time;

double bench_now(void);

/* Of some samples, which are put into order; count is at least 1. */
bench_time bench_summary(double *sample, size_t count);

/* A thing to time: a call of it, which every thread of a pool makes at once. */
typedef struct bench_item {
    void (*call)(const void *context, unsigned worker);
    const void *context;
    bench_time time; /* of a call, once it was timed */
} bench_item;

/* Times the items `rounds` times in turn, each time with as many calls as take
   about `seconds`. */
void bench_time_items(mnist_pool *pool, bench_item *item, size_t count,
                      size_t rounds, double seconds);

/* Memory; where there is none the program ends. Released by its end. */
void *bench_take(size_t bytes);

/* Floats of 0.5 to 1.25: sums of their products stay normal numbers. */
float *bench_floats(size_t count);

_Noreturn void bench_die(const char *what);

#endif
