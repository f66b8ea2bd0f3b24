#include "kernels/tiled.h"

#include <string.h>

enum {
    SQUARE = MNIST_SQUARE,
    TERMS = MNIST_TILE_TERMS,
    ROWS = 16,
    TILE = ROWS * TERMS,
    LINE = 64,

    /* Tiles of the right side that stay in the first-level cache, with those of
       the left and the sums: as many rows of it are split at once. */
    ROWS_AT_ONCE = 4 * TERMS
};

static size_t whole(size_t count, size_t unit)
{
    return (count + unit - 1) / unit * unit;
}

/* How many tiles so many terms take. */
static size_t tiles_of(size_t terms)
{
    return (terms + TERMS - 1) / TERMS;
}

/* ---- Memory ---- */

/* What a worker needs: three parts of b, the sums of a column of squares, and a
   square; or pixels that are kept. */
typedef struct {
    uint16_t *parts;
    float *sums, *square;
    uint8_t *kept;
} scratch;

/* Bytes of the parts of so many rows of b. */
static size_t parts_bytes(size_t rows)
{
    return whole(rows, TERMS) * SQUARE * MNIST_PARTS * sizeof(uint16_t);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t all_parts_bytes(size_t N)
{
    return larger(parts_bytes(N), parts_bytes(ROWS_AT_ONCE));
}

static size_t sums_bytes(size_t N)
{
    return whole(N, SQUARE) * SQUARE * sizeof(float);
}

static size_t square_bytes(void)
{
    return SQUARE * SQUARE * sizeof(float);
}

static size_t scratch_bytes(size_t N, size_t pixels)
{
    return all_parts_bytes(N) + sums_bytes(N) + square_bytes() +
           whole(TERMS * (pixels + 127), LINE);
}

static scratch scratch_of(const mnist_tiled *t, size_t N, unsigned worker)
{
    char *at = t->scratch + worker * t->scratch_step;
    scratch s = {.parts = (void *)at};
    s.sums = (void *)(at += all_parts_bytes(N));
    s.square = (void *)(at += sums_bytes(N));
    s.kept = (void *)(at + square_bytes());
    return s;
}

/* Bytes of all tiles of one kind. */
static size_t tiles_bytes(size_t N, size_t pixels)
{
    return whole(N, SQUARE) * whole(pixels, SQUARE) * sizeof(uint16_t);
}

size_t mnist_tiled_bytes(size_t N, size_t pixels, unsigned workers)
{
    return 2 * tiles_bytes(N, pixels) +
           workers * (whole(pixels, LINE) + scratch_bytes(N, pixels)) +
           whole(pixels * sizeof(uint32_t), LINE);
}

mnist_tiled mnist_tiled_place(void *memory, size_t N, size_t pixels,
                              unsigned workers)
{
    char *at = memory;
    mnist_tiled t = {
        .pixels = pixels,
        .image_step = whole(pixels, TERMS) / TERMS * TILE,
        .pixel_step = whole(N, TERMS) / TERMS * TILE,
        .touched_step = whole(pixels, LINE),
        .scratch_step = scratch_bytes(N, pixels),
    };
    t.by_image = (void *)at;
    t.by_pixel = (void *)(at += tiles_bytes(N, pixels));
    t.touched = (void *)(at += tiles_bytes(N, pixels));
    t.scratch = at += workers * t.touched_step;
    t.at = (void *)(at + workers * t.scratch_step);
    return t;
}

/* ---- Images ---- */

/* Whole columns of tiles, so that each worker packs what it looked at. */
static mnist_range own_images(size_t N, unsigned worker, unsigned workers)
{
    return mnist_share(N, TERMS, worker, workers);
}

void mnist_tiled_touch(const mnist_tiled *t, const mnist_tiles *tiles,
                       const mnist_images *images, size_t N, unsigned worker,
                       unsigned workers)
{
    enum { AHEAD = 8 };
    uint8_t *touched = t->touched + worker * t->touched_step;
    mnist_range own = own_images(N, worker, workers);
    memset(touched, 0, t->touched_step);
    for (size_t n = own.first; n < own.end; n++) {
        if (n + AHEAD < own.end)
            mnist_ask_for(images->row[n + AHEAD], t->pixels);
        tiles->touch(t->pixels, images->row[n], touched);
    }
}

static void list_touched(mnist_tiled *t, const uint8_t *touched)
{
    size_t count = 0;
    for (size_t i = 0; i < t->pixels; i++) {
        t->at[count] = (uint32_t)i;
        count += touched[i] != 0;
    }
    t->count = count;
}

void mnist_tiled_pack(mnist_tiled *t, const mnist_tiles *tiles,
                      const mnist_images *images, size_t N, unsigned worker,
                      unsigned workers)
{
    const scratch s = scratch_of(t, N, worker);
    mnist_range own = own_images(N, worker, workers);
    /* Not needed before the products. */
    uint8_t *touched = (void *)s.sums;
    memcpy(touched, t->touched, t->touched_step);
    for (unsigned i = 1; i < workers; i++)
        tiles->touch(t->touched_step, t->touched + i * t->touched_step,
                     touched);
    if (worker == 0) {
        list_touched(t, touched);
        t->scale = images->scale;
    }
    for (size_t n = own.first; n < own.end; n += TERMS) {
        const mnist_tile_images some = {
            .image = images->row + n,
            .images = own.end - n < TERMS ? own.end - n : TERMS,
            .pixels = t->pixels,
            .touched = touched,
            .kept = s.kept,
            .by_image = t->by_image + n / ROWS * t->image_step,
            .by_pixel = t->by_pixel + n / TERMS * TILE,
            .image_step = t->image_step,
            .pixel_step = t->pixel_step,
        };
        tiles->pack(&some);
    }
}

/* ---- Products ---- */

float *mnist_tiled_forward(const mnist_tiled_product *p)
{
    const mnist_tiled *t = p->tiled;
    const scratch s = scratch_of(t, p->N, p->worker);
    /* Once even where nothing is touched: y is 0 then. */
    for (size_t k = 0; k == 0 || k < t->count; k += ROWS_AT_ONCE) {
        size_t K = t->count - k < ROWS_AT_ONCE ? t->count - k : ROWS_AT_ONCE;
        const uint16_t *images = t->by_image + k / TERMS * TILE;
        p->tiles->split(p->b, p->b_row, t->at + k, K, p->cols, s.parts);
        for (size_t n = 0; n < p->N; n += SQUARE)
            p->tiles->multiply(tiles_of(K), images + n / ROWS * t->image_step,
                               t->image_step, s.parts, k > 0,
                               s.sums + n * SQUARE);
    }
    p->tiles->divide(p->N * SQUARE, t->scale, s.sums);
    return s.sums;
}

/* Who takes the gradients, and of which columns. */
typedef struct {
    void (*take)(void *context, const mnist_product_block *part);
    void *context;
    size_t cols;
} taker;

static void take_rows(const taker *to, size_t i, size_t rows, float *c,
                      bool zero)
{
    const mnist_product_block part = {i, rows, 0, to->cols, c, SQUARE, zero};
    to->take(to->context, &part);
}

/* The gradients of pixels first .. end-1, which are 0. */
static void take_zeros(const taker *to, size_t first, size_t end, float *square)
{
    while (first < end) {
        size_t rows = end - first < SQUARE ? end - first : SQUARE;
        memset(square, 0, rows * SQUARE * sizeof *square);
        take_rows(to, first, rows, square, true);
        first += rows;
    }
}

/* Those of touched pixels at[0] .. at[rows-1], in runs of neighbours. */
static void take_square(const taker *to, const uint32_t *at, size_t rows,
                        float *square)
{
    for (size_t i = 0, run; i < rows; i += run) {
        for (run = 1; i + run < rows && at[i + run] == at[i] + run;)
            run++;
        take_rows(to, at[i], run, square + i * SQUARE, false);
    }
}

void mnist_tiled_gradient(const mnist_tiled_product *p,
                          void (*take)(void *context,
                                       const mnist_product_block *part),
                          void *context)
{
    const mnist_tiled *t = p->tiled;
    const scratch s = scratch_of(t, p->N, p->worker);
    const taker to = {take, context, p->cols};
    size_t next = 0; /* pixel that was not yet taken */
    p->tiles->split(p->b, p->b_row, NULL, p->N, p->cols, s.parts);
    for (size_t i = 0; i < t->count; i += SQUARE) {
        size_t rows = t->count - i < SQUARE ? t->count - i : SQUARE;
        p->tiles->multiply(tiles_of(p->N),
                           t->by_pixel + i / ROWS * t->pixel_step,
                           t->pixel_step, s.parts, false, s.square);
        take_square(&to, t->at + i, rows, s.square);
    }
    for (size_t i = 0; i < t->count; i++) {
        take_zeros(&to, next, t->at[i], s.square);
        next = t->at[i] + 1;
    }
    take_zeros(&to, next, t->pixels, s.square);
}
