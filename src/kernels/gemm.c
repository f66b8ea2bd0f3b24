#include "kernels/gemm.h"

/* Sizes of a block: a panel of b, K_BLOCK x tile_cols, stays in the first-level
   cache; the packed blocks of a and b in the second. */
enum {
    M_BLOCK = 128,
    N_BLOCK = 256,
    K_BLOCK = MNIST_CHAIN,
    TILE_MAX = 512 /* floats of the largest tile */
};

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

size_t mnist_gemm_packing(const mnist_kernels *kernels)
{
    return K_BLOCK * (round_up(M_BLOCK, kernels->tile_rows) +
                      round_up(N_BLOCK, kernels->tile_cols)) +
           TILE_MAX;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What becomes of the sum of a block of k. */
typedef enum { WRITE, GO_ON, ADD } sum_mode;

/* One tile that lies partly outside of c, or whose columns are not neighbours,
   or that is added to c: by way of a whole tile in memory. */
static void edge_tile(const mnist_kernels *kernels, const mnist_product *p,
                      size_t K, const float *a, const float *b, float *c,
                      size_t rows, size_t cols, sum_mode mode, float *tile)
{
    size_t width = kernels->tile_cols;
    if (mode == GO_ON)
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                tile[i * width + j] = c[i * p->c_row + j * p->c_col];
    kernels->tile(K, a, b, tile, width, mode == GO_ON);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            float *to = &c[i * p->c_row + j * p->c_col];
            *to = mode == ADD ? *to + tile[i * width + j] : tile[i * width + j];
        }
}

/* All tiles of one packed block: rows x cols of c at `c`. */
static void run_tiles(const mnist_kernels *kernels, const mnist_product *p,
                      size_t K, const float *a, const float *b, float *c,
                      size_t rows, size_t cols, sum_mode mode, float *tile)
{
    size_t R = kernels->tile_rows, C = kernels->tile_cols;
    for (size_t j = 0; j < cols; j += C)
        for (size_t i = 0; i < rows; i += R) {
            float *corner = c + i * p->c_row + j * p->c_col;
            if (i + R <= rows && j + C <= cols && p->c_col == 1 && mode != ADD)
                kernels->tile(K, a + i * K, b + j * K, corner, p->c_row,
                              mode == GO_ON);
            else
                edge_tile(kernels, p, K, a + i * K, b + j * K, corner,
                          smaller(R, rows - i), smaller(C, cols - j), mode,
                          tile);
        }
}

static void clear(const mnist_product *p, mnist_block block)
{
    for (size_t i = block.rows.first; i < block.rows.end; i++)
        for (size_t j = block.cols.first; j < block.cols.end; j++)
            p->c[i * p->c_row + j * p->c_col] = 0;
}

static void run_block(const mnist_engine *engine, const mnist_product *p,
                      mnist_block block, unsigned worker)
{
    const mnist_kernels *kernels = engine->kernels;
    size_t R = kernels->tile_rows, C = kernels->tile_cols;
    size_t M_step = round_up(M_BLOCK, R), N_step = round_up(N_BLOCK, C);
    float *a = engine->packing + worker * engine->packing_size;
    float *b = a + K_BLOCK * M_step, *tile = b + K_BLOCK * N_step;
    if (p->K == 0)
        clear(p, block);
    for (size_t n = block.cols.first; n < block.cols.end; n += N_step) {
        size_t cols = smaller(N_step, block.cols.end - n);
        for (size_t k = 0; k < p->K; k += K_BLOCK) {
            size_t K = smaller(K_BLOCK, p->K - k);
            sum_mode mode = k == 0 ? WRITE : p->in_blocks ? ADD : GO_ON;
            mnist_pack(&p->b, n, cols, k, K, C, b);
            for (size_t m = block.rows.first; m < block.rows.end; m += M_step) {
                size_t rows = smaller(M_step, block.rows.end - m);
                mnist_pack(&p->a, m, rows, k, K, R, a);
                run_tiles(kernels, p, K, a, b,
                          p->c + m * p->c_row + n * p->c_col, rows, cols, mode,
                          tile);
            }
        }
    }
}

/* The same product with a and b, and rows and columns of c, changed over. */
static mnist_product transposed(const mnist_product *p)
{
    mnist_product t = *p;
    t.a = p->b;
    t.b = p->a;
    t.c_row = p->c_col;
    t.c_col = p->c_row;
    return t;
}

/* Few columns fill a tile badly (10 classes in vectors of 16): then the
   transposed product is computed, with its vectors across the rows. */
static bool wants_transposed(const mnist_engine *engine, size_t M, size_t N)
{
    return N < engine->kernels->tile_cols && N < M;
}

void mnist_product_block(const mnist_engine *engine, const mnist_product *p,
                         mnist_block block, unsigned worker)
{
    size_t M = block.rows.end - block.rows.first;
    size_t N = block.cols.end - block.cols.first;
    if (wants_transposed(engine, M, N)) {
        mnist_product t = transposed(p);
        run_block(engine, &t, (mnist_block){block.cols, block.rows}, worker);
    } else if (M > 0) {
        run_block(engine, p, block, worker);
    }
}

mnist_block mnist_product_part(const mnist_engine *engine,
                               const mnist_product *p, size_t M, size_t N,
                               unsigned worker, unsigned workers)
{
    if (wants_transposed(engine, M, N)) {
        mnist_product t = transposed(p);
        mnist_block part =
            mnist_product_part(engine, &t, N, M, worker, workers);
        return (mnist_block){part.cols, part.rows};
    }
    /* Whole tiles to each thread, along the side that has more of them. */
    size_t R = engine->kernels->tile_rows, C = engine->kernels->tile_cols;
    mnist_block block = {{0, M}, {0, N}};
    if (N / C >= M / R)
        block.cols = mnist_share(N, C, worker, workers);
    else
        block.rows = mnist_share(M, R, worker, workers);
    if (block.rows.first < block.rows.end)
        run_block(engine, p, block, worker);
    return block;
}

static mnist_axis stride(size_t floats)
{
    return (mnist_axis){MNIST_AXIS_STRIDE, floats, NULL};
}

mnist_block mnist_gemm_part(const mnist_engine *engine, const mnist_gemm *gemm,
                            unsigned worker, unsigned workers)
{
    const mnist_matrix *a = &gemm->a, *b = &gemm->b;
    mnist_product p = {
        .a = {a->data, stride(a->row), stride(a->col)},
        .b = {b->data, stride(b->col), stride(b->row)},
        .c = gemm->c,
        .c_row = gemm->c_row,
        .c_col = 1,
        .K = gemm->K,
    };
    return mnist_product_part(engine, &p, gemm->M, gemm->N, worker, workers);
}

typedef struct {
    const mnist_engine *engine;
    const mnist_gemm *gemm;
} whole;

static void run_part(void *context, unsigned worker, unsigned workers)
{
    const whole *job = context;
    mnist_gemm_part(job->engine, job->gemm, worker, workers);
}

void mnist_gemm_run(const mnist_engine *engine, const mnist_gemm *gemm)
{
    whole job = {engine, gemm};
    mnist_pool_run(engine->pool, run_part, &job);
}
