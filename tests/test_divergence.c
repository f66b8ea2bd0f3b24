/* Trainings that diverge: seen in the batch in which it happens, with nothing
   written after it, and never a number that is none. */
#include "support/json.h"
#include "support/networks.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 20, PIXELS = 28 * 28 };

static size_t cases;

/* Three layers without dropout, so that evaluation sees what training did. */
#define DEEP "dense:64:relu,dense:32:relu,dense:10:softmax"

#define TRAIN                                                                  \
    "train", "--data", "data", "-q", "--no-shuffle", "--batch", "20",          \
        "--threads", "1"

/* ---- The right batch ---- */

/* The n-th batch, counted from 1, as files "images" and "labels". */
static void write_batch(temporary *t, size_t n)
{
    mnist_dataset data;
    assert_int_equal(
        mnist_dataset_load(&data, temporary_path(t, DATA_TRAIN_IMAGES),
                           temporary_path(t, DATA_TRAIN_LABELS), NULL),
        MNIST_OK);
    const size_t size[] = {BATCH, 28, 28};
    size_t first = (n - 1) * BATCH;
    assert_int_equal(mnist_idx_write(temporary_path(t, "images"), 3, size,
                                     data.pixels + first * PIXELS, NULL),
                     MNIST_OK);
    assert_int_equal(mnist_idx_write(temporary_path(t, "labels"), 1, size,
                                     data.labels + first, NULL),
                     MNIST_OK);
    mnist_dataset_free(&data);
}

/* Whether the loss of the n-th batch is finite under the weights that the ones
   before it have given: by a training that ends there, and an evaluation. */
static bool batch_is_finite(temporary *t, const char *net, const char *lr,
                            size_t n)
{
    char limit[24];
    program p = {.folder = temporary_folder(t)};
    snprintf(limit, sizeof limit, "%zu", n > 1 ? (n - 1) * BATCH : BATCH);
    RUN_WELL(t, TRAIN, "--net", net, "--lr", lr, "--limit", limit, "--epochs",
             n > 1 ? "1" : "0", "--out", "before");
    write_batch(t, n);
    RUN(&p, "eval", "before", "--images", "images", "--labels", "labels",
        "--json");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    bool finite = strstr(p.out, "\"loss\":null") == NULL;
    program_forget(&p);
    return finite;
}

static void test_right_batch(void **state)
{
    static const char loss[] = "the loss is",
                      square[] = "the square of a gradient is not finite";
    static const struct {
        const char *net, *lr, *what;
        size_t batch;
    } jobs[] = {
        {"mlp512", "1e30", loss, 2}, {"mlp15", "1e30", loss, 2},
        {"lenet", "1e30", loss, 2},  {"mlp15", "3e17", loss, 2},
        {DEEP, "1e10", square, 2},   {DEEP, "1.1e11", square, 2},
        {DEEP, "1.2e11", loss, 2},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        program p = {.folder = temporary_folder(t)};
        char what[64], where[64];
        temporary_write(t, "o", "old", 3);
        RUN(&p, TRAIN, "--net", jobs[i].net, "--lr", jobs[i].lr, "--limit",
            "200", "--out", "o");
        snprintf(what, sizeof what, "training diverged: %s", jobs[i].what);
        snprintf(where, sizeof where, "at epoch 1, batch %zu of 10",
                 jobs[i].batch);
        REFUSED(&p, 7, what, where,
                "scale 255); try a smaller learning rate such as 0.001\n");
        program_forget(&p);
        size_t length;
        char *old = temporary_read(temporary_path(t, "o"), &length);
        assert_string_equal(old, "old");
        free(old);
        assert_true(
            batch_is_finite(t, jobs[i].net, jobs[i].lr, jobs[i].batch - 1));
        /* Gradients overflow in an update, which comes after the loss. */
        assert_int_equal(
            batch_is_finite(t, jobs[i].net, jobs[i].lr, jobs[i].batch),
            jobs[i].what == square);
        cases += 3;
        unlink(temporary_path(t, "o"));
    }
}

/* RMSprop's steps have a length that the gradient's does not change, so such a
   rate makes weights of a million and not of infinity: that is told as it is,
   and not as a divergence. */
static void test_large_but_finite(void **state)
{
    static const char *const nets[] = {"mlp512", "mlp15", "mlp128"};
    temporary *t = *state;
    for (size_t i = 0; i < 3; i++) {
        program p = {.folder = temporary_folder(t)};
        RUN(&p, TRAIN, "--net", nets[i], "--lr", "1e4", "--out", "o", "--json");
        assert_int_equal(p.status, 0);
        assert_true(json_lines_are_valid(p.out));
        assert_null(strstr(p.out, "null"));
        assert_true(json_number(strstr(p.out, "\"epoch\":5"), "loss") > 100);
        program_forget(&p);
        RUN_WELL(t, "info", "o");
        unlink(temporary_path(t, "o"));
        cases++;
    }
}

/* ---- After epochs that went well ---- */

static void assert_history(temporary *t, size_t epochs)
{
    size_t length;
    char *rows = temporary_read(temporary_path(t, "h.csv"), &length);
    assert_int_equal(count_lines(rows), 1 + epochs);
    assert_null(strstr(rows, "nan"));
    assert_null(strstr(rows, "inf"));
    free(rows);
}

static void test_later_epoch(void **state)
{
    static const struct {
        const char *lr, *limit, *where;
        size_t epoch;
    } jobs[] = {
        {"2e16", "60", "at epoch 13, batch 2 of 3", 13},
        {"2e16", "100", "at epoch 18, batch 3 of 5", 18},
        {"3e16", "60", "at epoch 7, batch 1 of 3", 7},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        program p = {.folder = temporary_folder(t)};
        size_t length;
        RUN(&p, TRAIN, "--net", "mlp15", "--scale", "255", "--momentum", "0.99",
            "--epochs", "30", "--lr", jobs[i].lr, "--limit", jobs[i].limit,
            "--checkpoint", "c", "--history", "h.csv", "--out", "o", "--json");
        assert_int_equal(p.status, 7);
        assert_non_null(strstr(p.err, jobs[i].where));
        assert_true(json_lines_are_valid(p.out));
        program_forget(&p);
        assert_history(t, jobs[i].epoch - 1);
        assert_int_not_equal(access(temporary_path(t, "o"), F_OK), 0);

        RUN(&p, "info", "c", "--json");
        assert_int_equal(p.status, 0);
        assert_true(json_number(p.out, "epochs_done") ==
                    (double)(jobs[i].epoch - 1));
        program_forget(&p);
        char *kept = temporary_read(temporary_path(t, "c"), &length);
        temporary_write(t, "kept", kept, length);
        free(kept);
        RUN(&p, "train", "--data", "data", "-q", "--resume", "c", "--out", "o");
        REFUSED(&p, 7, jobs[i].where);
        program_forget(&p);
        assert_same_bytes(t, "c", "kept");
        cases += 2;
    }
}

/* The squares of gradients may overflow before the loss does: that is told in
   its batch, and such a state is not written over a good one either. */
static void test_overflowing_state(void **state)
{
    static const struct {
        const char *lr, *where;
        size_t epoch;
    } jobs[] = {
        {"5e16", "at epoch 2, batch 1 of 3", 2},
        {"4e16", "at epoch 2, batch 2 of 3", 2},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        program p = {.folder = temporary_folder(t)};
        unlink(temporary_path(t, "c"));
        unlink(temporary_path(t, "h.csv"));
        RUN(&p, TRAIN, "--net", "mlp15", "--scale", "255", "--momentum", "0.99",
            "--epochs", "30", "--lr", jobs[i].lr, "--limit", "60",
            "--checkpoint", "c", "--history", "h.csv", "--out", "o");
        REFUSED(&p, 7,
                "training diverged: the square of a gradient is not finite",
                jobs[i].where,
                "scale 255); try a smaller learning rate such as 0.001\n");
        program_forget(&p);
        assert_history(t, jobs[i].epoch - 1);
        RUN(&p, "info", "c", "--json");
        assert_int_equal(p.status, 0);
        assert_true(json_number(p.out, "epochs_done") ==
                    (double)(jobs[i].epoch - 1));
        program_forget(&p);
        assert_int_not_equal(access(temporary_path(t, "o"), F_OK), 0);
        cases++;
    }
}

/* ---- The best epoch ---- */

/* What the validation loss of each epoch is to be: 0 for none that is a number,
   else the first weight. */
typedef struct script {
    mnist_network *net;
    const float *weights;
} script;

static int set_weight(const mnist_progress *at, void *user)
{
    const script *s = user;
    mnist_network_tensor(s->net, 0)->data[0] = s->weights[at->epoch];
    return 0;
}

/* Black images to train on leave the kernel alone, since each of its gradients
   is a product with a pixel; bright ones to validate on make the loss what the
   kernel says. Returns the last progress. */
static mnist_progress run_script(const float *weights, size_t epochs,
                                 size_t patience)
{
    uint8_t black[4] = {0}, bright[4] = {255, 0, 0, 0}, label = 1;
    const mnist_dataset data = {.count = 1,
                                .rows = 2,
                                .cols = 2,
                                .pixels = black,
                                .labels = &label,
                                .classes = 2};
    mnist_dataset validation = data;
    validation.pixels = bright;
    mnist_train_options options = mnist_train_defaults();
    mnist_network *net =
        make_network("dense:2:relu,dense:2:softmax", 2, 2, 0x1p-60f, 1);
    script s = {net, weights};
    mnist_progress last;
    for (size_t i = 0; i < 4; i += 2) {
        const mnist_tensor *kernel = mnist_network_tensor(net, i);
        for (size_t k = 0; k < kernel->count; k++)
            kernel->data[k] = i == 2 && k == 0 ? 1 : 0;
    }
    mnist_network_tensor(net, 0)->data[0] = weights[0];
    options.epochs = epochs;
    options.patience = patience;
    options.validation = &validation;
    options.callback = set_weight;
    options.user = &s;
    assert_int_equal(mnist_train(net, &data, &options, &last, NULL), MNIST_OK);
    /* The best epoch's weights are back, or the last if there is none. */
    if (last.best_epoch)
        assert_true(mnist_network_tensor(net, 0)->data[0] ==
                    weights[last.best_epoch - 1]);
    mnist_network_free(net);
    cases++;
    return last;
}

/* A loss that is no number compares with nothing, and one that is infinite is
   no best one either. */
static void test_best_epoch(void **state)
{
    static const float huge = 3e38f; /* times a bright pixel: infinite */
    const float first[] = {huge, 2e-20f, huge, 1e-20f, huge, huge, 0};
    const float never[] = {huge, huge, huge, huge, 0};
    const float once[] = {1e-20f, huge, huge, huge, 0};
    (void)state;
    mnist_progress last = run_script(first, 6, 5);
    assert_int_equal(last.best_epoch, 4);
    assert_true(!isfinite(last.validation_loss));
    last = run_script(first, 3, 5);
    assert_int_equal(last.best_epoch, 2);
    last = run_script(never, 4, 3);
    assert_int_equal(last.best_epoch, 0);
    assert_int_equal(last.epoch, 3);
    assert_true(last.stopped_early);
    last = run_script(once, 4, 2);
    assert_int_equal(last.best_epoch, 1);
    assert_int_equal(last.epoch, 3);
    assert_true(last.stopped_early);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_batch),
        cmocka_unit_test(test_large_but_finite),
        cmocka_unit_test(test_later_epoch),
        cmocka_unit_test(test_overflowing_state),
        cmocka_unit_test(test_best_epoch),
    };
    int failed =
        cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
    printf("reliability: divergence: %zu cases, %d failures\n", cases, failed);
    return failed;
}
