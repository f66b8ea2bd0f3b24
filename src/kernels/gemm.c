#include "kernels/gemm.h"

#include <string.h>

/* Sizes of a block: a panel of b, K_BLOCK x tile_cols, stays in the first-level
   cache; the packed blocks of a and b in the second. */
enum { M_BLOCK = 128, N_BLOCK = 256, K_BLOCK = 256, TILE_MAX = 512 };

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

/*
 * Packs `count` vectors of length K, `across` apart, their elements `along`
 * apart, into panels of `width` vectors: panel after panel, in each the
 * elements k = 0 of its vectors, then k = 1, and so on. The last panel is
 * filled up with zeros.
 */
static void pack(const float *from, size_t across, size_t along, size_t count,
                 size_t K, size_t width, float *to)
{
    for (size_t first = 0; first < count; first += width, to += width * K) {
        size_t filled = smaller(width, count - first);
        const float *source = from + first * across;
        if (filled < width)
            memset(to, 0, width * K * sizeof *to);
        if (across == 1) {
            for (size_t k = 0; k < K; k++)
                memcpy(to + k * width, source + k * along, filled * sizeof *to);
        } else {
            for (size_t i = 0; i < filled; i++)
                for (size_t k = 0; k < K; k++)
                    to[k * width + i] = source[i * across + k * along];
        }
    }
}

/* One tile that lies partly outside of c, or whose columns are not neighbours:
   by way of a whole tile in memory. */
static void edge_tile(const mnist_kernels *kernels, size_t K, const float *a,
                      const float *b, float *c, size_t c_row, size_t c_col,
                      size_t rows, size_t cols, bool accumulate, float *tile)
{
    size_t width = kernels->tile_cols;
    if (accumulate)
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                tile[i * width + j] = c[i * c_row + j * c_col];
    kernels->tile(K, a, b, tile, width, accumulate);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            c[i * c_row + j * c_col] = tile[i * width + j];
}

/* A product whose result may be transposed: columns of c are `c_col` apart. */
typedef struct {
    mnist_matrix a, b;
    float *c;
    size_t c_row, c_col;
} placed;

/* All tiles of one packed block: rows x cols of c at `c`. */
static void run_tiles(const mnist_kernels *kernels, const placed *p, size_t K,
                      const float *a, const float *b, float *c, size_t rows,
                      size_t cols, bool accumulate, float *tile)
{
    size_t R = kernels->tile_rows, C = kernels->tile_cols;
    for (size_t j = 0; j < cols; j += C)
        for (size_t i = 0; i < rows; i += R) {
            float *corner = c + i * p->c_row + j * p->c_col;
            if (i + R <= rows && j + C <= cols && p->c_col == 1)
                kernels->tile(K, a + i * K, b + j * K, corner, p->c_row,
                              accumulate);
            else
                edge_tile(kernels, K, a + i * K, b + j * K, corner, p->c_row,
                          p->c_col, smaller(R, rows - i), smaller(C, cols - j),
                          accumulate, tile);
        }
}

/* Rows and columns of c, as `p` places it, on the calling thread. */
static void run_block(const mnist_engine *engine, const placed *p,
                      mnist_block block, size_t K_all, float *packing)
{
    const mnist_kernels *kernels = engine->kernels;
    size_t R = kernels->tile_rows, C = kernels->tile_cols;
    size_t M_step = round_up(M_BLOCK, R), N_step = round_up(N_BLOCK, C);
    float *a = packing, *b = a + K_BLOCK * M_step, *tile = b + K_BLOCK * N_step;
    for (size_t n = block.cols.first; n < block.cols.end; n += N_step) {
        size_t cols = smaller(N_step, block.cols.end - n);
        for (size_t k = 0; k < K_all; k += K_BLOCK) {
            size_t K = smaller(K_BLOCK, K_all - k);
            pack(p->b.data + k * p->b.row + n * p->b.col, p->b.col, p->b.row,
                 cols, K, C, b);
            for (size_t m = block.rows.first; m < block.rows.end; m += M_step) {
                size_t rows = smaller(M_step, block.rows.end - m);
                pack(p->a.data + m * p->a.row + k * p->a.col, p->a.row,
                     p->a.col, rows, K, R, a);
                run_tiles(kernels, p, K, a, b,
                          p->c + m * p->c_row + n * p->c_col, rows, cols, k > 0,
                          tile);
            }
        }
    }
}

mnist_block mnist_gemm_part(const mnist_engine *engine, const mnist_gemm *gemm,
                            unsigned worker, unsigned workers)
{
    size_t R = engine->kernels->tile_rows, C = engine->kernels->tile_cols;
    size_t M = gemm->M, N = gemm->N;
    float *packing = engine->packing + worker * engine->packing_size;
    placed p = {gemm->a, gemm->b, gemm->c, gemm->c_row, 1};

    /* Few columns fill a tile badly (10 classes in vectors of 16): then the
       transposed product is computed, with its vectors across the rows. */
    bool transposed = N < C && N < M;
    if (transposed) {
        p.a = (mnist_matrix){gemm->b.data, gemm->b.col, gemm->b.row};
        p.b = (mnist_matrix){gemm->a.data, gemm->a.col, gemm->a.row};
        p.c_row = 1;
        p.c_col = gemm->c_row;
        M = gemm->N;
        N = gemm->M;
    }

    /* Whole tiles to each thread, along the side that has more of them. */
    mnist_block block = {{0, M}, {0, N}};
    if (N / C >= M / R)
        block.cols = mnist_share(N, C, worker, workers);
    else
        block.rows = mnist_share(M, R, worker, workers);
    if (gemm->K == 0)
        for (size_t i = block.rows.first; i < block.rows.end; i++)
            for (size_t j = block.cols.first; j < block.cols.end; j++)
                p.c[i * p.c_row + j * p.c_col] = 0;
    if (block.rows.first < block.rows.end)
        run_block(engine, &p, block, gemm->K, packing);
    return transposed ? (mnist_block){block.cols, block.rows} : block;
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
