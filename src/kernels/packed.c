#include "kernels/packed.h"

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
           groups * (1 + ROWS) * sizeof(uint32_t);
}

mnist_packed mnist_packed_place(void *memory, size_t rows, size_t K)
{
    size_t terms = mnist_packed_groups(rows) * most_terms(K);
    float *value = memory;
    uint32_t *at = (uint32_t *)(void *)(value + terms * ROWS);
    uint32_t *count = at + terms;
    return (mnist_packed){
        value, at, count, count + mnist_packed_groups(rows), most_terms(K), 0};
}

static size_t rows_of(const mnist_packed_product *p, size_t group)
{
    size_t left = p->rows - group * ROWS;
    return left < ROWS ? left : ROWS;
}

/* Groups that are handed over together: enough that who takes them does not
   spend the time on beginning, few enough for the first-level cache. */
enum { TOGETHER = 8 };

/* Column by column of tiles, so that those of b stay in the cache for all
   groups. */
static void run_groups(const mnist_packed_product *p,
                       const mnist_kernels *kernels, mnist_range groups,
                       float *c)
{
    const mnist_packed *a = p->a;
    size_t cols = kernels->packed.cols;
    for (size_t j = 0; j < p->cols; j += cols) {
        size_t width = p->cols - j < cols ? p->cols - j : cols;
        for (size_t group = groups.first; group < groups.end; group++) {
            size_t g = group - a->first;
            kernels->packed.run(a->count[g], a->value + g * a->most * ROWS,
                                a->at + g * a->most, p->b + j, p->b_row, width,
                                c + (group - groups.first) * ROWS * p->cols + j,
                                p->cols);
        }
    }
}

static bool is_zero(const mnist_packed *a, size_t group)
{
    return a->count[group - a->first] == 0;
}

/* Groups that have something to compute, and such that are all 0, in turn. */
void mnist_packed_run(const mnist_packed_product *p,
                      const mnist_kernels *kernels, mnist_range groups)
{
    _Alignas(64) float c[TOGETHER * ROWS * MNIST_TILE_COLS];
    for (size_t g = groups.first; g < groups.end;) {
        mnist_range some = {g, g + 1};
        bool zero = is_zero(p->a, g);
        while (some.end < groups.end && some.end - g < TOGETHER &&
               is_zero(p->a, some.end) == zero)
            some.end++;
        size_t rows = (some.end - 1 - g) * ROWS + rows_of(p, some.end - 1);
        run_groups(p, kernels, some, c);
        const mnist_product_block part = {g * ROWS, rows,    0,   p->cols,
                                          c,        p->cols, zero};
        p->take(p->context, &part);
        g = some.end;
    }
}
