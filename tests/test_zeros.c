/* Lists of terms that leave out zeros, against their definition: all groups, or
   a worker's part of them, of rows and of columns. */
#include "layers/zeros.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = MNIST_LIST_ROWS, GUARD_BYTE = 0xab, MOST = 70 };

/* Lists in a block of the size that is asked for, exactly. */
typedef struct listing {
    unsigned char *memory;
    size_t bytes;
    mnist_lists lists;
} listing;

static listing make_listing(size_t rows, size_t K)
{
    listing l = {.bytes = mnist_lists_bytes(rows, K)};
    l.memory = malloc(l.bytes);
    assert_non_null(l.memory);
    memset(l.memory, GUARD_BYTE, l.bytes);
    l.lists = mnist_lists_place(l.memory, rows, K);
    return l;
}

/* Whether one of the rows of the group has something at k. */
static bool any(const float *x, size_t rows, size_t row, size_t col, size_t g,
                size_t k)
{
    for (size_t r = g * ROWS; r < g * ROWS + ROWS && r < rows; r++)
        if (!(x[r * row + k * col] == 0))
            return true;
    return false;
}

static bool is_minus_zero_in(const float *x, size_t rows, size_t row,
                             size_t col, size_t g, size_t k)
{
    for (size_t r = g * ROWS; r < g * ROWS + ROWS && r < rows; r++)
        if (x[r * row + k * col] == 0 && signbit(x[r * row + k * col]))
            return true;
    return false;
}

/* A list holds all that must be in it, in order; -0 may or may not. The matrix
   is seen as rows x K, at x[r * row + k * col]; a term k is (k * a, k * b). */
static void check_list(const mnist_lists *lists, size_t g, const float *x,
                       size_t rows, size_t K, size_t row, size_t col, size_t a,
                       size_t b)
{
    const mnist_term *term = lists->term + g * lists->row;
    size_t t = 0, count = lists->count[g];
    assert_in_range(count, 0, K);
    for (size_t k = 0; k < K; k++) {
        bool listed = t < count && term[t].a == k * a && term[t].b == k * b;
        t += listed;
        if (listed != any(x, rows, row, col, g, k) &&
            !(listed && is_minus_zero_in(x, rows, row, col, g, k)))
            fail_msg("group %zu of %zux%zu: term %zu is%s listed", g, rows, K,
                     k, listed ? "" : " not");
    }
    assert_int_equal(t, count);
}

/* Lists of some groups: theirs are right, and nobody else's is touched. */
static void check_part(const float *x, size_t N, size_t K, bool columns,
                       mnist_range part)
{
    size_t rows = columns ? K : N, terms = columns ? N : K, b_row = 13;
    listing l = make_listing(rows, terms);
    const mnist_lists *lists = &l.lists;
    if (columns)
        mnist_lists_of_columns(lists, part, x, N, K, b_row);
    else
        mnist_lists_of_rows(lists, part, x, N, K, b_row);
    for (size_t g = 0; g < (rows + ROWS - 1) / ROWS; g++) {
        const unsigned char *list =
            (const unsigned char *)(lists->term + g * lists->row);
        size_t size = terms * sizeof(mnist_term);
        if (g >= part.first && g < part.end) {
            check_list(lists, g, x, rows, terms, columns ? 1 : K,
                       columns ? K : 1, columns ? K : 1, b_row);
            continue;
        }
        assert_int_equal(lists->count[g], 0xababababu);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(list[i], GUARD_BYTE);
    }
    free(l.memory);
}

static void check_matrix(const float *x, size_t N, size_t K)
{
    for (unsigned columns = 0; columns < 2; columns++) {
        size_t groups = ((columns ? K : N) + ROWS - 1) / ROWS;
        check_part(x, N, K, columns, (mnist_range){0, groups});
        check_part(x, N, K, columns, (mnist_range){0, groups / 2});
        check_part(x, N, K, columns, (mnist_range){groups / 2, groups});
        check_part(x, N, K, columns, (mnist_range){groups, groups});
    }
}

static const size_t shapes[][2] = {{1, 1},   {1, 70}, {70, 1}, {4, 4},
                                   {5, 7},   {3, 2},  {8, 12}, {13, 50},
                                   {66, 41}, {64, 64}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* The matrix ends where its memory does, for sanitizers to see. */
static float *exact(const float *x, size_t n)
{
    float *copy = malloc(n * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, x, n * sizeof *copy);
    return copy;
}

static void lists_hold_what_is_not_zero(void **state)
{
    (void)state;
    float x[MOST * MOST];
    for (size_t i = 0; i < SHAPES; i++)
        for (uint64_t fill = 0; fill < 3; fill++) {
            size_t N = shapes[i][0], K = shapes[i][1];
            mnist_random r = mnist_random_stream(fill, MNIST_RANDOM_SYNTH, i);
            (fill == 0   ? fill_sparse
             : fill == 1 ? fill_plain
                         : fill_awkward)(&r, x, N * K);
            float *matrix = exact(x, N * K);
            check_matrix(matrix, N, K);
            free(matrix);
        }
}

static void lists_of_zeros_are_empty(void **state)
{
    (void)state;
    static const float zeros[MOST * MOST];
    for (size_t i = 0; i < SHAPES; i++) {
        size_t N = shapes[i][0], K = shapes[i][1];
        check_matrix(zeros, N, K);
        listing l = make_listing(N, K);
        size_t groups = (N + ROWS - 1) / ROWS;
        mnist_lists_of_rows(&l.lists, (mnist_range){0, groups}, zeros, N, K, 1);
        for (size_t g = 0; g < groups; g++)
            assert_int_equal(l.lists.count[g], 0);
        free(l.memory);
    }
}

/* What is no number and what is nearly 0 is not 0. */
static void what_is_not_zero_is_never_left_out(void **state)
{
    (void)state;
    static const float values[] = {NAN,       -NAN,       INFINITY, -INFINITY,
                                   0x1p-149f, -0x1p-149f, 1};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        for (size_t at = 0; at < 6 * 5; at++) {
            float x[6 * 5] = {0};
            x[at] = values[v];
            check_matrix(x, 6, 5);
        }
}

/* A product by lists is the product with all terms. */
static void check_product(const float *x, const float *b, size_t N, size_t K,
                          size_t J, bool columns)
{
    enum { MOST_C = MOST * MOST };
    static float got[MOST_C], want[MOST_C];
    static mnist_term all[MOST];
    size_t rows = columns ? K : N, terms = columns ? N : K;
    const mnist_range groups = {0, (rows + ROWS - 1) / ROWS};
    listing l = make_listing(rows, terms);
    mnist_product p = {
        .a = x,
        .rows = mnist_axis_stride(columns ? 1 : K),
        .b = b,
        .term = all,
        .chains = 1,
        .K_last = terms,
        .c = want,
        .c_row = J,
    };
    mnist_terms(terms, mnist_axis_stride(columns ? K : 1), mnist_axis_stride(J),
                all);
    const mnist_tile *tile = &mnist_kernels_now()->wide;
    mnist_product_run(&p, tile, (mnist_range){0, rows}, (mnist_range){0, J});
    (columns ? mnist_lists_of_columns : mnist_lists_of_rows)(&l.lists, groups,
                                                             x, N, K, J);
    p.term = l.lists.term;
    p.count = l.lists.count;
    p.term_row = l.lists.row;
    p.c = got;
    mnist_product_run(&p, tile, (mnist_range){0, rows}, (mnist_range){0, J});
    assert_same_floats(columns ? "columns" : "rows", got, want, rows * J);
    free(l.memory);
}

static void leaving_out_zeros_changes_no_bit(void **state)
{
    (void)state;
    static float x[MOST * MOST], b[MOST * MOST];
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < SHAPES; i++) {
            size_t N = shapes[i][0], K = shapes[i][1];
            mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, i);
            fill_sparse(&r, x, N * K);
            fill_plain(&r, b, MOST * MOST);
            for (size_t J = 1; J <= MOST; J += 23) {
                check_product(x, b, N, K, J, false);
                check_product(x, b, N, K, J, true);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_hold_what_is_not_zero),
        cmocka_unit_test(lists_of_zeros_are_empty),
        cmocka_unit_test(what_is_not_zero_is_never_left_out),
        cmocka_unit_test(leaving_out_zeros_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
