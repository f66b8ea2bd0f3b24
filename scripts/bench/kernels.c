/*
 * Times the library's kernels and what bounds them, for scripts/bench.py:
 *
 *     kernels peaks THREADS ROUNDS MIB     FMA, reading of caches and memory
 *     kernels tiles THREADS ROUNDS         each tile of each usable set
 *     kernels step THREADS STEPS DATA NET  each part of a step of training
 *
 * Prints a JSON object a line; times are microseconds of one call, of all
 * threads at once, the least and the median of all rounds. MIB is the size of
 * what is read as memory.
 */
#include "measure.h"
#include "peaks.h"
#include "squares.h"
#include "step.h"

#include "kernels/kernels.h"

#include <mnist/cpu.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Peaks ---- */

static void call_peak(const void *context, unsigned worker)
{
    const bench_peak *peak = context;
    (void)worker;
    peak->run(100);
}

/* The FMA peaks that this processor has; returns their number. */
enum { PEAKS_MAX = 8 };
static size_t peak_items(bench_item *item)
{
    size_t count = 0;
    const bench_peak *peak;
    for (size_t i = 0; (peak = bench_peak_at(i)) && count < PEAKS_MAX; i++)
        if (peak->usable())
            item[count++] = (bench_item){.call = call_peak, .context = peak};
    return count;
}

static void print_peak(const bench_item *item, unsigned threads)
{
    const bench_peak *peak = item->context;
    double flop = peak->flop * 100 * threads;
    printf("{\"kind\":\"fma\",\"set\":\"%s\",\"instruction\":\"%s\","
           "\"threads\":%u,\"gflops_best\":%.5g,\"gflops\":%.5g}\n",
           peak->set, peak->instruction, threads, flop / item->time.least / 1e9,
           flop / item->time.median / 1e9);
}

/* A place to read from; each worker has a part of the block. */
typedef struct {
    const char *level;
    char *block;
    size_t bytes; /* of each worker */
} place;

static void call_read(const void *context, unsigned worker)
{
    const place *p = context;
    bench_read(p->block + worker * p->bytes, p->bytes);
}

/* What the system says, or else a guess. */
static size_t cache(int name, size_t guess)
{
    long bytes = sysconf(name);
    return bytes > 0 ? (size_t)bytes : guess;
}

static size_t first_level(void)
{
    return cache(_SC_LEVEL1_DCACHE_SIZE, 32 << 10);
}

/* Half of each cache. The third level is shared, with other machines perhaps,
   so no more of it than is well beyond the second. */
static size_t list_places(place *p, unsigned threads, size_t memory)
{
    const size_t unit = 256;
    size_t second = cache(_SC_LEVEL2_CACHE_SIZE, 256 << 10);
    size_t third = cache(_SC_LEVEL3_CACHE_SIZE, 8 << 20);
    third = third / 2 < 8 * second ? third / 2 : 8 * second;
    p[0] = (place){"L1", NULL, first_level() / 2};
    p[1] = (place){"L2", NULL, second / 2};
    p[2] = (place){"L3", NULL, third / threads};
    p[3] = (place){"memory", NULL, memory / threads};
    for (size_t i = 0; i < 4; i++) {
        p[i].bytes = p[i].bytes / unit * unit;
        p[i].block = bench_take(p[i].bytes * threads);
        memset(p[i].block, 1, p[i].bytes * threads);
    }
    return 4;
}

static void time_peaks(unsigned threads, size_t rounds, size_t memory)
{
    place p[4];
    bench_item item[PEAKS_MAX + 4];
    size_t peaks = peak_items(item), count = peaks;
    size_t places = list_places(p, threads, memory);
    for (size_t i = 0; i < places; i++)
        item[count++] = (bench_item){.call = call_read, .context = &p[i]};
    mnist_pool *pool = mnist_pool_new(threads);
    if (!pool)
        bench_die("no threads");
    bench_time_items(pool, item, count, rounds, 1e-3);
    for (size_t i = 0; i < peaks; i++)
        print_peak(&item[i], threads);
    for (size_t i = 0; i < places; i++) {
        double bytes = (double)(p[i].bytes * threads);
        bench_time time = item[peaks + i].time;
        printf("{\"kind\":\"read\",\"level\":\"%s\",\"threads\":%u,"
               "\"bytes\":%zu,\"gbs_best\":%.5g,\"gbs\":%.5g}\n",
               p[i].level, threads, p[i].bytes, bytes / time.least / 1e9,
               bytes / time.median / 1e9);
    }
    mnist_pool_free(pool);
}

/* ---- Tiles ---- */

/* A tile's work: rows of a by columns of b, K terms, for each worker its own
   arrays; from the second level, one panel of b after another. */
typedef struct {
    const char *set, *name, *from;
    const mnist_kernels *kernels;
    const mnist_tile *tile; /* NULL: the packed one */
    size_t rows, cols, K, panels;
    uint32_t *at;
    float *a, *b, *c;
} tile_work;

static void call_tile(const void *context, unsigned worker)
{
    const tile_work *w = context;
    const float *row[MNIST_TILE_ROWS];
    const float *a = w->a + worker * w->rows * w->K;
    const float *b = w->b + worker * w->panels * w->K * w->cols;
    float *c = w->c + worker * w->rows * w->cols;
    for (size_t r = 0; r < w->rows; r++)
        row[r] = a + r * w->K;
    for (size_t i = 0; i < w->panels; i++, b += w->K * w->cols)
        if (w->tile)
            w->tile->run(w->K, row, 1, b, w->cols, w->cols, c, w->cols);
        else
            w->kernels->packed.run(w->K, a, w->at, b, w->cols, w->cols, c,
                                   w->cols);
}

static double tile_flop(const tile_work *w)
{
    return 2.0 * (double)(w->K * w->rows * w->cols * w->panels);
}

/* With its own arrays for all threads. */
static tile_work *new_tile_work(const tile_work *like, size_t K, size_t panels,
                                unsigned threads)
{
    tile_work *w = bench_take(sizeof *w);
    *w = *like;
    w->from = panels > 1 ? "L2" : "L1";
    w->K = K;
    w->panels = panels;
    w->at = bench_take(K * sizeof *w->at);
    for (size_t k = 0; k < K; k++)
        w->at[k] = (uint32_t)k;
    w->a = bench_floats(threads * w->rows * K);
    w->b = bench_floats(threads * panels * K * w->cols);
    w->c = bench_floats(threads * w->rows * w->cols);
    return w;
}

/* In the first level: as many terms as fill three quarters of it. From the
   second: 784, as many as MNIST has pixels, and panels of half a megabyte. */
static size_t add_tile(bench_item *item, const tile_work *like,
                       unsigned threads)
{
    const size_t pixels = 784, beyond = 512 << 10;
    size_t term = (like->rows + like->cols) * sizeof(float) + sizeof(uint32_t);
    size_t panel = pixels * like->cols * sizeof(float);
    size_t terms = first_level() * 3 / 4 / term, panels = beyond / panel + 1;
    item[0] = (bench_item){.call = call_tile,
                           .context = new_tile_work(like, terms, 1, threads)};
    item[1] =
        (bench_item){.call = call_tile,
                     .context = new_tile_work(like, pixels, panels, threads)};
    return 2;
}

static size_t add_tiles(bench_item *item, const char *set, unsigned threads)
{
    const mnist_kernels *k = mnist_kernels_now();
    const tile_work works[] = {
        {set, "wide", NULL, k, &k->wide, k->wide.rows, k->wide.cols, 0, 0, NULL,
         NULL, NULL, NULL},
        {set, "narrow", NULL, k, &k->narrow, k->narrow.rows, k->narrow.cols, 0,
         0, NULL, NULL, NULL, NULL},
        {set, "packed", NULL, k, NULL, MNIST_PACKED_ROWS, k->packed.cols, 0, 0,
         NULL, NULL, NULL, NULL},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        count += add_tile(item + count, &works[i], threads);
    return count;
}

static void print_tile(const bench_item *item, unsigned threads)
{
    const tile_work *w = item->context;
    double flop = tile_flop(w) * threads;
    printf("{\"kind\":\"tile\",\"set\":\"%s\",\"tile\":\"%s\",\"rows\":%zu,"
           "\"cols\":%zu,\"from\":\"%s\",\"terms\":%zu,\"threads\":%u,"
           "\"gflops_best\":%.5g,\"gflops\":%.5g}\n",
           w->set, w->name, w->rows, w->cols, w->from, w->K, threads,
           flop / item->time.least / 1e9, flop / item->time.median / 1e9);
}

/* The peaks run among the tiles that are held against them. */
static void time_tiles(unsigned threads, size_t rounds)
{
    enum { SETS_MAX = 8 };
    bench_item item[PEAKS_MAX + 6 * SETS_MAX + 1];
    size_t peaks = peak_items(item), count = peaks;
    int usable;
    const char *set;
    for (size_t i = 0; (set = mnist_cpu_list(i, &usable)) && i < SETS_MAX;
         i++) {
        if (!usable || mnist_cpu_use(set, NULL))
            continue;
        count += add_tiles(item + count, set, threads);
    }
    mnist_pool *pool = mnist_pool_new(threads);
    if (!pool)
        bench_die("no threads");
    size_t squares = bench_add_square(item + count, first_level(), threads);
    bench_time_items(pool, item, count + squares, rounds, 5e-4);
    for (size_t i = 0; i < count; i++)
        (i < peaks ? print_peak : print_tile)(&item[i], threads);
    if (squares > 0)
        bench_print_square(&item[count], threads);
    mnist_pool_free(pool);
}

/* ---- Command line ---- */

static size_t number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (n < 1 || n > 1000000 || *end)
        bench_die("counts are whole numbers from 1 to a million");
    return n;
}

int main(int argc, char **argv)
{
    if (argc >= 4) {
        unsigned threads = (unsigned)number(argv[2]);
        size_t rounds = number(argv[3]);
        if (argc == 5 && strcmp(argv[1], "peaks") == 0) {
            time_peaks(threads, rounds, number(argv[4]) << 20);
            return 0;
        }
        if (argc == 4 && strcmp(argv[1], "tiles") == 0) {
            time_tiles(threads, rounds);
            return 0;
        }
        if (argc == 6 && strcmp(argv[1], "step") == 0) {
            bench_step(threads, rounds, argv[4], argv[5]);
            return 0;
        }
    }
    bench_die("usage: kernels peaks THREADS ROUNDS MIB, tiles THREADS ROUNDS, "
              "or step THREADS STEPS DATA NET");
}
