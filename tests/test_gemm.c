/* Products against a triple loop of fmaf, bit for bit: awkward shapes, strides,
   transposed operands, any number of threads, every set of kernels. */
#include "kernels/gemm.h"

#include <mnist/random.h>

#include "support/compare.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GUARD 0x1.abcdp-3f

typedef struct operand {
    float *block;
    mnist_matrix m;
} operand;

/* rows x cols random floats, the rows or the columns side by side, with room
   between them that holds NaN: what is not part of the matrix must not count */
static operand make_operand(mnist_random *r, size_t rows, size_t cols,
                            int transposed, size_t gap)
{
    const size_t lines = transposed ? cols : rows;
    const size_t length = transposed ? rows : cols, step = length + gap;
    const size_t total = lines * step + 1;
    float *block = malloc(total * sizeof *block);
    assert_non_null(block);
    for (size_t i = 0; i < total; i++)
        block[i] = NAN;
    float *data = block + 1;
    for (size_t i = 0; i < lines; i++)
        for (size_t j = 0; j < length; j++)
            data[i * step + j] = mnist_random_float(r) - 0.5f;
    return (operand){block,
                     {data, transposed ? 1 : step, transposed ? step : 1}};
}

static float at(const mnist_matrix *m, size_t i, size_t j)
{
    return m->data[i * m->row + j * m->col];
}

static void naive(const mnist_gemm *g, float *c)
{
    for (size_t i = 0; i < g->M; i++)
        for (size_t j = 0; j < g->N; j++) {
            float s = 0;
            for (size_t k = 0; k < g->K; k++)
                s = fmaf(at(&g->a, i, k), at(&g->b, k, j), s);
            c[i * g->c_row + j] = s;
        }
}

static void check_product(const mnist_engine *engine, size_t M, size_t N,
                          size_t K, unsigned form, uint64_t seed)
{
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, form);
    operand a = make_operand(&r, M, K, form & 1, form & 4 ? 5 : 0);
    operand b = make_operand(&r, K, N, form >> 1 & 1, form & 4 ? 3 : 0);
    const size_t c_row = N + (form & 4 ? 2 : 0), total = M * c_row + 1;
    float *got = malloc(total * sizeof *got);
    float *want = malloc(total * sizeof *want);
    assert_true(got && want);
    for (size_t i = 0; i < total; i++)
        got[i] = want[i] = GUARD;
    mnist_gemm g = {M, N, K, a.m, b.m, want + 1, c_row};
    naive(&g, want + 1);
    g.c = got + 1;
    mnist_gemm_run(engine, &g);
    char what[120];
    snprintf(what, sizeof what, "%s, %u threads, %zux%zux%zu, form %u",
             engine->kernels->name, mnist_pool_size(engine->pool), M, N, K,
             form);
    assert_same_floats(what, got, want, total);
    free(a.block);
    free(b.block);
    free(got);
    free(want);
}

static void check_small(const mnist_engine *engine)
{
    for (size_t M = 1; M <= 9; M++)
        for (size_t N = 1; N <= 9; N++)
            for (size_t K = 0; K <= 3; K++)
                check_product(engine, M, N, K, (unsigned)(M + N + K) % 8, M);
}

static void small_products(void **state)
{
    (void)state;
    on_every_engine(check_small);
}

/* Around the tiles (4x8, 6x16, 8x32) and the blocks (128, 256, 256). */
static void check_shapes(const mnist_engine *engine)
{
    const size_t shapes[][3] = {
        {1, 1, 257},   {1, 33, 300},   {33, 1, 300},  {3, 10, 512},
        {128, 10, 64}, {96, 10, 33},   {7, 17, 31},   {8, 32, 256},
        {9, 33, 257},  {6, 16, 1},     {130, 15, 20}, {5, 259, 17},
        {131, 37, 40}, {37, 261, 259}, {64, 64, 64},  {48, 31, 513},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (unsigned form = 0; form < 8; form++)
            check_product(engine, shapes[i][0], shapes[i][1], shapes[i][2],
                          form, i);
}

static void awkward_shapes(void **state)
{
    (void)state;
    on_every_engine(check_shapes);
}

static void check_random(const mnist_engine *engine)
{
    mnist_random r = mnist_random_stream(9, MNIST_RANDOM_SYNTH, 9);
    for (uint64_t i = 0; i < 25; i++) {
        size_t M = 1 + mnist_random_below(&r, 150);
        size_t N = 1 + mnist_random_below(&r, 80);
        size_t K = 1 + mnist_random_below(&r, 60);
        check_product(engine, M, N, K, mnist_random_below(&r, 8), i);
    }
}

static void random_shapes(void **state)
{
    (void)state;
    on_every_engine(check_random);
}

/* Padding is zeros: an infinity in a row or column must stay in it, and not
   reach others as 0 * infinity. */
static void check_infinity(const mnist_engine *engine)
{
    enum { M = 13, N = 19, K = 21 };
    float a[M * K], b[K * N], c[M * N];
    for (size_t i = 0; i < M * K; i++)
        a[i] = 1;
    for (size_t i = 0; i < K * N; i++)
        b[i] = 2;
    a[12 * K + 20] = INFINITY;
    b[3 * N + 18] = NAN;
    const mnist_gemm g = {M, N, K, {a, K, 1}, {b, N, 1}, c, N};
    mnist_gemm_run(engine, &g);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++)
            if (j == 18)
                assert_true(isnan(c[i * N + j]));
            else
                assert_true(c[i * N + j] == (i == 12 ? INFINITY : 2.0f * K));
}

static void infinities_stay_where_they_are(void **state)
{
    (void)state;
    on_every_engine(check_infinity);
}

/* Which worker says it computed what. */
typedef struct parts {
    const mnist_engine *engine;
    const mnist_gemm *gemm;
    mnist_block of[16];
} parts;

static void run_part(void *context, unsigned worker, unsigned workers)
{
    parts *p = context;
    p->of[worker] = mnist_gemm_part(p->engine, p->gemm, worker, workers);
}

static void check_parts_of(const mnist_engine *engine, size_t M, size_t N)
{
    static float a[200 * 3], b[3 * 200], c[200 * 200];
    static uint8_t owners[200 * 200];
    const mnist_gemm g = {M, N, 3, {a, 3, 1}, {b, N, 1}, c, N};
    parts p = {.engine = engine, .gemm = &g};
    memset(owners, 0, sizeof owners);
    mnist_pool_run(engine->pool, run_part, &p);
    for (unsigned w = 0; w < mnist_pool_size(engine->pool); w++)
        for (size_t i = p.of[w].rows.first; i < p.of[w].rows.end; i++)
            for (size_t j = p.of[w].cols.first; j < p.of[w].cols.end; j++) {
                assert_true(i < M && j < N);
                owners[i * N + j]++;
            }
    for (size_t i = 0; i < M * N; i++)
        assert_int_equal(owners[i], 1);
}

static void check_parts(const mnist_engine *engine)
{
    const size_t sides[] = {1, 2, 7, 10, 33, 128, 200};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        for (size_t j = 0; j < sizeof sides / sizeof *sides; j++)
            check_parts_of(engine, sides[i], sides[j]);
}

static void parts_cover_the_product_once(void **state)
{
    (void)state;
    on_every_engine(check_parts);
}

static void an_engine_of_zeros_can_be_stopped(void **state)
{
    (void)state;
    mnist_engine engine = {0};
    mnist_engine_stop(&engine);
    /* 0 threads: one a processor, or fewer where the system refuses. */
    assert_int_equal(mnist_engine_start(&engine, 0, NULL), MNIST_OK);
    assert_in_range(mnist_pool_size(engine.pool), 1, 1 << 16);
    mnist_engine_stop(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_products),
        cmocka_unit_test(awkward_shapes),
        cmocka_unit_test(random_shapes),
        cmocka_unit_test(infinities_stay_where_they_are),
        cmocka_unit_test(parts_cover_the_product_once),
        cmocka_unit_test(an_engine_of_zeros_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
