/* Packed images, which leave out zeros, against their definition: all groups,
   or a worker's part of them, of rows and of columns; and products with them.
 */
#include "kernels/packed.h"

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

enum { ROWS = MNIST_PACKED_ROWS, GUARD_BYTE = 0xab, MOST = 70 };

/* A packed matrix in a block of the size that is asked for, exactly. */
typedef struct packing {
    unsigned char *memory;
    mnist_packed packed;
} packing;

static packing make_packing(size_t rows, size_t K)
{
    size_t bytes = mnist_packed_bytes(rows, K);
    packing p = {.memory = malloc(bytes)};
    assert_non_null(p.memory);
    memset(p.memory, GUARD_BYTE, bytes);
    p.packed = mnist_packed_place(p.memory, rows, K);
    return p;
}

/* Images, N x K, as numbers too; or as seen by their columns. */
typedef struct matrix {
    const float *x;
    const mnist_images *images;
    size_t N, K;
    bool columns;
} matrix;

static size_t rows_of(const matrix *m)
{
    return m->columns ? m->K : m->N;
}

static size_t terms_of(const matrix *m)
{
    return m->columns ? m->N : m->K;
}

static void pack(const matrix *m, const mnist_packed *packed, mnist_range part)
{
    const mnist_kernels *kernels = mnist_kernels_now();
    if (m->columns)
        mnist_pack_image_columns(packed, part, m->images, kernels, m->N, m->K);
    else
        mnist_pack_image_rows(packed, part, m->images, kernels, m->N, m->K);
}

/* Row r's number in the sum's term t. Rows that a last group lacks are the last
   one again; columns are 0. */
static float number_at(const matrix *m, size_t r, size_t t)
{
    if (m->columns)
        return r < m->K ? m->x[t * m->K + r] : 0;
    return m->x[(r < m->N ? r : m->N - 1) * m->K + t];
}

/* A list holds what must be in it, in order, and nothing else. */
static void check_list(const matrix *m, const mnist_packed *packed, size_t g)
{
    const float *value = packed->value + g * packed->most * ROWS;
    const uint32_t *at = packed->at + g * packed->most;
    size_t t = 0, count = packed->count[g];
    assert_in_range(count, 0, terms_of(m));
    for (size_t k = 0; k < terms_of(m); k++) {
        float four[ROWS];
        bool any = false;
        for (size_t r = 0; r < ROWS; r++) {
            four[r] = number_at(m, g * ROWS + r, k);
            any |= four[r] != 0;
        }
        if (!any)
            continue;
        if (t >= count || at[t] != k)
            fail_msg("group %zu of %zux%zu: term %zu is not listed", g, m->N,
                     m->K, k);
        assert_same_floats("packed", value + t++ * ROWS, four, ROWS);
    }
    assert_int_equal(t, count);
}

/* Lists of some groups: theirs are right, and nobody else's is touched. */
static void check_part(const matrix *m, mnist_range part)
{
    packing p = make_packing(rows_of(m), terms_of(m));
    const mnist_packed *packed = &p.packed;
    pack(m, packed, part);
    for (size_t g = 0; g < mnist_packed_groups(rows_of(m)); g++) {
        const unsigned char *value =
            (const unsigned char *)(packed->value + g * packed->most * ROWS);
        if (g >= part.first && g < part.end) {
            check_list(m, packed, g);
            continue;
        }
        assert_int_equal(packed->count[g], 0xababababu);
        for (size_t i = 0; i < packed->most * ROWS * sizeof(float); i++)
            assert_int_equal(value[i], GUARD_BYTE);
        for (size_t t = 0; t < packed->most; t++)
            assert_int_equal(packed->at[g * packed->most + t], 0xababababu);
    }
    free(p.memory);
}

static void check_views(const float *x, const mnist_images *images, size_t N,
                        size_t K)
{
    for (unsigned columns = 0; columns < 2; columns++) {
        const matrix m = {x, images, N, K, columns};
        size_t groups = mnist_packed_groups(rows_of(&m));
        check_part(&m, (mnist_range){0, groups});
        check_part(&m, (mnist_range){0, groups / 2});
        check_part(&m, (mnist_range){groups / 2, groups});
        check_part(&m, (mnist_range){groups, groups});
    }
}

static const size_t shapes[][2] = {{1, 1},   {1, 70}, {70, 1}, {4, 4},
                                   {5, 7},   {3, 2},  {8, 12}, {13, 50},
                                   {66, 41}, {64, 64}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Each image ends where its memory does, for sanitizers to see. `kept` of 256
   pixels are not 0. */
static const uint8_t **make_images(mnist_random *r, size_t N, size_t K,
                                   uint32_t kept, float scale, float *x)
{
    const uint8_t **row = malloc(N * sizeof *row);
    assert_non_null(row);
    for (size_t n = 0; n < N; n++) {
        uint8_t *pixels = malloc(K);
        assert_non_null(pixels);
        for (size_t k = 0; k < K; k++) {
            bool keep = mnist_random_below(r, 256) < kept;
            pixels[k] = keep ? (uint8_t)mnist_random_below(r, 256) : 0;
            x[n * K + k] = (float)pixels[k] / scale;
        }
        row[n] = pixels;
    }
    return row;
}

static void free_images(const uint8_t **row, size_t N)
{
    for (size_t n = 0; n < N; n++)
        free((void *)(uintptr_t)row[n]);
    free(row);
}

static void set_numbers(mnist_images *images)
{
    for (size_t p = 0; p < 256; p++)
        images->value[p] = (float)p / images->scale;
}

static void lists_hold_what_is_not_zero(void **state)
{
    (void)state;
    static const float scales[] = {255, 1, 3.7f};
    static const uint32_t kept[] = {0, 20, 128, 256};
    static float x[MOST * MOST];
    mnist_random r = mnist_random_stream(3, MNIST_RANDOM_SYNTH, 0);
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < SHAPES; i++)
            for (size_t q = 0; q < 12; q++) {
                size_t N = shapes[i][0], K = shapes[i][1];
                mnist_images images = {.scale = scales[q % 3]};
                const uint8_t **row =
                    make_images(&r, N, K, kept[q / 3], images.scale, x);
                images.row = row;
                set_numbers(&images);
                check_views(x, &images, N, K);
                free_images(row, N);
            }
}

/* Adds what it is handed to where it belongs, once. */
typedef struct collector {
    float *c;
    size_t cols, rows;
    unsigned char *seen; /* rows that were handed over */
} collector;

static void collect(void *context, const mnist_product_block *part)
{
    collector *to = context;
    assert_int_equal(part->j, 0);
    assert_int_equal(part->cols, to->cols);
    for (size_t r = 0; r < part->rows; r++) {
        const float *c = part->c + r * part->c_row;
        assert_in_range(part->i + r, 0, to->rows - 1);
        assert_int_equal(to->seen[part->i + r]++, 0);
        memcpy(to->c + (part->i + r) * to->cols, c, to->cols * sizeof *c);
        for (size_t j = 0; part->zero && j < part->cols; j++)
            assert_true(c[j] == 0 && !signbit(c[j]));
    }
}

/* Chains of fma over all terms, none left out. */
static void multiply_all(const matrix *m, const float *b, size_t b_row,
                         size_t J, float *c)
{
    for (size_t r = 0; r < rows_of(m); r++)
        for (size_t j = 0; j < J; j++) {
            float s = 0;
            for (size_t t = 0; t < terms_of(m); t++)
                s = fmaf(number_at(m, r, t), b[t * b_row + j], s);
            c[r * J + j] = s;
        }
}

/* A product with a packed matrix, stored or taken, is that with all terms. */
static void check_product(const matrix *m, const float *b, size_t b_row,
                          size_t J)
{
    static float got[MOST * MOST], want[MOST * MOST];
    unsigned char seen[MOST] = {0};
    size_t rows = rows_of(m);
    const mnist_range groups = {0, mnist_packed_groups(rows)};
    collector to = {got, J, rows, seen};
    packing p = make_packing(rows, terms_of(m));
    mnist_packed_product product = {.a = &p.packed,
                                    .rows = rows,
                                    .b = b,
                                    .b_row = b_row,
                                    .cols = J,
                                    .c = got,
                                    .c_row = J,
                                    .take = collect,
                                    .context = &to};
    pack(m, &p.packed, groups);
    multiply_all(m, b, b_row, J, want);
    memset(got, GUARD_BYTE, sizeof got);
    mnist_packed_run(&product, mnist_kernels_now(), groups);
    assert_same_floats("stored", got, want, rows * J);
    if (rows * J < MOST * MOST)
        assert_int_equal(((unsigned char *)got)[rows * J * sizeof *got],
                         GUARD_BYTE);
    product.c = NULL;
    if (J <= MNIST_TILE_COLS) {
        memset(got, GUARD_BYTE, sizeof got);
        mnist_packed_run(&product, mnist_kernels_now(), groups);
        assert_same_floats("taken", got, want, rows * J);
    }
    free(p.memory);
}

static void leaving_out_zeros_changes_no_bit(void **state)
{
    (void)state;
    static float x[MOST * MOST], b[MOST * MOST];
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < SHAPES; i++) {
            mnist_images images = {.scale = 255};
            matrix m = {x, &images, shapes[i][0], shapes[i][1], false};
            mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, i);
            const uint8_t **row = make_images(&r, m.N, m.K, 50, 255, x);
            images.row = row;
            set_numbers(&images);
            fill_plain(&r, b, MOST * MOST);
            for (size_t J = 1; J <= MOST; J += J == 64 ? 6 : 21) {
                m.columns = false;
                check_product(&m, b, MOST, J);
                m.columns = true;
                check_product(&m, b, MOST, J);
            }
            free_images(row, m.N);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_hold_what_is_not_zero),
        cmocka_unit_test(leaving_out_zeros_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
