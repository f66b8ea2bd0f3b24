#include "packing.h"

size_t bench_packing_bytes(size_t N, size_t K)
{
    size_t rows = mnist_packed_bytes(N, K), columns = mnist_packed_bytes(K, N);
    return rows > columns ? rows : columns;
}

static void rows_part(void *context, unsigned worker, unsigned workers)
{
    const bench_packing *p = context;
    const mnist_packed packed = mnist_packed_place(p->memory, p->N, p->K);
    mnist_range own =
        mnist_share(mnist_packed_groups(p->N), 1, worker, workers);
    mnist_pack_image_rows(&packed, own, p->images, mnist_kernels_now(), p->N,
                          p->K);
}

static void columns_part(void *context, unsigned worker, unsigned workers)
{
    const bench_packing *p = context;
    const mnist_packed packed = mnist_packed_place(p->memory, p->K, p->N);
    mnist_range own =
        mnist_share(mnist_packed_groups(p->K), 1, worker, workers);
    mnist_pack_image_columns(&packed, own, p->images, mnist_kernels_now(), p->N,
                             p->K);
}

void bench_pack_rows(mnist_pool *pool, bench_packing *packing)
{
    mnist_pool_run(pool, rows_part, packing);
}

void bench_pack_columns(mnist_pool *pool, bench_packing *packing)
{
    mnist_pool_run(pool, columns_part, packing);
}

static double flop_of(const bench_packing *p, size_t rows, size_t K)
{
    const mnist_packed packed = mnist_packed_place(p->memory, rows, K);
    double terms = 0;
    for (size_t g = 0; g < mnist_packed_groups(rows); g++)
        terms += packed.count[g];
    return 2.0 * MNIST_PACKED_ROWS * terms * (double)p->J;
}

double bench_flop_of_rows(const bench_packing *packing)
{
    return flop_of(packing, packing->N, packing->K);
}

double bench_flop_of_columns(const bench_packing *packing)
{
    return flop_of(packing, packing->K, packing->N);
}
