/* Products of patches against sums written out here, bit for bit: long sums in
   chains, c laid out in any way, blocks and parts of c. */
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

static mnist_axis stride(size_t floats)
{
    return (mnist_axis){MNIST_AXIS_STRIDE, floats, NULL};
}

/* M x K times K x N of random numbers. */
typedef struct job {
    size_t M, N, K;
    float *a, *b;      /* a[i * K + k], b[k * N + j] */
    float *got, *want; /* room for c, with guards */
    size_t total;
    mnist_product product; /* into got */
} job;

enum { FORM_IN_BLOCKS = 1, FORM_TRANSPOSED_C = 2, FORM_GAPS = 4, FORMS = 8 };

static job make_job(size_t M, size_t N, size_t K, unsigned form)
{
    mnist_random r = mnist_random_stream(M * 31 + N, MNIST_RANDOM_SYNTH, K);
    job j = {.M = M, .N = N, .K = K};
    size_t gap = form & FORM_GAPS ? 3 : 0;
    size_t c_row = form & FORM_TRANSPOSED_C ? 1 : N + gap;
    size_t c_col = form & FORM_TRANSPOSED_C ? M + gap : 1;
    j.total = (M + gap + 1) * (N + gap + 1) + 1;
    j.a = malloc((M * K + 1) * sizeof *j.a);
    j.b = malloc((K * N + 1) * sizeof *j.b);
    j.got = malloc(j.total * sizeof *j.got);
    j.want = malloc(j.total * sizeof *j.want);
    assert_true(j.a && j.b && j.got && j.want);
    for (size_t i = 0; i < M * K; i++)
        j.a[i] = mnist_random_float(&r) - 0.25f;
    for (size_t i = 0; i < K * N; i++)
        j.b[i] = mnist_random_float(&r) - 0.5f;
    for (size_t i = 0; i < j.total; i++)
        j.got[i] = j.want[i] = GUARD;
    j.product = (mnist_product){.a = {j.a, stride(K), stride(1)},
                                .b = {j.b, stride(1), stride(N)},
                                .c = j.got + 1,
                                .c_row = c_row,
                                .c_col = c_col,
                                .K = K,
                                .in_blocks = form & FORM_IN_BLOCKS};
    return j;
}

static void free_job(job *j)
{
    free(j->a);
    free(j->b);
    free(j->got);
    free(j->want);
}

/* Chains of 256 terms, the first of which is the sum so far, or one chain. */
static float element(const job *j, size_t row, size_t col)
{
    float total = 0, s = 0;
    for (size_t k = 0; k < j->K; k++) {
        s = fmaf(j->a[row * j->K + k], j->b[k * j->N + col], s);
        if (!j->product.in_blocks || ((k + 1) % 256 && k + 1 < j->K))
            continue;
        total = k < 256 ? s : total + s;
        s = 0;
    }
    return j->product.in_blocks ? total : s;
}

static void write_block(job *j, mnist_block block)
{
    const mnist_product *p = &j->product;
    for (size_t row = block.rows.first; row < block.rows.end; row++)
        for (size_t col = block.cols.first; col < block.cols.end; col++)
            j->want[1 + row * p->c_row + col * p->c_col] = element(j, row, col);
}

static void compare(const mnist_engine *engine, const job *j)
{
    char what[120];
    snprintf(what, sizeof what, "%s, %u threads, %zux%zux%zu, %s",
             engine->kernels->name, mnist_pool_size(engine->pool), j->M, j->N,
             j->K, j->product.in_blocks ? "in blocks" : "in one chain");
    assert_same_floats(what, j->got, j->want, j->total);
}

/* ---------------------------------------------------------------- parts */

typedef struct parts {
    const mnist_engine *engine;
    const job *job;
    mnist_block of[16];
} parts;

static void run_part(void *context, unsigned worker, unsigned workers)
{
    parts *p = context;
    const job *j = p->job;
    p->of[worker] =
        mnist_product_part(p->engine, &j->product, j->M, j->N, worker, workers);
}

/* What the parts say they are is the whole, each element once. */
static void check_cover(const parts *p, unsigned workers)
{
    const job *j = p->job;
    uint8_t *owners = calloc(j->M * j->N, 1);
    assert_non_null(owners);
    for (unsigned w = 0; w < workers; w++)
        for (size_t i = p->of[w].rows.first; i < p->of[w].rows.end; i++)
            for (size_t k = p->of[w].cols.first; k < p->of[w].cols.end; k++)
                owners[i * j->N + k]++;
    for (size_t i = 0; i < j->M * j->N; i++)
        assert_int_equal(owners[i], 1);
    free(owners);
}

static const size_t shapes[][3] = {
    {1, 1, 1},     {1, 1, 255},   {1, 1, 256},     {1, 1, 257},   {9, 6, 512},
    {9, 6, 513},   {54, 16, 700}, {144, 120, 300}, {37, 33, 769}, {6, 130, 257},
    {130, 6, 257}, {5, 3, 1500},  {33, 9, 0},      {8, 32, 600},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void check_whole(const mnist_engine *engine)
{
    for (size_t i = 0; i < SHAPES; i++)
        for (unsigned form = 0; form < FORMS; form++) {
            job j = make_job(shapes[i][0], shapes[i][1], shapes[i][2], form);
            parts p = {.engine = engine, .job = &j};
            write_block(&j, (mnist_block){{0, j.M}, {0, j.N}});
            mnist_pool_run(engine->pool, run_part, &p);
            compare(engine, &j);
            check_cover(&p, mnist_pool_size(engine->pool));
            free_job(&j);
        }
}

static void parts_make_the_whole_product(void **state)
{
    (void)state;
    on_every_engine(check_whole);
}

/* --------------------------------------------------------------- blocks */

static void check_block(const mnist_engine *engine, job *j, mnist_block block)
{
    /* In the packing memory of any worker. */
    unsigned worker = mnist_pool_size(engine->pool) - 1;
    write_block(j, block);
    mnist_product_block(engine, &j->product, block, worker);
    compare(engine, j);
}

static void check_blocks(const mnist_engine *engine)
{
    for (size_t i = 0; i < SHAPES; i++)
        for (unsigned form = 0; form < FORMS; form++) {
            job j = make_job(shapes[i][0], shapes[i][1], shapes[i][2], form);
            mnist_block none = {{j.M / 2, j.M / 2}, {0, j.N}};
            mnist_block corner = {{j.M / 3, j.M}, {j.N / 2, j.N}};
            mnist_block few = {{0, j.M}, {j.N / 2, (j.N + 3) / 2}};
            check_block(engine, &j, none);
            check_block(engine, &j, corner);
            check_block(engine, &j, few);
            free_job(&j);
        }
}

static void a_block_is_computed_and_nothing_else(void **state)
{
    (void)state;
    on_every_engine(check_blocks);
}

/* -------------------------------------------------------------- patches */

/* Products as a convolution has them: patches by a kernel, and elements by a
   gradient in blocks, on 6 pictures of 9x8x3 with windows of 3x2. */
static const mnist_window window = {9, 8, 3, 3, 2};
enum { N = 6, OH = 7, OW = 7, P = OH * OW, E = 18, F = 5 };

static float pixel(const float *x, size_t patch, size_t e)
{
    size_t n = patch / P, oy = patch % P / OW, ox = patch % OW;
    size_t ky = e / 6, kx = e / 3 % 2, c = e % 3;
    return x[((n * 9 + oy + ky) * 8 + ox + kx) * 3 + c];
}

static void check_patches(const mnist_engine *engine)
{
    static float x[N * 9 * 8 * 3], a[N * P * E];
    mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] = mnist_random_float(&r) - 0.5f;
    const mnist_axis patches = {MNIST_AXIS_PATCHES, 0, &window};
    const mnist_axis elements = {MNIST_AXIS_ELEMENTS, 0, &window};
    for (unsigned turned = 0; turned < 2; turned++) {
        size_t M = turned ? E : N * P, K = turned ? N * P : E;
        job j = make_job(M, F, K, turned ? FORM_IN_BLOCKS : 0);
        for (size_t i = 0; i < M; i++)
            for (size_t k = 0; k < K; k++)
                a[i * K + k] = turned ? pixel(x, k, i) : pixel(x, i, k);
        memcpy(j.a, a, M * K * sizeof *a);
        write_block(&j, (mnist_block){{0, M}, {0, F}});
        j.product.a = (mnist_operand){x, turned ? elements : patches,
                                      turned ? patches : elements};
        parts p = {.engine = engine, .job = &j};
        mnist_pool_run(engine->pool, run_part, &p);
        compare(engine, &j);
        free_job(&j);
    }
}

static void patches_are_multiplied_where_they_lie(void **state)
{
    (void)state;
    on_every_engine(check_patches);
}

/* Half a million terms of one sign: one chain would lose four digits. */
static void long_sums_keep_their_digits(void **state)
{
    (void)state;
    job j = make_job(1, 1, 1 << 19, FORM_IN_BLOCKS);
    mnist_engine engine;
    double exact = 0;
    for (size_t k = 0; k < j.K; k++) {
        j.a[k] += 0.25f; /* 0 to 1 */
        j.b[k] += 0.5f;
        exact += (double)j.a[k] * (double)j.b[k];
    }
    assert_int_equal(mnist_engine_start(&engine, 1, NULL), MNIST_OK);
    mnist_product_block(&engine, &j.product, (mnist_block){{0, 1}, {0, 1}}, 0);
    assert_near("in blocks", (double)j.got[1], exact, 2e-6, 0);
    mnist_engine_stop(&engine);
    free_job(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_make_the_whole_product),
        cmocka_unit_test(a_block_is_computed_and_nothing_else),
        cmocka_unit_test(patches_are_multiplied_where_they_lie),
        cmocka_unit_test(long_sums_keep_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
