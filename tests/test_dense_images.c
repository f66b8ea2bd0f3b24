/* A dense layer whose input is images, which leaves out zeros, against the same
   layer on the same pixels as numbers, bit for bit. */
#include "layers/affine.h"
#include "layers/kinds.h"

#include "support/compare.h"
#include "support/numbers.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* N images of I pixels for J units. */
typedef struct image_case {
    size_t N, I, J;
    const mnist_layer_kind *activation;
} image_case;

/* Of no more than one part, and of several: 4 columns of 1,200 images take 24
   KB; with rows and columns for all workers, and too few. */
static const image_case cases[] = {
    {1, 1, 17, NULL},
    {21, 25, 17, &mnist_layer_relu},
    {66, 51, 40, &mnist_layer_tanh},
    {5, 9, 130, &mnist_layer_relu},
    {130, 784, 70, &mnist_layer_relu},
    {1200, 90, 17, &mnist_layer_relu},
};

/* What comes out; gradients of one block: w, then b. */
typedef struct outcome {
    float *y, *gradient;
} outcome;

static const image_case *current;
static uint8_t *pixels;
static const uint8_t **row;
static float *x, *parameters, *dy;
static mnist_images images;

static size_t parameters_of(const image_case *c)
{
    return (c->I + 1) * c->J;
}

static void *room_for(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    assert_non_null(memory);
    return memory;
}

static void make_inputs(const image_case *c)
{
    mnist_random r = mnist_random_stream(c->N, MNIST_RANDOM_SYNTH, c->J);
    size_t P = parameters_of(c);
    pixels = room_for(c->N * c->I, 1);
    row = room_for(c->N, sizeof *row);
    x = room_for(c->N * c->I, sizeof *x);
    parameters = room_for(P, sizeof *parameters);
    dy = room_for(c->N * c->J, sizeof *dy);
    images = (mnist_images){.row = row, .scale = 255};
    for (size_t p = 0; p < 256; p++)
        images.value[p] = (float)p / 255;
    for (size_t i = 0; i < c->N * c->I; i++) {
        if (mnist_random_below(&r, 5) == 0)
            pixels[i] = (uint8_t)mnist_random_below(&r, 256);
        x[i] = images.value[pixels[i]];
    }
    for (size_t n = 0; n < c->N; n++)
        row[n] = pixels + n * c->I;
    fill_plain(&r, parameters, P);
    fill_plain(&r, dy, c->N * c->J);
}

static void free_inputs(void)
{
    free(pixels);
    free(row);
    free(x);
    free(parameters);
    free(dy);
}

/* Forward and backward on the images, or on numbers. */
static outcome run_layer(const mnist_engine *engine, bool on_images)
{
    const image_case *c = current;
    const mnist_layer layer = {
        .kind = &mnist_layer_dense,
        .in = {1, 1, c->I, 1},
        .out = {1, 1, c->J, 1},
        .units = c->J,
        .activation = c->activation,
        .tensors = 2,
        .tensor = {{.data = parameters, .count = c->I * c->J},
                   {.data = parameters + c->I * c->J, .count = c->J}},
    };
    outcome o = {room_for(c->N * c->J, sizeof *o.y),
                 room_for(parameters_of(c), sizeof *o.gradient)};
    const mnist_sink sink = {.w = parameters, .gradient = o.gradient};
    mnist_pass pass = {.engine = engine, .N = c->N, .images = &images};
    const float *from = on_images ? NULL : x;
    float *used_up = room_for(c->N * c->J, sizeof *used_up);
    memcpy(used_up, dy, c->N * c->J * sizeof *used_up);
    pass.scratch_size = layer.kind->scratch(&layer, c->N);
    pass.scratch = room_for(mnist_pool_size(engine->pool) * pass.scratch_size,
                            sizeof(float));
    pass.shared = room_for(layer.kind->shared(&layer, c->N), 1);
    layer.kind->forward(&layer, &pass, from, o.y);
    layer.kind->backward(&layer, &pass, from, o.y, used_up, NULL, &sink);
    free(used_up);
    free(pass.scratch);
    free(pass.shared);
    return o;
}

static void check_engine(const mnist_engine *engine)
{
    char what[120];
    outcome got = run_layer(engine, true), want = run_layer(engine, false);
    snprintf(what, sizeof what, "%s, %u threads, %zux%zux%zu",
             engine->kernels->name, mnist_pool_size(engine->pool), current->N,
             current->I, current->J);
    assert_same_floats(what, got.y, want.y, current->N * current->J);
    assert_same_floats(what, got.gradient, want.gradient,
                       parameters_of(current));
    free(got.y);
    free(got.gradient);
    free(want.y);
    free(want.gradient);
}

static void images_are_their_pixels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        current = &cases[i];
        assert_true(mnist_layer_dense.takes_images(
            &(mnist_layer){.units = current->J}));
        make_inputs(current);
        on_every_engine(check_engine);
        free_inputs();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_their_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
