/* Files of which one bit or one byte was changed. A weights file or a
   checkpoint is never read; of gzip'd labels either nothing or what is right,
   for some bytes of gzip say nothing about what is in it. */
#include "golden/weights.h"
#include "support/damage.h"
#include "support/deflate.h"
#include "support/idx.h"
#include "support/networks.h"
#include "support/stopped.h"

#include <mnist/idx.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static damage bytes = {.count = {.name = "damage-bytes"}};

static void add(damage *d)
{
    damage_end(d);
    damage_add(&bytes, d);
}

static damage start(damage_reader *read, mnist_status refusal, size_t stride)
{
    return (damage){.count = {.name = bytes.count.name},
                    .read = read,
                    .refusal = refusal,
                    .stride = tally_stride(bytes.count.name, stride)};
}

static void every_bit_of_headers(void **state)
{
    static const uint8_t bits[] = {1, 2, 4, 8, 16, 32, 64, 128};
    uint8_t images[IDX_IMAGES];
    damage d = start(damage_read_idx, MNIST_ERROR_DATA, 1);
    d.stride = 1; /* so few */
    make_images(images);
    damage_begin(&d, *state, "images", images, IDX_IMAGES);
    damage_bytes(&d, 0, 16, bits, 8);
    damage_end(&d);
    damage_begin(&d, *state, "labels", idx_labels, IDX_LABELS);
    damage_bytes(&d, 0, 8, bits, 8);
    assert_int_equal(d.count.cases, 192);
    add(&d);
}

static void every_byte_of_weights(void **state)
{
    damage d = start(damage_read_weights, MNIST_ERROR_WEIGHTS, 7);
    damage_begin(&d, *state, "weights", golden_weights, sizeof golden_weights);
    damage_bytes(&d, 0, sizeof golden_weights, damage_all, sizeof damage_all);
    add(&d);
}

static mnist_status read_checkpoint(const char *path, void *user,
                                    mnist_error *err)
{
    return mnist_checkpoint_load(user, path, err);
}

static void every_byte_of_a_checkpoint(void **state)
{
    static const uint8_t changes[] = {0x01, 0x02, 0x20, 0x80, 0xff};
    const char *path = temporary_path(*state, "made");
    size_t length;
    run r;
    begin(&r, &tiny);
    go(&r, STEPS + 1);
    save(&r, path);
    mnist_network *before = load_network(path, NULL);
    uint8_t *file = temporary_read(path, &length);

    damage d = start(read_checkpoint, MNIST_ERROR_WEIGHTS, 7);
    d.user = r.trainer;
    damage_begin(&d, *state, "checkpoint", file, length);
    damage_bytes(&d, 0, length, changes, sizeof changes);
    assert_same_parameters("after all", r.net, before);
    add(&d);
    d = start(damage_read_weights, MNIST_ERROR_WEIGHTS, 7);
    damage_begin(&d, *state, "weights", file, length);
    damage_bytes(&d, 0, length, changes, sizeof changes);
    add(&d);
    mnist_network_free(before);
    free(file);
    end(&r);
}

/* ---- gzip ---- */

/* Accepts the labels; to have read others is a failure that no reader has. */
static mnist_status read_labels(const char *path, void *user, mnist_error *err)
{
    mnist_idx idx;
    (void)user;
    mnist_status status = mnist_idx_read(&idx, path, err);
    if (status != MNIST_OK)
        return status;
    bool right = idx.dims == 1 && idx.count == IDX_LABELS - 8 &&
                 memcmp(idx.data, idx_labels + 8, IDX_LABELS - 8) == 0;
    mnist_idx_free(&idx);
    if (right)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_STOPPED, "%s: read as others", path);
}

/* The labels as Python's gzip (zlib 1.2.13) packs them: a fixed block. */
static const uint8_t fixed[38] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff,
    0x63, 0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0xe0, 0x62, 0x67,
    0x62, 0x64, 0x60, 0x61, 0x64, 0xe1, 0x64, 0xe5, 0x04, 0x00,
    0x90, 0x6b, 0x35, 0x6d, 0x12, 0x00, 0x00, 0x00};

static void every_byte_of_gzip(void **state)
{
    uint8_t stored[64];
    damage d = start(read_labels, MNIST_ERROR_DATA, 3);
    d.harmless = true;
    damage_begin(&d, *state, "fixed.gz", fixed, sizeof fixed);
    damage_bytes(&d, 0, sizeof fixed, damage_all, sizeof damage_all);
    damage_end(&d);
    size_t length = gzip_stored(stored, idx_labels, IDX_LABELS);
    damage_begin(&d, *state, "stored.gz", stored, length);
    damage_bytes(&d, 0, length, damage_all, sizeof damage_all);
    /* Of each file the time, the system and the flags of the compressor, six
       bytes; the flag "this is text"; and bits before a stored block's length
       or behind the last block. */
    assert_in_range(d.accepted, 1, 2 * (6 * 255 + 1 + 255));
    add(&d);
}

static void report(void **state)
{
    (void)state;
    damage_report(&bytes);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_bit_of_headers),
        IN_FOLDER(every_byte_of_weights),
        IN_FOLDER(every_byte_of_a_checkpoint),
        IN_FOLDER(every_byte_of_gzip),
        cmocka_unit_test(report),
    };
    return cmocka_run_group_tests(tests, stopped_setup, stopped_teardown);
}
