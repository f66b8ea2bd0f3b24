/* A pool of threads made once, that runs one function on all of them. */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include <stddef.h>

typedef struct mnist_pool mnist_pool;

/* One worker's part of a job: worker 0..workers-1 of `workers`. */
typedef void (*mnist_job)(void *context, unsigned worker, unsigned workers);

/* threads: at least 1, the caller's own counted. Where the system refuses to
   start some, the pool is smaller. NULL when out of memory. */
mnist_pool *mnist_pool_new(unsigned threads);
void mnist_pool_free(mnist_pool *pool);

/* Processors that this process may run on, at least 1. */
unsigned mnist_processors(void);

unsigned mnist_pool_size(const mnist_pool *pool);

/* Runs job on every thread, the caller's included, and returns when all are
   done. What was written before is seen by the workers, and what they wrote is
   seen after. One call at a time; but a pool of one thread just calls the job,
   and may do so on many threads at once. */
void mnist_pool_run(mnist_pool *pool, mnist_job job, void *context);

/* The part of 0..count-1 that a worker owns, in whole multiples of `unit`:
   first..end-1. The parts join without gap, and are as even as units allow. */
typedef struct mnist_range {
    size_t first, end;
} mnist_range;

static inline mnist_range mnist_share(size_t count, size_t unit,
                                      unsigned worker, unsigned workers)
{
    size_t units = (count + unit - 1) / unit;
    size_t first = units * worker / workers * unit;
    size_t end = units * (worker + 1) / workers * unit;
    return (mnist_range){first < count ? first : count,
                         end < count ? end : count};
}

#endif
