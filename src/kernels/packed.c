#include "kernels/packed.h"

#include <string.h>

enum { ROWS = MNIST_PACKED_ROWS };

size_t mnist_packed_groups(size_t rows)
{
    return (rows + ROWS - 1) / ROWS;
}

/* An odd number of terms a group: packing columns writes to all groups in turn,
   and a power of two between them would be the same few sets of the cache. */
static size_t most_terms(size_t K)
{
    return K | 1;
}

size_t mnist_packed_bytes(size_t rows, size_t K)
{
    size_t groups = mnist_packed_groups(rows);
    return groups * most_terms(K) * (ROWS * sizeof(float) + sizeof(uint32_t)) +
           groups * sizeof(uint32_t);
}

mnist_packed mnist_packed_place(void *memory, size_t rows, size_t K)
{
    size_t terms = mnist_packed_groups(rows) * most_terms(K);
    float *value = memory;
    uint32_t *at = (uint32_t *)(void *)(value + terms * ROWS);
    return (mnist_packed){value, at, at + terms, most_terms(K)};
}

/* Columns j .. j+width-1 of a group's rows. */
static void run_tile(const mnist_packed_product *p,
                     const mnist_kernels *kernels, size_t group, size_t j,
                     size_t width, float *c, size_t c_row)
{
    const mnist_packed *a = p->a;
    size_t first = group * a->most;
    kernels->packed.run(a->count[group], a->value + first * ROWS, a->at + first,
                        p->b + j, p->b_row, width, c, c_row);
}

static size_t rows_of(const mnist_packed_product *p, size_t group)
{
    size_t left = p->rows - group * ROWS;
    return left < ROWS ? left : ROWS;
}

/* A last group of fewer rows is computed beside c. */
static void store_tile(const mnist_packed_product *p,
                       const mnist_kernels *kernels, size_t group, size_t j,
                       size_t width)
{
    _Alignas(64) float spare[ROWS * MNIST_TILE_COLS];
    float *c = p->c + group * ROWS * p->c_row + j;
    size_t rows = rows_of(p, group);
    if (rows == ROWS) {
        run_tile(p, kernels, group, j, width, c, p->c_row);
        return;
    }
    run_tile(p, kernels, group, j, width, spare, width);
    for (size_t r = 0; r < rows; r++)
        memcpy(c + r * p->c_row, spare + r * width, width * sizeof *c);
}

/* Panel by panel of b, so that one stays in the cache for all groups. */
static void store(const mnist_packed_product *p, const mnist_kernels *kernels,
                  mnist_range groups)
{
    size_t cols = kernels->packed.cols;
    for (size_t j = 0; j < p->cols; j += cols) {
        size_t width = p->cols - j < cols ? p->cols - j : cols;
        for (size_t g = groups.first; g < groups.end; g++)
            store_tile(p, kernels, g, j, width);
    }
}

/* Groups that are handed over together: enough that who takes them does not
   spend the time on beginning, few enough for the first-level cache. */
enum { TOGETHER = 8 };

static void run_groups(const mnist_packed_product *p,
                       const mnist_kernels *kernels, mnist_range groups,
                       float *c)
{
    size_t cols = kernels->packed.cols;
    for (size_t g = groups.first; g < groups.end; g++, c += ROWS * p->cols)
        for (size_t j = 0; j < p->cols; j += cols)
            run_tile(p, kernels, g, j, p->cols - j < cols ? p->cols - j : cols,
                     c + j, p->cols);
}

/* Groups that have something to compute, and such that are all 0, in turn. */
static void hand_over(const mnist_packed_product *p,
                      const mnist_kernels *kernels, mnist_range groups)
{
    _Alignas(64) float c[TOGETHER * ROWS * MNIST_TILE_COLS];
    const uint32_t *count = p->a->count;
    for (size_t g = groups.first; g < groups.end;) {
        mnist_range some = {g, g + 1};
        bool zero = count[g] == 0;
        while (some.end < groups.end && some.end - g < TOGETHER &&
               (count[some.end] == 0) == zero)
            some.end++;
        size_t rows = (some.end - 1 - g) * ROWS + rows_of(p, some.end - 1);
        run_groups(p, kernels, some, c);
        const mnist_product_block part = {g * ROWS, rows,    0,   p->cols,
                                          c,        p->cols, zero};
        p->take(p->context, &part);
        g = some.end;
    }
}

void mnist_packed_run(const mnist_packed_product *p,
                      const mnist_kernels *kernels, mnist_range groups)
{
    if (p->c)
        store(p, kernels, groups);
    else
        hand_over(p, kernels, groups);
}
