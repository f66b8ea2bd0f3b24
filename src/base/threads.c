/*
 * The pool. A run is announced by raising `round`, and over when `working` is
 * back at 0. Whoever waits looks for a short, bounded time first, since the
 * jobs of a training step come microseconds apart, and then sleeps, so that a
 * neighbour on the machine gets the processor and the waiting costs nothing.
 */
#define _GNU_SOURCE /* sched_getaffinity, sched_getcpu */
#include "base/threads.h"

#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

/*
 * How long a thread looks before it sleeps, in nanoseconds. Threads of a pool
 * wait for each other several times a step, and to wake a sleeper takes the
 * system longer than most of these waits are; but while one looks, another
 * that lost its processor to a neighbour cannot have that one. So each wait
 * that ends in time earns a little more patience, and each that does not costs
 * half of it: alone the threads hardly ever sleep, in company they do so soon.
 */
enum { PATIENCE_LEAST = 20000, PATIENCE_MOST = 400000, PATIENCE_EARNED = 1000 };

enum { LOOKS_A_TIME = 32 }; /* between looks at the clock */

struct mnist_pool {
    pthread_mutex_t lock;
    pthread_cond_t begin; /* round was raised, or the pool is ending */
    pthread_cond_t end;   /* working is 0 */
    atomic_uint round;
    atomic_uint working; /* threads of this round that are not done */
    atomic_bool over;
    mnist_job job;
    void *context;
    bool looks;
    int creator;       /* the processor on which the pool was made; or -1 */
    unsigned patience; /* of the thread that runs jobs */
    unsigned threads;  /* the caller's included */
    struct worker {
        mnist_pool *pool;
        pthread_t thread;
        unsigned number;
    } * workers; /* threads - 1 of them */
};

unsigned mnist_processors(void)
{
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (unsigned)CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

static int processor_now(void)
{
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

/* A new thread often begins behind the one that made it, and where others work
   too it takes the system as long as a whole evaluation to find a free
   processor for it. So it leaves that one; then it may run anywhere again. */
static void leave_processor(int processor)
{
#if defined(__linux__)
    cpu_set_t all, others;
    if (processor < 0 || processor >= CPU_SETSIZE ||
        sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    others = all;
    CPU_CLR((size_t)processor, &others);
    if (CPU_COUNT(&others) > 0 &&
        sched_setaffinity(0, sizeof others, &others) == 0)
        (void)sched_setaffinity(0, sizeof all, &all);
#else
    (void)processor;
#endif
}

static inline void pause_processor(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool changes(const atomic_uint *number, unsigned now, unsigned patience)
{
    uint64_t since = nanoseconds();
    do {
        for (unsigned i = 0; i < LOOKS_A_TIME; i++) {
            if (atomic_load_explicit(number, memory_order_acquire) != now)
                return true;
            pause_processor();
        }
    } while (nanoseconds() - since < patience);
    return false;
}

/* Whether the number became other than `now` while looking was worth it. */
static bool saw_change(const atomic_uint *number, unsigned now,
                       unsigned *patience)
{
    bool changed = changes(number, now, *patience);
    if (!changed)
        *patience /= 2;
    else
        *patience += PATIENCE_EARNED;
    if (*patience < PATIENCE_LEAST)
        *patience = PATIENCE_LEAST;
    if (*patience > PATIENCE_MOST)
        *patience = PATIENCE_MOST;
    return changed;
}

/* Waits until the pool is past `round`. */
static void await_round(mnist_pool *pool, unsigned round, unsigned *patience)
{
    if (pool->looks && saw_change(&pool->round, round, patience))
        return;
    pthread_mutex_lock(&pool->lock);
    while (atomic_load_explicit(&pool->round, memory_order_acquire) == round)
        pthread_cond_wait(&pool->begin, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

static bool all_done(const mnist_pool *pool)
{
    return atomic_load_explicit(&pool->working, memory_order_acquire) == 0;
}

static void await_end(mnist_pool *pool)
{
    unsigned left;
    while ((left = atomic_load_explicit(&pool->working, memory_order_acquire)))
        if (!pool->looks || !saw_change(&pool->working, left, &pool->patience))
            break;
    if (left == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    while (!all_done(pool))
        pthread_cond_wait(&pool->end, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

/* The lock around both changes closes the gap between a sleeper's last look and
   its sleep. */
static void raise_round(mnist_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->lock);
}

static void report_done(mnist_pool *pool)
{
    if (atomic_fetch_sub_explicit(&pool->working, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_signal(&pool->end);
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *argument)
{
    struct worker *self = argument;
    mnist_pool *pool = self->pool;
    leave_processor(pool->creator);
    unsigned patience = PATIENCE_MOST;
    for (unsigned round = 0;; round++) {
        await_round(pool, round, &patience);
        if (atomic_load(&pool->over))
            return NULL;
        pool->job(pool->context, self->number, pool->threads);
        report_done(pool);
    }
}

mnist_pool *mnist_pool_new(unsigned threads)
{
    mnist_pool *pool = mnist_calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->workers = mnist_calloc(threads, sizeof *pool->workers);
    if (!pool->workers) {
        mnist_free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->begin, NULL);
    pthread_cond_init(&pool->end, NULL);
    pool->creator = processor_now();
    pool->patience = PATIENCE_MOST;
    /* With more threads than processors, looking keeps others from working. */
    pool->looks = threads <= mnist_processors();
    for (pool->threads = 1; pool->threads < threads; pool->threads++) {
        struct worker *worker = &pool->workers[pool->threads - 1];
        *worker = (struct worker){.pool = pool, .number = pool->threads};
        if (pthread_create(&worker->thread, NULL, work, worker) != 0)
            break;
    }
    return pool;
}

void mnist_pool_free(mnist_pool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->over, true);
    raise_round(pool);
    for (unsigned i = 0; i + 1 < pool->threads; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->end);
    pthread_cond_destroy(&pool->begin);
    pthread_mutex_destroy(&pool->lock);
    mnist_free(pool->workers);
    mnist_free(pool);
}

unsigned mnist_pool_size(const mnist_pool *pool)
{
    return pool->threads;
}

void mnist_pool_run(mnist_pool *pool, mnist_job job, void *context)
{
    if (pool->threads > 1) {
        pool->job = job;
        pool->context = context;
        atomic_store_explicit(&pool->working, pool->threads - 1,
                              memory_order_relaxed);
        raise_round(pool);
    }
    job(context, 0, pool->threads);
    if (pool->threads > 1)
        await_end(pool);
}
