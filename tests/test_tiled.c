/* Products with pixels on matrix tiles: the parts of a float32 are exactly it,
   and both products are right, closer to float64 than chains of fma, at sizes
   that fill no tile; and the step of RMSprop that goes with them. */
#include "kernels/tiled.h"

#include "support/compare.h"
#include "support/numbers.h"

#include <mnist/synth.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    SQUARE = MNIST_SQUARE,
    TERMS = MNIST_TILE_TERMS,
    TILE = 16 * TERMS,
    B_ROW = SQUARE + 3,
    WORKERS = 3
};

static const mnist_tiles *tiles;

static int find_tiles(void **state)
{
    const char *why;
    (void)state;
    tiles = mnist_tiles_now(&why);
    if (!tiles)
        printf("skipped: %s\n", why);
    return 0;
}

/* ---- Parts ---- */

static float bfloat16(uint16_t upper)
{
    uint32_t bits = (uint32_t)upper << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The sum of the parts of row k, column j; exact in double. */
static double parts_sum(const uint16_t *parts, size_t k, size_t j)
{
    double sum = 0;
    for (size_t part = 0; part < MNIST_PARTS; part++) {
        size_t tile = (k / TERMS * MNIST_PARTS + part) * 2 + j / 16;
        size_t row = k % TERMS / 2;
        sum += (double)bfloat16(
            parts[tile * TILE + row * TERMS + j % 16 * 2 + k % 2]);
    }
    return sum;
}

static void check_split(const float *b, const uint32_t *at, size_t K,
                        size_t cols)
{
    uint16_t parts[3 * MNIST_PARTS * 2 * TILE];
    size_t whole = (K + TERMS - 1) / TERMS * TERMS;
    memset(parts, 0xab, sizeof parts);
    tiles->split(b, B_ROW, at, K, cols, parts);
    for (size_t k = 0; k < whole; k++)
        for (size_t j = 0; j < SQUARE; j++) {
            double want =
                k < K && j < cols ? (double)b[(at ? at[k] : k) * B_ROW + j] : 0;
            assert_true(parts_sum(parts, k, j) == want);
        }
}

static void test_split(void **state)
{
    enum { ROWS = 90 };
    static const size_t K[] = {1, 2, 31, 32, 33, 64, 65},
                        cols[] = {1, 16, 17, 31, 32};
    mnist_random random = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    float b[ROWS * B_ROW];
    uint32_t at[ROWS];
    (void)state;
    if (!tiles)
        skip();
    fill_plain(&random, b, ROWS * B_ROW);
    for (size_t i = 0; i < ROWS * B_ROW; i += 7) /* of many sizes */
        b[i] = ldexpf(b[i], (int)(i % 190) - 95);
    b[5] = -0x1.fffffep100f;
    for (size_t i = 0; i < ROWS; i++)
        at[i] = (uint32_t)(i + i / 3 < ROWS ? i + i / 3 : ROWS - 1);
    for (size_t i = 0; i < sizeof K / sizeof *K; i++)
        for (size_t j = 0; j < sizeof cols / sizeof *cols; j++) {
            check_split(b, NULL, K[i], cols[j]);
            check_split(b, at, K[i], cols[j]);
        }
}

/* ---- Products ---- */

/* Images in tiles, packed by some workers one after the other. */
typedef struct {
    size_t N, pixels, cols;
    uint8_t *pixel;
    const uint8_t **row;
    mnist_images images;
    void *memory;
    mnist_tiled tiled;
    float *w, *dy; /* pixels, or N, rows of B_ROW */
} batch;

static float *random_floats(mnist_random *random, size_t n)
{
    float *x = malloc(n * sizeof *x);
    assert_non_null(x);
    fill_plain(random, x, n);
    return x;
}

static void pack(batch *b)
{
    for (unsigned i = 0; i < WORKERS; i++)
        mnist_tiled_touch(&b->tiled, tiles, &b->images, b->N, i, WORKERS);
    for (unsigned i = 0; i < WORKERS; i++)
        mnist_tiled_pack(&b->tiled, tiles, &b->images, b->N, i, WORKERS);
}

/* Pixels of drawn digits, one after the other, as many as it takes. */
static batch make_batch(size_t N, size_t pixels, size_t cols, bool black)
{
    batch b = {.N = N, .pixels = pixels, .cols = cols};
    mnist_random random = mnist_random_stream(N, MNIST_RANDOM_SYNTH, pixels);
    size_t bytes = mnist_tiled_bytes(N, pixels, WORKERS);
    uint8_t digit[28 * 28];
    b.pixel = calloc(N, pixels);
    b.row = malloc(N * sizeof *b.row);
    b.memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_true(b.pixel && b.row && b.memory);
    memset(b.memory, 0xab, bytes);
    for (size_t i = 0; i < N * pixels && !black; i++) {
        if (i % sizeof digit == 0)
            mnist_synth_digit(digit, 28, 28, N, i);
        b.pixel[i] = digit[i % sizeof digit];
    }
    for (size_t n = 0; n < N; n++)
        b.row[n] = b.pixel + n * pixels;
    b.images.row = b.row;
    b.images.scale = 255;
    b.tiled = mnist_tiled_place(b.memory, N, pixels, WORKERS);
    b.w = random_floats(&random, pixels * B_ROW);
    b.dy = random_floats(&random, N * B_ROW);
    pack(&b);
    return b;
}

static void free_batch(batch *b)
{
    free(b->dy);
    free(b->w);
    free(b->memory);
    free(b->row);
    free(b->pixel);
}

/* How far two ways of computing are from float64, in all. */
typedef struct {
    double fast, strict, size;
} distance;

static void add(distance *d, double fast, double strict, double exact,
                double magnitude)
{
    d->fast += (fast - exact) * (fast - exact);
    d->strict += (strict - exact) * (strict - exact);
    d->size += exact * exact;
    /* Half a unit of a float for each number and its parts' sum. */
    assert_true(fabs(fast - exact) <= 0x1p-22 * magnitude);
}

static void check_forward(const batch *b, distance *d)
{
    const mnist_tiled_product p = {&b->tiled, tiles, b->N,   1,
                                   b->w,      B_ROW, b->cols};
    tiles->begin();
    const float *y = mnist_tiled_forward(&p);
    tiles->end();
    for (size_t n = 0; n < b->N; n++)
        for (size_t j = 0; j < b->cols; j++) {
            double exact = 0, magnitude = 0;
            float strict = 0;
            for (size_t i = 0; i < b->pixels; i++) {
                uint8_t pixel = b->row[n][i];
                float w = b->w[i * B_ROW + j];
                exact += pixel * (double)w / 255;
                magnitude += fabs(pixel * (double)w / 255);
                strict = fmaf((float)pixel / 255, w, strict);
            }
            add(d, (double)y[n * SQUARE + j], (double)strict, exact, magnitude);
        }
}

/* Takes all of dw once. */
typedef struct {
    float *dw;
    int *taken; /* by pixel */
    const batch *batch;
} taker;

static bool is_touched(const batch *b, size_t pixel)
{
    for (size_t n = 0; n < b->N; n++)
        if (b->row[n][pixel])
            return true;
    return false;
}

static void take(void *context, const mnist_product_block *part)
{
    taker *t = context;
    assert_int_equal(part->j, 0);
    assert_int_equal(part->cols, t->batch->cols);
    for (size_t r = 0; r < part->rows; r++) {
        size_t i = part->i + r;
        assert_true(i < t->batch->pixels);
        assert_int_equal(part->zero, !is_touched(t->batch, i));
        t->taken[i]++;
        for (size_t j = 0; j < part->cols; j++)
            t->dw[i * SQUARE + j] = part->c[r * part->c_row + j];
    }
    /* It may be changed by who takes it. */
    part->c[0] = 99;
}

static void check_gradient(const batch *b, distance *d)
{
    size_t dy_bytes = b->N * B_ROW * sizeof *b->dy;
    float *scaled = malloc(dy_bytes);
    assert_non_null(scaled);
    memcpy(scaled, b->dy, dy_bytes);
    tiles->divide(b->N * B_ROW, b->images.scale, scaled);
    const mnist_tiled_product p = {&b->tiled, tiles, b->N,   2,
                                   scaled,    B_ROW, b->cols};
    taker t = {malloc(b->pixels * SQUARE * sizeof *t.dw),
               calloc(b->pixels, sizeof *t.taken), b};
    tiles->begin();
    mnist_tiled_gradient(&p, take, &t);
    tiles->end();
    for (size_t i = 0; i < b->pixels; i++) {
        assert_int_equal(t.taken[i], 1);
        for (size_t j = 0; j < b->cols; j++) {
            double exact = 0, magnitude = 0;
            float strict = 0;
            for (size_t n = 0; n < b->N; n++) {
                float dy = b->dy[n * B_ROW + j];
                exact += b->row[n][i] * (double)dy / 255;
                magnitude += fabs(b->row[n][i] * (double)dy / 255);
                strict = fmaf((float)b->row[n][i] / 255, dy, strict);
            }
            add(d, (double)t.dw[i * SQUARE + j], (double)strict, exact,
                magnitude);
        }
    }
    free(t.taken);
    free(t.dw);
    free(scaled);
}

/* Of many sums, each of many terms: the root mean square of the error, as a
   share of that of the sums. */
static void assert_closer(const char *what, const distance *d)
{
    double fast = sqrt(d->fast / d->size), strict = sqrt(d->strict / d->size);
    printf("%s: relative error %.2g, with fma %.2g\n", what, fast, strict);
    assert_true(fast <= strict);
}

static void test_products_of_a_batch(void **state)
{
    (void)state;
    if (!tiles)
        skip();
    distance forward = {0}, gradient = {0};
    batch b = make_batch(128, 784, SQUARE, false);
    check_forward(&b, &forward);
    check_gradient(&b, &gradient);
    assert_closer("forward", &forward);
    assert_closer("gradient", &gradient);
    free_batch(&b);
}

static void check_size(size_t N, size_t pixels, size_t cols, bool black)
{
    distance ignored = {0};
    batch b = make_batch(N, pixels, cols, black);
    check_forward(&b, &ignored);
    check_gradient(&b, &ignored);
    free_batch(&b);
}

static void test_products_of_awkward_sizes(void **state)
{
    static const size_t N[] = {1, 15, 16, 17, 31, 33, 70},
                        pixels[] = {1, 63, 64, 65, 200}, cols[] = {1, 16, 17};
    (void)state;
    if (!tiles)
        skip();
    for (size_t i = 0; i < sizeof N / sizeof *N; i++)
        for (size_t j = 0; j < sizeof pixels / sizeof *pixels; j++)
            for (size_t k = 0; k < sizeof cols / sizeof *cols; k++)
                check_size(N[i], pixels[j], cols[k], false);
}

/* Nothing is touched: y is 0, and so is all of the gradient. */
static void test_products_of_black_images(void **state)
{
    (void)state;
    if (!tiles)
        skip();
    check_size(40, 100, 20, true);
}

/* ---- RMSprop ---- */

/* With momentum, or centered, there is no short cut; without, v has the strict
   bits and w's step is right to a few parts in 2^23. */
static void check_rmsprop(size_t n, bool momentum, bool centered)
{
    enum { ROWS = 3, ROW = 70, ALL = ROWS * ROW };
    const mnist_rmsprop_factors f = {0.001f, 0.9f, 0.1f, momentum ? 0.5f : 0,
                                     1e-7f};
    mnist_random random = mnist_random_stream(n, MNIST_RANDOM_SYNTH, 2);
    float g[ALL], w[2][ALL], v[2][ALL], s[2][ALL] = {{0}}, a[2][ALL] = {{0}};
    fill_plain(&random, g, ALL);
    fill_plain(&random, w[0], ALL);
    fill_plain(&random, v[0], ALL);
    for (size_t i = 0; i < ALL; i++)
        v[0][i] = ldexpf(fabsf(v[0][i]), -(int)(i % 150));
    g[1] = g[2] = 0;
    memcpy(w[1], w[0], sizeof *w);
    memcpy(v[1], v[0], sizeof *v);
    for (size_t i = 0; i < 2; i++) {
        const mnist_rmsprop_rows rows = {ROWS,
                                         n,
                                         ROW,
                                         w[i],
                                         v[i],
                                         momentum ? s[i] : NULL,
                                         centered ? a[i] : NULL,
                                         g,
                                         ROW};
        (i ? tiles->rmsprop : mnist_kernels_now()->rmsprop)(&f, &rows);
    }
    assert_same_floats("v", v[1], v[0], ALL);
    if (momentum || centered)
        assert_same_floats("w", w[1], w[0], ALL);
    for (size_t i = 0; i < ALL; i++) {
        double step = 0.001 * fabs((double)g[i]) / sqrt((double)v[0][i] + 1e-7);
        assert_true(fabs((double)w[1][i] - (double)w[0][i]) <=
                    0x1p-22 * step + 0x1p-23 * fabs((double)w[0][i]));
    }
}

static void test_rmsprop(void **state)
{
    static const size_t n[] = {1, 15, 16, 17, 32, 47, 70};
    (void)state;
    if (!tiles)
        skip();
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        check_rmsprop(n[i], false, false);
        check_rmsprop(n[i], true, false);
        check_rmsprop(n[i], false, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_products_of_a_batch),
        cmocka_unit_test(test_products_of_awkward_sizes),
        cmocka_unit_test(test_products_of_black_images),
        cmocka_unit_test(test_rmsprop),
    };
    return cmocka_run_group_tests(tests, find_tiles, NULL);
}
