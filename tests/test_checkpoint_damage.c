/* Checkpoints that hold what no training writes: mnist/checkpoint.h. */
#include <mnist/checkpoint.h>

#include "support/networks.h"
#include "support/sealed.h"
#include "support/stopped.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Its file, and a header to change: the checksum's digits are zeros. */
typedef struct sample {
    run r;
    size_t length, data_length;
    unsigned char *bytes;
    char header[SEALED_MAX];
    const unsigned char *data;
} sample;

static void make_sample_of(sample *s, temporary *t, const setting *of,
                           size_t batches)
{
    const char *path = temporary_path(t, "made");
    static const char key[] = "\"crc32\":\"";
    begin(&s->r, of);
    go(&s->r, batches);
    save(&s->r, path);
    s->bytes = temporary_read(path, &s->length);
    size_t header = s->bytes[0] + 256 * (size_t)s->bytes[1];
    assert_in_range(header, 1, SEALED_MAX - 1);
    memcpy(s->header, s->bytes + 8, header);
    s->header[header] = '\0';
    char *digits = strstr(s->header, key);
    assert_non_null(digits);
    memset(digits + strlen(key), '0', 8);
    s->data = s->bytes + 8 + header;
    s->data_length = s->length - 8 - header;
}

static void make_sample(sample *s, temporary *t, size_t batches)
{
    make_sample_of(s, t, &tiny, batches);
}

static void release_sample(sample *s)
{
    end(&s->r);
    free(s->bytes);
}

typedef struct forgery {
    const char *from, *to, *why;
    int weights; /* it is a right weights file all the same */
} forgery;

static void check_forgery(sample *s, temporary *t, const forgery *f)
{
    char header[SEALED_MAX];
    sealed file;
    mnist_error err = {.status = MNIST_OK};
    mnist_network *net = NULL;
    sealed_edit(header, s->header, f->from, f->to);
    sealed_make(&file, header, s->data, s->data_length);
    const char *path = temporary_write(t, "x", file.bytes, file.length);
    if (mnist_checkpoint_load(s->r.trainer, path, &err) !=
            MNIST_ERROR_WEIGHTS ||
        !strstr(err.message, f->why))
        fail_msg("%s for %s: expected \"%s\" in: %s", f->to, f->from, f->why,
                 err.message);
    mnist_status status = mnist_weights_load(&net, NULL, path, &err);
    if (status != (f->weights ? MNIST_OK : MNIST_ERROR_WEIGHTS))
        fail_msg("%s for %s: weights: %s", f->to, f->from, err.message);
    mnist_network_free(net);
}

#define KEY(name, value) "\"checkpoint_" name "\":\"" value "\""

static void notes_are_read_strictly(void **state)
{
    static const forgery cases[] = {
        {KEY("version", "1"), KEY("version", "2"), "version \"2\"", 1},
        {KEY("version", "1"), KEY("verse", "1"), "no training", 1},
        {KEY("epoch", "1") ",", "", "no \"checkpoint_epoch\"", 1},
        {KEY("epoch", "1"), KEY("epoch", "01"), "a whole number", 1},
        {KEY("epoch", "1"), KEY("epoch", "-1"), "a whole number", 1},
        {KEY("epoch", "1"), KEY("epoch", ""), "a whole number", 1},
        {KEY("seed", "0"), KEY("seed", "18446744073709551616"), "seed", 1},
        {KEY("rho", "0x1.ccccccccccccdp-1"), KEY("rho", "0.9"),
         "checkpoint_rho \"0.9\", expected a hexadecimal number", 1},
        {KEY("rho", "0x1.ccccccccccccdp-1"), KEY("rho", "nan"), "rho", 1},
        {KEY("rho", "0x1.ccccccccccccdp-1"), KEY("rho", "inf"), "rho", 1},
        {KEY("centered", "1"), KEY("centered", "2"), "0 or 1", 1},
        {KEY("centered", "1"), KEY("centered", "true"), "0 or 1", 1},
        {KEY("schedule", "constant"), KEY("schedule", "linear"),
         "expected constant, step, cosine or plateau", 1},
        {"\"checkpoint_data_pixels_crc32\":\"",
         "\"checkpoint_data_pixels_crc32\":\"0", "8 hexadecimal digits", 1},
        {"\"checkpoint_data_labels_crc32\":\"",
         "\"checkpoint_data_labels_crc32\":\"ABCDEF01\",\"other\":\"",
         "8 hexadecimal digits", 1},
        {KEY("version", "1"), KEY("version", "1") "," KEY("colour", "red"),
         "unknown key \"checkpoint_colour\"", 1},
    };
    sample s;
    make_sample(&s, *state, STEPS + 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_forgery(&s, *state, &cases[i]);
    release_sample(&s);
}

static void positions_must_be_possible(void **state)
{
    static const forgery inside[] = {
        {KEY("step", "1"), KEY("step", "5"), "position", 1},
        {KEY("step", "1"), KEY("step", "2"), "position", 1},
        {KEY("step", "1") "," KEY("images", "5"),
         KEY("step", "5") "," KEY("images", "25"), "position", 1},
        {KEY("step", "1"), KEY("step", "18446744073709551615"),
         SIZE_MAX > UINT32_MAX ? "position" : "whole number", 1},
        {KEY("images", "5"), KEY("images", "4"), "position", 1},
        {"\"checkpoint_correct\":\"", "\"checkpoint_correct\":\"9", "position",
         1},
        {KEY("best_epoch", "1"), KEY("best_epoch", "2"), "position", 1},
        {KEY("stopped_early", "0"), KEY("stopped_early", "1"), "position", 1},
        {KEY("validated", "0"), KEY("validated", "1"), "position", 1},
        {KEY("epoch", "1"), KEY("epoch", "18446744073709551615"),
         SIZE_MAX > UINT32_MAX ? "position" : "whole number", 1},
        {KEY("epoch", "1"), KEY("epoch", "9"), "position", 1},
    };
    static const forgery between[] = {
        {KEY("images", "23"), KEY("images", "0"), "position", 1},
        {KEY("validated", "1"), KEY("validated", "0"), "position", 1},
        {KEY("epoch", "1"), KEY("epoch", "0"), "position", 1},
        {KEY("best_epoch", "1") "," KEY("stopped_early", "0"),
         KEY("best_epoch", "2") "," KEY("stopped_early", "1"), "position", 1},
    };
    static const forgery stopped_inside = {
        KEY("best_epoch", "1") "," KEY("stopped_early", "0"),
        KEY("best_epoch", "0") "," KEY("stopped_early", "1"), "position", 1};
    static const forgery best_of_none = {KEY("best_epoch", "0"),
                                         KEY("best_epoch", "1"), "position", 1};
    setting other = tiny;
    sample s;
    make_sample(&s, *state, STEPS + 1);
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        check_forgery(&s, *state, &inside[i]);
    release_sample(&s);
    make_sample(&s, *state, STEPS);
    for (size_t i = 0; i < sizeof between / sizeof *between; i++)
        check_forgery(&s, *state, &between[i]);
    release_sample(&s);
    other.options.patience = 1;
    make_sample_of(&s, *state, &other, STEPS + 1);
    check_forgery(&s, *state, &stopped_inside);
    release_sample(&s);
    other.options.patience = 0;
    make_sample_of(&s, *state, &other, STEPS + 1);
    check_forgery(&s, *state, &best_of_none);
    release_sample(&s);
}

/* Steps so small that nothing ever gets better: the rate is halved after the
   second epoch, and the third is under way. */
static void plateaus_must_be_possible(void **state)
{
    static const forgery cases[] = {
        {KEY("plateau_lr", "0x1p-101") ",", "", "no \"checkpoint_plateau_lr\"",
         1},
        {KEY("plateau_since", "2") ",", "", "no \"checkpoint_plateau_since\"",
         1},
        {KEY("plateau_lr", "0x1p-101"), KEY("plateau_lr", "1"),
         "a hexadecimal number", 1},
        {KEY("plateau_lr", "0x1p-101"), KEY("plateau_lr", "0x1p-99"),
         "position", 1},
        {KEY("plateau_lr", "0x1p-101"), KEY("plateau_lr", "0x1p-100"),
         "position", 1},
        {KEY("plateau_lr", "0x1p-101"), KEY("plateau_lr", "0x1p-103"),
         "position", 1},
        {KEY("plateau_since", "2"), KEY("plateau_since", "3"), "position", 1},
        {KEY("plateau_since", "2"), KEY("plateau_since", "1"), "position", 1},
        {KEY("plateau_since", "2"), KEY("plateau_since", "0"), "position", 1},
        {KEY("last_lr", "0x1p-101"), KEY("last_lr", "0x1p-99"), "position", 1},
        {KEY("last_lr", "0x1p-101"), KEY("last_lr", "0x1p-102"), "position", 1},
        {"\"checkpoint_plateau_figure\":\"",
         "\"checkpoint_plateau_figure\":\"nan\",\"other\":\"", "position", 1},
        {KEY("monitor", "acc"), KEY("monitor", "speed"),
         "expected loss, acc, val_loss or val_acc", 1},
        {KEY("keep_best", "1"), KEY("keep_best", "2"), "0 or 1", 1},
        {KEY("clip_norm", "0x1p-1"), KEY("clip_norm", "nan"),
         "a hexadecimal number", 1},
    };
    setting s_of = tiny;
    sample s;
    s_of.options.patience = 0;
    s_of.options.keep_best = 1;
    s_of.options.monitor = MNIST_MONITOR_ACCURACY;
    s_of.options.clip_norm = 0.5;
    s_of.options.rmsprop.lr = 0x1p-100;
    s_of.options.schedule = MNIST_PLATEAU;
    s_of.options.plateau_epochs = 1;
    s_of.options.plateau_factor = 0.5;
    s_of.options.min_lr = 0x1p-102;
    make_sample_of(&s, *state, &s_of, 2 * STEPS + 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_forgery(&s, *state, &cases[i]);
    release_sample(&s);
}

static void state_is_whole_and_in_shape(void **state)
{
    static const forgery cases[] = {
        {"optimizer.v.dense.bias", "optimizer.w.dense.bias",
         "optimizer.v.dense.bias (3) of its network is missing", 0},
        {"optimizer.v.dense.bias", "optimizer.v.dense.gamma",
         "optimizer.v.dense.bias (3) of its network is missing", 0},
        {"optimizer.s.dense.kernel", "optimizer.t.dense.kernel",
         "optimizer.s.dense.kernel (1x3) of its network is missing", 0},
        {"optimizer.a.dense.bias", "ptimizer.a.dense.bias",
         "optimizer.a.dense.bias (3) of its network is missing", 0},
        {"best.dense.kernel", "beast.dense.kernel",
         "best.dense.kernel (1x3) of its network is missing", 0},
        {"\"optimizer.s.dense.kernel\":{\"dtype\":\"F32\",\"shape\":[1,3]",
         "\"optimizer.s.dense.kernel\":{\"dtype\":\"F32\",\"shape\":[3,1]",
         "optimizer.s.dense.kernel has the shape 3x1, expected 1x3", 0},
        {"\"best.dense.bias\":{\"dtype\":\"F32\",\"shape\":[3]",
         "\"best.dense.bias\":{\"dtype\":\"F32\",\"shape\":[1,3]",
         "best.dense.bias has the shape 1x3, expected 3", 0},
        /* Not there by the notes, but in the file. */
        {KEY("best_epoch", "1"), KEY("best_epoch", "0"),
         "best.dense.kernel (1x3) is no part of its network", 1},
    };
    sample s;
    make_sample(&s, *state, STEPS + 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_forgery(&s, *state, &cases[i]);
    release_sample(&s);
}

/* Blocks that are left out whole, from the end of the file. */
static void blocks_left_out_are_missed(void **state)
{
    static const struct {
        const char *from, *why;
        int weights;
    } cases[] = {
        {",\"best.dense.kernel\"", "best.dense.kernel (1x3) of", 1},
        {",\"best.dense.bias\"", "best.dense.bias (3) of", 0},
        {",\"optimizer.a.dense.kernel\"", "optimizer.a.dense.kernel (1x3) of",
         1},
        {",\"optimizer.s.dense.kernel\"", "optimizer.s.dense.kernel (1x3) of",
         1},
        {",\"optimizer.v.dense.kernel\"", "no training to go on with", 1},
    };
    sample s;
    make_sample(&s, *state, STEPS + 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        forgery f = {strstr(s.header, cases[i].from), "}", cases[i].why,
                     cases[i].weights};
        const size_t whole = s.data_length;
        size_t left = 0;
        assert_non_null(f.from);
        for (const char *c = s.header; c < f.from; c++)
            left += strncmp(c, "\"F32\"", 5) == 0;
        s.data_length = left * 3 * sizeof(float);
        check_forgery(&s, *state, &f);
        s.data_length = whole;
    }
    release_sample(&s);
}

/* The momentum whole, in the place of what it goes with. */
static void state_goes_with_v(void **state)
{
    sample s;
    make_sample(&s, *state, STEPS + 1);
    forgery f = {strstr(s.header, ",\"optimizer.s.dense.kernel\""), "}",
                 "no training to go on with", 0};
    assert_non_null(f.from);
    for (int i = 0; i < 2; i++) {
        char *v = strstr(s.header, "optimizer.v.");
        assert_non_null(v);
        v[strlen("optimizer.")] = 's';
    }
    s.data_length = (size_t)4 * 3 * sizeof(float);
    check_forgery(&s, *state, &f);
    release_sample(&s);
}

static void state_is_finite(void **state)
{
    static const unsigned char bad[][4] = {{0, 0, 0x80, 0x7f},
                                           {0, 0, 0x80, 0xff},
                                           {0, 0, 0xc0, 0x7f},
                                           {1, 0, 0x80, 0x7f}};
    static const char *const names[] = {"dense", "optimizer.v.dense",
                                        "optimizer.s.dense",
                                        "optimizer.a.dense", "best.dense"};
    sample s;
    make_sample(&s, *state, STEPS + 1);
    for (size_t block = 0; block < 5; block++)
        for (size_t i = 0; i < 4; i++) {
            /* Value 1 of the bias, behind the kernel's three. */
            unsigned char *at =
                s.bytes + (s.length - s.data_length) + 4 * (6 * block + 3 + 1);
            unsigned char kept[4];
            char why[80];
            memcpy(kept, at, 4);
            memcpy(at, bad[i], 4);
            strcpy(why, "value 1 of tensor ");
            strcat(strcat(why, names[block]), ".bias is not finite");
            check_forgery(&s, *state, &(forgery){"crc32", "crc32", why, 0});
            memcpy(at, kept, 4);
        }
    release_sample(&s);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(notes_are_read_strictly),
        TEST(positions_must_be_possible),
        TEST(plateaus_must_be_possible),
        TEST(state_is_whole_and_in_shape),
        TEST(blocks_left_out_are_missed),
        TEST(state_goes_with_v),
        TEST(state_is_finite),
    };
    return cmocka_run_group_tests(tests, stopped_setup, stopped_teardown);
}
