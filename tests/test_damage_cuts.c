/* Files cut at every length, and files with bytes behind their end: none is
   read. */
#include "golden/weights.h"
#include "support/damage.h"
#include "support/deflate.h"
#include "support/idx.h"
#include "support/stopped.h"

#include <mnist/weights.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static damage cuts = {.count = {.name = "damage-cuts"}};
static damage added = {.count = {.name = "damage-added"}};

static void cut_and_add(damage *d, temporary *t, const uint8_t *bytes,
                        size_t length)
{
    d->count.name = cuts.count.name;
    damage_begin(d, t, "file", bytes, length);
    damage_cuts(d);
    damage_add(&cuts, d);
    damage behind = *d;
    behind.count = (tally){.name = added.count.name};
    behind.accepted = 0;
    damage_added(&behind);
    damage_add(&added, &behind);
    damage_end(d);
}

static void of_idx(temporary *t, const uint8_t *bytes, size_t length)
{
    damage d = {.read = damage_read_idx, .refusal = MNIST_ERROR_DATA};
    cut_and_add(&d, t, bytes, length);
}

static void images_and_labels(void **state)
{
    uint8_t images[IDX_IMAGES];
    make_images(images);
    of_idx(*state, images, IDX_IMAGES);
    of_idx(*state, idx_labels, IDX_LABELS);
}

static void gzip_of_images_and_labels(void **state)
{
    uint8_t images[IDX_IMAGES], gz[IDX_IMAGES + 100];
    make_images(images);
    of_idx(*state, gz, gzip_stored(gz, images, IDX_IMAGES));
    of_idx(*state, gz, gzip_stored(gz, idx_labels, IDX_LABELS));
}

/* Cut or prolonged first, then packed: gzip itself is whole. */
static void gzip_of_what_is_cut(void **state)
{
    damage d = {.count = {.name = cuts.count.name},
                .read = damage_read_idx,
                .refusal = MNIST_ERROR_DATA};
    uint8_t images[IDX_IMAGES + 1] = {0}, gz[IDX_IMAGES + 100];
    make_images(images);
    for (size_t length = 0; length <= IDX_IMAGES + 1; length++)
        if (length != IDX_IMAGES)
            damage_file(&d, *state, "images in gzip", gz,
                        gzip_stored(gz, images, length));
    for (size_t length = 0; length < IDX_LABELS; length++)
        damage_file(&d, *state, "labels in gzip", gz,
                    gzip_stored(gz, idx_labels, length));
    damage_add(&cuts, &d);
}

static void weights(void **state)
{
    damage d = {.read = damage_read_weights, .refusal = MNIST_ERROR_WEIGHTS};
    cut_and_add(&d, *state, golden_weights, sizeof golden_weights);
}

/* gzip'd weights are not read at all. */
static void gzip_of_weights(void **state)
{
    damage d = {.count = {.name = cuts.count.name},
                .read = damage_read_weights,
                .refusal = MNIST_ERROR_WEIGHTS};
    uint8_t gz[2 * sizeof golden_weights];
    for (size_t n = gzip_stored(gz, golden_weights, sizeof golden_weights) + 1;
         n-- > 0;)
        damage_file(&d, *state, "weights in gzip", gz, n);
    damage_add(&cuts, &d);
}

static mnist_status read_checkpoint(const char *path, void *user,
                                    mnist_error *err)
{
    return mnist_checkpoint_load(user, path, err);
}

static void checkpoint(void **state)
{
    temporary *t = *state;
    run r;
    size_t length;
    begin(&r, &tiny);
    go(&r, STEPS + 1);
    const char *path = temporary_path(t, "checkpoint");
    save(&r, path);
    uint8_t *bytes = temporary_read(path, &length);
    damage as_weights = {.read = damage_read_weights,
                         .refusal = MNIST_ERROR_WEIGHTS};
    damage as_checkpoint = {.read = read_checkpoint,
                            .user = r.trainer,
                            .refusal = MNIST_ERROR_WEIGHTS};
    cut_and_add(&as_weights, t, bytes, length);
    cut_and_add(&as_checkpoint, t, bytes, length);
    free(bytes);
    end(&r);
}

static void report(void **state)
{
    (void)state;
    damage_report(&cuts);
    damage_report(&added);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(images_and_labels),   IN_FOLDER(gzip_of_images_and_labels),
        IN_FOLDER(gzip_of_what_is_cut), IN_FOLDER(weights),
        IN_FOLDER(gzip_of_weights),     IN_FOLDER(checkpoint),
        cmocka_unit_test(report),
    };
    return cmocka_run_group_tests(tests, stopped_setup, stopped_teardown);
}
