#include "squares.h"

#include "kernels/kernels.h"

#include <stdio.h>
#include <string.h>

/* For each worker its own operands. */
typedef struct {
    const mnist_tiles *tiles;
    size_t count; /* tiles of terms */
    uint16_t *a, *parts;
    float *c;
} work;

enum {
    SQUARE = MNIST_SQUARE,
    TERMS = MNIST_TILE_TERMS,
    A_STEP = SQUARE * TERMS, /* numbers of a tile of terms */
    PARTS_STEP = MNIST_PARTS * A_STEP,
    SQUARES_A_CALL = 100
};

static void call_square(const void *context, unsigned worker)
{
    const work *w = context;
    const uint16_t *a = w->a + worker * w->count * A_STEP;
    const uint16_t *parts = w->parts + worker * w->count * PARTS_STEP;
    float *c = w->c + worker * SQUARE * SQUARE;
    w->tiles->begin();
    for (size_t i = 0; i < SQUARES_A_CALL; i++)
        w->tiles->multiply(w->count, a, w->count * A_STEP / 2, parts, false, c);
    w->tiles->end();
}

/* Zeros multiply as fast as anything else. */
static uint16_t *take_zeros(size_t count)
{
    uint16_t *zeros = bench_take(count * sizeof *zeros);
    memset(zeros, 0, count * sizeof *zeros);
    return zeros;
}

size_t bench_add_square(bench_item *item, size_t first_level, unsigned threads)
{
    const char *why;
    const mnist_tiles *tiles = mnist_tiles_now(&why);
    if (!tiles)
        return 0;
    work *w = bench_take(sizeof *w);
    w->tiles = tiles;
    w->count = first_level * 3 / 4 / ((A_STEP + PARTS_STEP) * sizeof(uint16_t));
    w->a = take_zeros(threads * w->count * A_STEP);
    w->parts = take_zeros(threads * w->count * PARTS_STEP);
    w->c = bench_floats(threads * SQUARE * SQUARE);
    *item = (bench_item){.call = call_square, .context = w};
    return 1;
}

void bench_print_square(const bench_item *item, unsigned threads)
{
    const work *w = item->context;
    size_t terms = w->count * TERMS * MNIST_PARTS;
    double flop =
        2.0 * SQUARE * SQUARE * (double)terms * SQUARES_A_CALL * threads;
    printf("{\"kind\":\"tile\",\"set\":\"amx\",\"tile\":\"square\",\"rows\":%d,"
           "\"cols\":%d,\"from\":\"L1\",\"terms\":%zu,\"threads\":%u,"
           "\"gflops_best\":%.5g,\"gflops\":%.5g}\n",
           SQUARE, SQUARE, terms, threads, flop / item->time.least / 1e9,
           flop / item->time.median / 1e9);
}
