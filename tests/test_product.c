/* Products against sums written out here, bit for bit: awkward shapes, gaps,
   steps, c in its place or taken, parts of it and all of it by
   any number of threads, with every tile. */
#include "kernels/product.h"

#include "support/compare.h"
#include "support/numbers.h"
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

/* What a job has; FORMS combinations. */
enum {
    GAPS = 1,    /* between the rows of a, b and c */
    AWKWARD = 2, /* numbers */
    TAKEN = 4,   /* c goes to a function */
    TURNED = 8,  /* a lies column by column */
    FORMS = 16,
};

/* M x K times K x N. */
typedef struct job {
    size_t M, N, K;
    unsigned form;
    size_t a_row, a_step, b_row;
    float *a, *b;
    float *got, *want; /* room for c, with guards */
    size_t total;
    uint8_t *taken;        /* how often each element of c was */
    mnist_product product; /* into got */
} job;

static void take(void *context, const mnist_product_block *part);

static void *room_for(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    assert_non_null(memory);
    return memory;
}

static void make_numbers(job *j, mnist_random *r)
{
    size_t of_a = (j->M - 1) * j->a_row + (j->K ? j->K - 1 : 0) * j->a_step + 1;
    size_t of_b = j->K ? (j->K - 1) * j->b_row + j->N : 0;
    j->a = room_for(of_a, sizeof *j->a);
    j->b = room_for(of_b, sizeof *j->b);
    (j->form & AWKWARD ? fill_awkward : fill_plain)(r, j->a, of_a);
    (j->form & AWKWARD ? fill_awkward : fill_plain)(r, j->b, of_b);
}

static void clear(job *j)
{
    for (size_t i = 0; i < j->total; i++)
        j->got[i] = GUARD;
    memset(j->taken, 0, j->M * j->N);
}

static job make_job(size_t M, size_t N, size_t K, unsigned form)
{
    mnist_random r = mnist_random_stream(M * 31 + N, MNIST_RANDOM_SYNTH, K);
    size_t gap = form & GAPS ? 3 : 0, c_row = N + gap;
    job j = {.M = M, .N = N, .K = K, .form = form};
    j.a_row = form & TURNED ? 1 : K + gap;
    j.a_step = form & TURNED ? M + gap : 1;
    j.b_row = N + gap;
    j.total = M * c_row + 1;
    make_numbers(&j, &r);
    j.got = room_for(j.total, sizeof *j.got);
    j.want = room_for(j.total, sizeof *j.want);
    j.taken = room_for(M * N, 1);
    for (size_t i = 0; i < j.total; i++)
        j.want[i] = GUARD;
    clear(&j);
    j.product.a = j.a;
    j.product.a_row = j.a_row;
    j.product.a_step = j.a_step;
    j.product.b = j.b;
    j.product.b_row = j.b_row;
    j.product.K = K;
    j.product.c = form & TAKEN ? NULL : j.got + 1;
    j.product.c_row = c_row;
    j.product.take = form & TAKEN ? take : NULL;
    return j;
}

static void free_job(job *j)
{
    free(j->a);
    free(j->b);
    free(j->got);
    free(j->want);
    free(j->taken);
}

/* By the words of product.h. */
static float element(const job *j, size_t row, size_t col)
{
    const float *a = j->a + row * j->a_row, *b = j->b + col;
    float s = 0;
    for (size_t k = 0; k < j->K; k++)
        s = fmaf(a[k * j->a_step], b[k * j->b_row], s);
    return s;
}

static void want_block(job *j, mnist_range rows, mnist_range cols)
{
    for (size_t i = rows.first; i < rows.end; i++)
        for (size_t q = cols.first; q < cols.end; q++)
            j->want[1 + i * j->product.c_row + q] = element(j, i, q);
}

/* Copies a part, counts it, and spoils it, as who takes it may. */
static void take(void *context, const mnist_product_block *part)
{
    job *j = context;
    assert_true(part->rows > 0 && part->cols > 0);
    assert_true(part->c_row >= part->cols);
    assert_int_equal(part->zero, j->K == 0);
    for (size_t r = 0; r < part->rows; r++)
        for (size_t q = 0; q < part->cols; q++) {
            size_t i = part->i + r, col = part->j + q;
            float *c = &part->c[r * part->c_row + q];
            assert_true(i < j->M && col < j->N);
            j->got[1 + i * j->product.c_row + col] = *c;
            j->taken[i * j->N + col]++;
            *c = NAN;
        }
}

static void compare(const char *name, job *j)
{
    char what[120];
    snprintf(what, sizeof what, "%s, %zux%zux%zu, form %u", name, j->M, j->N,
             j->K, j->form);
    assert_same_floats(what, j->got, j->want, j->total);
    for (size_t i = 0; i < j->M * j->N; i++)
        if (j->form & TAKEN && j->taken[i] > 1)
            fail_msg("%s: element %zu was taken %d times", what, i,
                     j->taken[i]);
}

/* Around the tiles (4x16, 8x8; 4x24, 8x8; 4x64, 16x16). */
static const size_t shapes[][3] = {
    {1, 1, 1},    {1, 1, 0},    {3, 10, 112},  {4, 16, 37},  {4, 64, 38},
    {5, 65, 74},  {7, 17, 31},  {8, 8, 36},    {9, 9, 75},   {16, 16, 10},
    {17, 24, 40}, {23, 25, 20}, {33, 130, 11}, {37, 33, 76}, {130, 6, 57},
    {33, 9, 0},   {2, 129, 3},  {21, 48, 200},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* -------------------------------------------------------------- threads */

typedef struct sharing {
    job *job;
    const mnist_tile *tile;
    bool columns; /* are shared; else the rows */
} sharing;

static void run_share(void *context, unsigned worker, unsigned workers)
{
    const sharing *s = context;
    const job *j = s->job;
    mnist_range rows = {0, j->M}, cols = {0, j->N};
    if (s->columns)
        cols = mnist_share(j->N, 1, worker, workers);
    else
        rows = mnist_share(j->M, 1, worker, workers);
    mnist_product_run(&j->product, s->tile, rows, cols);
}

static void check_sharings(const mnist_engine *engine, job *j)
{
    const mnist_tile *tiles[] = {&engine->kernels->wide,
                                 &engine->kernels->narrow};
    sharing s = {.job = j};
    want_block(j, (mnist_range){0, j->M}, (mnist_range){0, j->N});
    for (unsigned how = 0; how < 4; how++) {
        s.tile = tiles[how & 1];
        s.columns = how & 2;
        clear(j);
        mnist_pool_run(engine->pool, run_share, &s);
        compare(engine->kernels->name, j);
    }
}

static void check_all_sharings(const mnist_engine *engine)
{
    for (size_t i = 0; i < SHAPES; i++)
        for (unsigned form = 0; form < FORMS; form++) {
            job j = make_job(shapes[i][0], shapes[i][1], shapes[i][2], form);
            j.product.context = &j;
            check_sharings(engine, &j);
            free_job(&j);
        }
}

static void shares_make_the_whole_product(void **state)
{
    (void)state;
    on_every_engine(check_all_sharings);
}

/* --------------------------------------------------------------- blocks */

static void check_block(job *j, const mnist_tile *tile, mnist_range rows,
                        mnist_range cols)
{
    memset(j->taken, 0, j->M * j->N);
    want_block(j, rows, cols);
    mnist_product_run(&j->product, tile, rows, cols);
    compare(mnist_kernels_now()->name, j);
}

static void check_blocks(size_t shape, unsigned form, const mnist_tile *tile)
{
    const size_t *size = shapes[shape], M = size[0], N = size[1];
    size_t third = M / 3, half = M / 2;
    job j = make_job(M, N, size[2], form);
    j.product.context = &j;
    check_block(&j, tile, (mnist_range){half, half}, (mnist_range){0, N});
    check_block(&j, tile, (mnist_range){0, M}, (mnist_range){N / 2, N / 2});
    check_block(&j, tile, (mnist_range){third, M}, (mnist_range){N / 2, N});
    check_block(&j, tile, (mnist_range){0, half + 1},
                (mnist_range){N / 3, N / 2 + 1});
    free_job(&j);
}

static void a_block_is_computed_and_nothing_else(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t shape = 0; shape < SHAPES; shape++)
            for (unsigned form = 0; form < FORMS; form++) {
                check_blocks(shape, form, &mnist_kernels_now()->wide);
                check_blocks(shape, form, &mnist_kernels_now()->narrow);
            }
}

static void the_narrow_tile_is_for_no_more_than_its_columns(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++) {
        const mnist_kernels *k = mnist_kernels_now();
        for (size_t N = 1; N <= 2 * MNIST_TILE_COLS; N++)
            assert_ptr_equal(mnist_product_tile(k, N),
                             N <= k->narrow.cols ? &k->narrow : &k->wide);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_make_the_whole_product),
        cmocka_unit_test(a_block_is_computed_and_nothing_else),
        cmocka_unit_test(the_narrow_tile_is_for_no_more_than_its_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
