/* Packed images, which leave out zeros, against their definition: all groups,
   or a worker's part of them, of rows and of columns; and products with them.
 */
#include "kernels/alike.h"
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

/* Which row of the matrix is packed row r. */
static size_t row_at(const matrix *m, const mnist_packed *packed, size_t r)
{
    return m->columns ? r : packed->row[r];
}

/* Row r's number in the sum's term t. */
static float number_at(const matrix *m, size_t r, size_t t)
{
    return m->columns ? m->x[t * m->K + r] : m->x[r * m->K + t];
}

/* That of a packed row. Rows that a last group lacks are the last one again;
   columns are 0. */
static float packed_number(const matrix *m, const mnist_packed *packed,
                           size_t r, size_t t)
{
    size_t rows = rows_of(m);
    if (r >= rows && m->columns)
        return 0;
    return number_at(m, row_at(m, packed, r < rows ? r : rows - 1), t);
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
            four[r] = packed_number(m, packed, g * ROWS + r, k);
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

/* Packed in blocks, the rows of a block are its own, each once. */
static void check_rows(const matrix *m, const mnist_packed *packed)
{
    unsigned char seen[MOST] = {0};
    for (size_t r = 0; r < m->N; r++) {
        assert_in_range(packed->row[r], 0, m->N - 1);
        assert_int_equal(packed->row[r] / MNIST_ALIKE_MOST,
                         r / MNIST_ALIKE_MOST);
        assert_int_equal(seen[packed->row[r]]++, 0);
    }
}

/* Lists of some groups: theirs are right, and nobody else's is touched. */
static void check_part(const matrix *m, mnist_range part)
{
    packing p = make_packing(rows_of(m), terms_of(m));
    const mnist_packed *packed = &p.packed;
    pack(m, packed, part);
    if (!m->columns && part.end - part.first == mnist_packed_groups(m->N))
        check_rows(m, packed);
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
        for (size_t r = g * ROWS; r < (g + 1) * ROWS && r < rows_of(m); r++)
            assert_int_equal(packed->row[r], 0xababababu);
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

/* Puts what it is handed to where it belongs, once. */
typedef struct collector {
    const matrix *m;
    const mnist_packed *packed;
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
        size_t row = row_at(to->m, to->packed, part->i + r);
        assert_int_equal(to->seen[row]++, 0);
        memcpy(to->c + row * to->cols, c, to->cols * sizeof *c);
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

/* A product with a packed matrix is that with all terms. */
static void check_product(const matrix *m, const float *b, size_t b_row,
                          size_t J)
{
    static float got[MOST * MOST], want[MOST * MOST];
    unsigned char seen[MOST] = {0};
    size_t rows = rows_of(m);
    const mnist_range groups = {0, mnist_packed_groups(rows)};
    packing p = make_packing(rows, terms_of(m));
    collector to = {m, &p.packed, got, J, rows, seen};
    const mnist_packed_product product = {.a = &p.packed,
                                          .rows = rows,
                                          .b = b,
                                          .b_row = b_row,
                                          .cols = J,
                                          .take = collect,
                                          .context = &to};
    pack(m, &p.packed, groups);
    multiply_all(m, b, b_row, J, want);
    memset(got, GUARD_BYTE, sizeof got);
    mnist_packed_run(&product, mnist_kernels_now(), groups);
    assert_same_floats("taken", got, want, rows * J);
    for (size_t r = 0; r < rows; r++)
        assert_int_equal(seen[r], 1);
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
            for (size_t J = 1; J <= MNIST_TILE_COLS; J += 21) {
                m.columns = false;
                check_product(&m, b, MOST, J);
                m.columns = true;
                check_product(&m, b, MOST, J);
            }
            free_images(row, m.N);
        }
}

/* Sixteen kinds of images, four of each, in an order in which those of a kind
   lie far from each other, with other grey values: a group has one kind, for
   all sets. With fewer pixels than eight there is nothing to go by. */
static void images_that_are_alike_are_packed_together(void **state)
{
    (void)state;
    static const size_t sizes[] = {7, 784, 2100};
    enum { KINDS = 16, MANY = KINDS * ROWS };
    mnist_random r = mnist_random_stream(7, MNIST_RANDOM_SYNTH, 0);
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t q = 0; q < sizeof sizes / sizeof *sizes; q++) {
            static float x[MANY * 2100];
            size_t K = sizes[q];
            const uint8_t **row = make_images(&r, MANY, K, 0, 255, x);
            const mnist_images images = {.row = row, .scale = 255};
            uint32_t order[MANY];
            for (size_t n = 0; n < MANY; n++)
                for (size_t k = n % KINDS * (K / KINDS), i = 0; i < K / KINDS;
                     i++)
                    ((uint8_t *)(uintptr_t)row[n])[k + i] =
                        (uint8_t)(1 + mnist_random_below(&r, 255));
            mnist_order_alike(&images, mnist_kernels_now(), K, 0, MANY, order);
            for (size_t i = 0; i < MANY; i++)
                if (K < 8)
                    assert_in_range(order[i], 0, MANY - 1);
                else
                    assert_int_equal(order[i] % KINDS,
                                     order[i / ROWS * ROWS] % KINDS);
            free_images(row, MANY);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_that_are_alike_are_packed_together),
        cmocka_unit_test(lists_hold_what_is_not_zero),
        cmocka_unit_test(leaving_out_zeros_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
