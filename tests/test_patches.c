/* Products as a convolution has them, against sums written out here, bit for
   bit: patches by a kernel, and elements by a gradient in chains of pictures.
 */
#include "kernels/product.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 5 pictures of 9x8x3 with windows of 3x2. */
static const mnist_window window = {9, 8, 3, 3, 2};
enum { PICTURES = 5, OH = 7, OW = 7, P = OH * OW, E = 18, F = 21, IMAGE = 216 };

static float pixel(const float *x, size_t patch, size_t e)
{
    size_t n = patch / P, oy = patch % P / OW, ox = patch % OW;
    size_t ky = e / 6, kx = e / 3 % 2, c = e % 3;
    return x[((n * 9 + oy + ky) * 8 + ox + kx) * 3 + c];
}

static void multiply(const mnist_product *product, size_t M, const float *want)
{
    const mnist_kernels *k = mnist_kernels_now();
    for (unsigned narrow = 0; narrow < 2; narrow++) {
        memset(product->c, 0xff, M * F * sizeof(float));
        mnist_product_run(product, narrow ? &k->narrow : &k->wide,
                          (mnist_range){0, M}, (mnist_range){0, F});
        assert_same_floats(k->name, product->c, want, M * F);
    }
}

static void patches_are_multiplied_where_they_lie(void **state)
{
    (void)state;
    static float x[PICTURES * IMAGE], w[E * F], got[PICTURES * P * F];
    static float want[PICTURES * P * F];
    mnist_term term[E];
    mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    fill_plain(&r, x, PICTURES * IMAGE);
    fill_plain(&r, w, E * F);
    for (size_t p = 0; p < PICTURES * P; p++)
        for (size_t f = 0; f < F; f++) {
            float s = 0;
            for (size_t e = 0; e < E; e++)
                s = fmaf(pixel(x, p, e), w[e * F + f], s);
            want[p * F + f] = s;
        }
    mnist_terms(E, mnist_axis_elements(&window), mnist_axis_stride(F), term);
    const mnist_product product = {
        .a = x,
        .rows = mnist_axis_patches(&window),
        .b = w,
        .term = term,
        .chains = 1,
        .K_last = E,
        .c = got,
        .c_row = F,
    };
    for (size_t set = 0; use_kernel_set(set); set++)
        multiply(&product, PICTURES * P, want);
}

static void elements_are_multiplied_picture_by_picture(void **state)
{
    (void)state;
    enum { TOGETHER = 2 };
    static float x[PICTURES * IMAGE], dy[PICTURES * P * F];
    float got[E * F], want[E * F] = {0};
    mnist_term term[TOGETHER * P];
    mnist_random r = mnist_random_stream(2, MNIST_RANDOM_SYNTH, 0);
    fill_plain(&r, x, PICTURES * IMAGE);
    fill_plain(&r, dy, PICTURES * P * F);
    for (size_t i = 0; i < E * F; i++)
        for (size_t p = 0; p < PICTURES * P;) {
            float s = 0;
            size_t from = p, end = p + TOGETHER * P;
            for (; p < end && p < PICTURES * P; p++)
                s = fmaf(pixel(x, p, i / F), dy[p * F + i % F], s);
            want[i] = from ? want[i] + s : s;
        }
    mnist_terms(TOGETHER * P, mnist_axis_patches(&window), mnist_axis_stride(F),
                term);
    const mnist_product product = {
        .a = x,
        .rows = mnist_axis_elements(&window),
        .b = dy,
        .term = term,
        .chains = 3,
        .K = TOGETHER * P,
        .K_last = P,
        .a_step = TOGETHER * IMAGE,
        .b_step = TOGETHER * P * F,
        .c = got,
        .c_row = F,
    };
    for (size_t set = 0; use_kernel_set(set); set++)
        multiply(&product, E, want);
}

/* Half a million terms of one sign: one chain would lose four digits. */
static void long_sums_keep_their_digits(void **state)
{
    (void)state;
    enum { CHAINS_OF_256 = 1 << 11, K = CHAINS_OF_256 * 256 };
    static float a[K], b[K];
    mnist_term term[256];
    float got;
    double exact = 0;
    mnist_random r = mnist_random_stream(3, MNIST_RANDOM_SYNTH, 0);
    for (size_t k = 0; k < K; k++) {
        a[k] = mnist_random_float(&r);
        b[k] = mnist_random_float(&r);
        exact += (double)a[k] * (double)b[k];
    }
    mnist_terms(256, mnist_axis_stride(1), mnist_axis_stride(1), term);
    const mnist_product product = {.a = a,
                                   .b = b,
                                   .term = term,
                                   .chains = CHAINS_OF_256,
                                   .K = 256,
                                   .K_last = 256,
                                   .a_step = 256,
                                   .b_step = 256,
                                   .c = &got,
                                   .c_row = 1};
    mnist_product_run(&product, &mnist_kernels_now()->wide, (mnist_range){0, 1},
                      (mnist_range){0, 1});
    assert_near("in chains", (double)got, exact, 2e-6, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_are_multiplied_where_they_lie),
        cmocka_unit_test(elements_are_multiplied_picture_by_picture),
        cmocka_unit_test(long_sums_keep_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
