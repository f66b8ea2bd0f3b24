/* The sums of a convolution, in the order and the chains that conv2d.c tells,
   against plain loops over rows of values, bit for bit; and their accuracy. */
#include "layers/kinds.h"

#include "support/blocks.h"
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

/* N pictures of H x W x C, and all that belongs to them, as rows. */
typedef struct sums {
    size_t N, H, W, C, KH, KW, F, OH, OW;
    float *x, *w, *b, *y, *dy, *dw, *db, *dx;
} sums;

static float *at_x(const sums *s, float *x, size_t n, size_t i, size_t j)
{
    return x + ((n * s->H + i) * s->W + j) * s->C;
}

static float *at_y(const sums *s, float *y, size_t n, size_t i, size_t j)
{
    return y + ((n * s->OH + i) * s->OW + j) * s->F;
}

static const float *at_w(const sums *s, size_t ky, size_t kx, size_t c)
{
    return s->w + ((ky * s->KW + kx) * s->C + c) * s->F;
}

static float one_y(const sums *s, size_t n, size_t oy, size_t ox, size_t f)
{
    float sum = 0;
    for (size_t ky = 0; ky < s->KH; ky++)
        for (size_t kx = 0; kx < s->KW; kx++)
            for (size_t c = 0; c < s->C; c++)
                sum = fmaf(at_x(s, s->x, n, oy + ky, ox + kx)[c],
                           at_w(s, ky, kx, c)[f], sum);
    return sum + s->b[f];
}

static float one_dx(const sums *s, size_t n, size_t iy, size_t ix, size_t c)
{
    float sum = 0;
    for (size_t oy = 0; oy < s->OH; oy++)
        for (size_t ox = 0; ox < s->OW; ox++)
            for (size_t f = 0; f < s->F && oy <= iy && iy < oy + s->KH &&
                               ox <= ix && ix < ox + s->KW;
                 f++)
                sum = fmaf(at_y(s, s->dy, n, oy, ox)[f],
                           at_w(s, iy - oy, ix - ox, c)[f], sum);
    return sum;
}

/* Of one lane of a group, from picture `first` on: every 16th. Chains of as
   many rows as make 36 places, or of as many pictures. e past the window is
   db. */
static float one_lane(const sums *s, size_t first, size_t e, size_t f)
{
    size_t rows = (36 + s->OW - 1) / s->OW;
    size_t pictures = rows < s->OH ? 1 : rows / s->OH, line = s->KW * s->C;
    bool bias = e == s->KH * line;
    float total = 0, chain = 0;
    for (size_t k = 0; k < 4 && first + 16 * k < s->N; k++)
        for (size_t oy = 0; oy < s->OH; oy++) {
            for (size_t ox = 0; ox < s->OW; ox++)
                chain = fmaf(bias ? 1.0f
                                  : at_x(s, s->x, first + 16 * k, oy + e / line,
                                         ox)[e % line],
                             at_y(s, s->dy, first + 16 * k, oy, ox)[f], chain);
            bool last = oy + 1 == s->OH;
            if (last ? (k + 1) % pictures == 0 : (oy + 1) % rows == 0) {
                total += chain;
                chain = 0;
            }
        }
    return total + chain;
}

static float one_dw(const sums *s, size_t e, size_t f)
{
    float sum = 0;
    for (size_t first = 0; first < s->N; first += 64) {
        float lane[16];
        for (size_t l = 0; l < 16; l++)
            lane[l] = one_lane(s, first + l, e, f);
        for (size_t half = 8; half > 0; half /= 2)
            for (size_t l = 0; l < half; l++)
                lane[l] += lane[l + half];
        sum += lane[0];
    }
    return sum;
}

static float *floats(mnist_random *r, size_t n)
{
    float *x = malloc(n * sizeof *x);
    assert_non_null(x);
    fill_plain(r, x, n);
    return x;
}

static void fill_sums(sums *s)
{
    const size_t E = s->KH * s->KW * s->C;
    for (size_t n = 0; n < s->N; n++) {
        for (size_t i = 0; i < s->OH * s->OW * s->F; i++)
            s->y[n * s->OH * s->OW * s->F + i] =
                one_y(s, n, i / s->F / s->OW, i / s->F % s->OW, i % s->F);
        for (size_t i = 0; i < s->H * s->W * s->C; i++)
            s->dx[n * s->H * s->W * s->C + i] =
                one_dx(s, n, i / s->C / s->W, i / s->C % s->W, i % s->C);
    }
    for (size_t i = 0; i < E * s->F; i++)
        s->dw[i] = one_dw(s, i / s->F, i % s->F);
    for (size_t f = 0; f < s->F; f++)
        s->db[f] = one_dw(s, E, f);
}

/* Runs the layer on an engine; what stands in the lanes of x without a picture
   must not matter. */
static void compare_layer(const sums *s, unsigned threads)
{
    const size_t in = s->H * s->W * s->C, out = s->OH * s->OW * s->F;
    const size_t kernel = s->KH * s->KW * s->C * s->F;
    const mnist_engine engine = start_engine(threads);
    float *w = malloc((kernel + s->F) * sizeof *w);
    float *gradient = malloc((kernel + s->F) * sizeof *gradient);
    memcpy(w, s->w, kernel * sizeof *w);
    memcpy(w + kernel, s->b, s->F * sizeof *w);
    const mnist_layer layer = {.kind = &mnist_layer_conv2d,
                               .in = {s->H, s->W, s->C, 0},
                               .out = {s->OH, s->OW, s->F, 0},
                               .units = s->F,
                               .height = s->KH,
                               .width = s->KW,
                               .tensor = {{.data = w}, {.data = w + kernel}}};
    mnist_pass pass = {.engine = &engine, .N = s->N};
    pass.scratch_size = layer.kind->scratch(&layer, s->N);
    pass.scratch = calloc(threads * pass.scratch_size, sizeof *pass.scratch);
    pass.shared = calloc(layer.kind->shared(&layer, s->N), 1);
    pass.kept = calloc(layer.kind->kept(&layer), sizeof *pass.kept);
    float *x = blocks_of(s->N, in, s->x, 77),
          *dx = blocks_of(s->N, in, s->x, 0);
    float *dy = blocks_of(s->N, out, s->dy, 0);
    float *y = blocks_of(s->N, out, s->dy, 0),
          *rows = malloc(s->N * (in + out) * sizeof *rows);
    assert_true(w && gradient && rows);
    assert_true(pass.scratch && pass.shared && pass.kept);
    const mnist_sink sink = {.w = w, .gradient = gradient};
    layer.kind->forward(&layer, &pass, x, y);
    rows_of(s->N, out, y, rows);
    assert_same_floats("y", rows, s->y, s->N * out);
    layer.kind->prepare(&layer, &pass);
    layer.kind->backward_blocks(&layer, &pass, x, y, dy, dx);
    layer.kind->learn(&layer, &pass, x, y, &sink);
    rows_of(s->N, in, dx, rows);
    assert_same_floats("dx", rows, s->dx, s->N * in);
    assert_same_floats("dw", gradient, s->dw, kernel);
    assert_same_floats("db", gradient + kernel, s->db, s->F);
    float *const all[] = {w, gradient, pass.scratch, pass.shared, pass.kept,
                          x, dx,       dy,           y,           rows};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    stop_engine(&engine);
}

static void check_sums(sums s)
{
    mnist_random r = mnist_random_stream(s.N, MNIST_RANDOM_SYNTH, s.F);
    const size_t in = s.N * s.H * s.W * s.C, kernel = s.KH * s.KW * s.C * s.F;
    s.OH = s.H - s.KH + 1;
    s.OW = s.W - s.KW + 1;
    const size_t out = s.N * s.OH * s.OW * s.F;
    float **const all[] = {&s.x, &s.w, &s.b, &s.y, &s.dy, &s.dw, &s.db, &s.dx};
    const size_t size[] = {in, kernel, s.F, out, out, kernel, s.F, in};
    for (size_t i = 0; i < 8; i++)
        *all[i] = floats(&r, size[i]);
    fill_sums(&s);
    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned threads = 1; threads <= 3; threads++)
            compare_layer(&s, threads);
    for (size_t i = 0; i < 8; i++)
        free(*all[i]);
}

/* One picture, a whole block, more than a group; chains of some rows, of all of
   a picture, of some pictures; windows as large as the picture. */
static void sums_are_in_the_order_that_is_told(void **state)
{
    (void)state;
    check_sums(
        (sums){.N = 70, .H = 9, .W = 8, .C = 3, .KH = 3, .KW = 2, .F = 9});
    check_sums(
        (sums){.N = 1, .H = 9, .W = 21, .C = 1, .KH = 3, .KW = 3, .F = 6});
    check_sums(
        (sums){.N = 64, .H = 5, .W = 5, .C = 4, .KH = 3, .KW = 3, .F = 17});
    check_sums(
        (sums){.N = 81, .H = 4, .W = 6, .C = 2, .KH = 4, .KW = 6, .F = 5});
    check_sums(
        (sums){.N = 16, .H = 7, .W = 2, .C = 17, .KH = 1, .KW = 2, .F = 1});
    check_sums(
        (sums){.N = 33, .H = 3, .W = 9, .C = 5, .KH = 2, .KW = 7, .F = 3});
}

/* Sums over 67,600 patches: in one chain they would lose a digit. */
static void gradients_of_many_patches_keep_their_digits(void **state)
{
    (void)state;
    enum { N = 100, SIDE = 28, OUT = 26, TAPS = 9 };
    static float x[N * SIDE * SIDE], dy[N * OUT * OUT];
    float w[TAPS + 1] = {0}, gradient[TAPS + 1];
    double exact[TAPS] = {0}, sum = 0;
    mnist_random r = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] = mnist_random_float(&r);
    for (size_t p = 0; p < sizeof dy / sizeof *dy; p++) {
        const float *corner =
            x + p / (OUT * OUT) * SIDE * SIDE + p / OUT % OUT * SIDE + p % OUT;
        dy[p] = mnist_random_float(&r);
        sum += (double)dy[p];
        for (size_t e = 0; e < TAPS; e++)
            exact[e] += (double)dy[p] * (double)corner[e / 3 * SIDE + e % 3];
    }
    const mnist_engine engine = start_engine(2);
    const mnist_layer layer = {.kind = &mnist_layer_conv2d,
                               .in = {SIDE, SIDE, 1, 0},
                               .out = {OUT, OUT, 1, 0},
                               .units = 1,
                               .height = 3,
                               .width = 3,
                               .tensor = {{.data = w}, {.data = w + TAPS}}};
    mnist_pass pass = {.engine = &engine, .N = N};
    pass.scratch_size = layer.kind->scratch(&layer, N);
    pass.scratch = calloc(2 * pass.scratch_size, sizeof *pass.scratch);
    pass.shared = calloc(layer.kind->shared(&layer, N), 1);
    assert_true(pass.scratch && pass.shared);
    const mnist_sink sink = {.w = w, .gradient = gradient};
    float *x_blocks = blocks_of(N, SIDE * SIDE, x, 3);
    float *dy_blocks = blocks_of(N, OUT * OUT, dy, 0);
    layer.kind->learn(&layer, &pass, x_blocks, dy_blocks, &sink);
    free(x_blocks);
    free(dy_blocks);
    assert_close("dw", gradient, exact, TAPS, 1e-6, 0);
    assert_near("db", (double)gradient[TAPS], sum, 1e-6, 0);
    free(pass.scratch);
    free(pass.shared);
    stop_engine(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_in_the_order_that_is_told),
        cmocka_unit_test(gradients_of_many_patches_keep_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
