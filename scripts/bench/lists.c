#include "lists.h"

#include "layers/zeros.h"

static size_t groups_of(size_t rows)
{
    return (rows + MNIST_LIST_ROWS - 1) / MNIST_LIST_ROWS;
}

size_t bench_lists_bytes(size_t N, size_t K)
{
    size_t rows = mnist_lists_bytes(N, K), columns = mnist_lists_bytes(K, N);
    return rows > columns ? rows : columns;
}

static mnist_lists row_lists(const bench_lists *l)
{
    return mnist_lists_place(l->memory, l->N, l->K);
}

static mnist_lists column_lists(const bench_lists *l)
{
    return mnist_lists_place(l->memory, l->K, l->N);
}

static void rows_part(void *context, unsigned worker, unsigned workers)
{
    const bench_lists *l = context;
    const mnist_lists lists = row_lists(l);
    mnist_range own = mnist_share(groups_of(l->N), 1, worker, workers);
    mnist_lists_of_rows(&lists, own, l->x, l->N, l->K, l->J);
}

static void columns_part(void *context, unsigned worker, unsigned workers)
{
    const bench_lists *l = context;
    const mnist_lists lists = column_lists(l);
    mnist_range own = mnist_share(groups_of(l->K), 1, worker, workers);
    mnist_lists_of_columns(&lists, own, l->x, l->N, l->K, l->J);
}

void bench_lists_of_rows(mnist_pool *pool, bench_lists *lists)
{
    mnist_pool_run(pool, rows_part, lists);
}

void bench_lists_of_columns(mnist_pool *pool, bench_lists *lists)
{
    mnist_pool_run(pool, columns_part, lists);
}

static double flop_of(const mnist_lists *lists, size_t rows, size_t J)
{
    double terms = 0;
    for (size_t g = 0; g < groups_of(rows); g++)
        terms += lists->count[g];
    return 2.0 * MNIST_LIST_ROWS * terms * (double)J;
}

double bench_lists_flop_of_rows(const bench_lists *l)
{
    const mnist_lists lists = row_lists(l);
    return flop_of(&lists, l->N, l->J);
}

double bench_lists_flop_of_columns(const bench_lists *l)
{
    const mnist_lists lists = column_lists(l);
    return flop_of(&lists, l->K, l->J);
}
