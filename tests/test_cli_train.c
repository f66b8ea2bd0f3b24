/* mnist train as a user runs it: files, logs, JSON, signals, streams. */
#include "support/json.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRAIN "train", "--data", "data", "--net", TRAINED_NET

static bool exists(temporary *t, const char *name)
{
    return access(temporary_path(t, name), F_OK) == 0;
}

/* Where nothing can move, a log has one line an epoch and two of heading. */
static void test_plain_log(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "--epochs", "3", "--out", "log.safetensors");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 2 + 3);
    assert_null(strpbrk(p.err, "\r\x1b"));
    assert_null(strpbrk(p.out, "\r\x1b"));
    assert_non_null(strstr(p.err, "400 images to train on, 100 to test"));
    assert_non_null(strstr(p.err, "\nepoch 3/3  loss "));
    assert_int_equal(count_lines(p.out), 3);
    assert_int_equal(strncmp(p.out, "test loss ", 10), 0);
    assert_non_null(strstr(p.out, "/100\nwrote log.safetensors\n"));
    assert_true(exists(t, "log.safetensors"));
    program_forget(&p);
}

static void test_verbosity(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "-e2", "-o", "v.safetensors", "--verbose", "0");
    assert_string_equal(p.err, "");
    assert_int_equal(count_lines(p.out), 3);
    program_forget(&p);
    RUN(&p, TRAIN, "-qe2", "-ov.safetensors");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    assert_string_equal(p.out, "");
    program_forget(&p);
    RUN(&p, TRAIN, "--epochs=2", "--out=v.safetensors", "--verbose=2");
    assert_int_equal(count_lines(p.err), 2 + 2);
    program_forget(&p);
}

/* All is checked, and nothing is left behind. */
static void test_dry_run(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "--dry-run", "-od.w", "--history", "d.csv", "--checkpoint",
        "d.checkpoint", "--report", "d.html");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 2);
    assert_int_equal(strncmp(p.out, "Layer (type)", 12), 0);
    assert_non_null(strstr(p.out, "\nTotal params: "));
    assert_non_null(strstr(p.out, "nothing was trained or written\n"));
    static const char *const names[] = {"d.w", "d.csv", "d.checkpoint",
                                        "d.html"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(exists(t, names[i]));
    program_forget(&p);
    RUN(&p, TRAIN, "--dry-run", "-od.w", "--json");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    assert_int_equal(count_lines(p.out), 1);
    program_forget(&p);
    RUN(&p, TRAIN, "--dry-run", "-od.w", "--quiet");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.out, "");
    program_forget(&p);
    RUN(&p, TRAIN, "--dry-run", "-od.w", "--validation-split", "0.999");
    REFUSED(&p, 2, "--validation-split", "none would be left");
    program_forget(&p);
    RUN(&p, TRAIN, "--dry-run", "--out", "missing/d.w");
    REFUSED(&p, 5, "missing", "--out");
    program_forget(&p);
}

/* How each line begins. */
#define LINE "{\"version\":1,\"command\":\"train\",\"event\":"

static void test_json(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, eval = p;
    /* The last of an option given twice counts. */
    RUN(&p, TRAIN, "--epochs", "9", "--json", "--limit", "300", "--epochs", "2",
        "--out", "j.safetensors");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    assert_true(json_lines_are_valid(p.out));
    assert_int_equal(count_lines(p.out), 1 + 2 + 1);
    assert_int_equal(strncmp(p.out, LINE "\"start\",", strlen(LINE) + 8), 0);
    assert_true(json_number(p.out, "train_images") == 300);
    assert_true(json_number(p.out, "parameters") == 784 * 24 + 24 + 250);
    assert_non_null(strstr(p.out, "\n" LINE "\"epoch\",\"epoch\":2,"));
    const char *done = strstr(p.out, "\n" LINE "\"done\",");
    assert_non_null(done);
    RUN(&eval, "eval", "j.safetensors", "--data", "data", "--json");
    assert_true(json_lines_are_valid(eval.out));
    assert_true(json_number(done, "loss") == json_number(eval.out, "loss"));
    assert_true(json_number(done, "correct") ==
                json_number(eval.out, "correct"));
    assert_true(json_number(done, "seed") == 0);
    assert_true(json_number(done, "epochs") == 2);
    assert_true(json_number(done, "seconds") > 0);
    /* What it says of the last epoch is what the epoch's own line says. */
    const char *epoch = strstr(p.out, "\"epoch\":2,");
    const char *kept = strstr(done, "\"kept\":{\"epoch\":2,");
    assert_non_null(kept);
    assert_true(json_number(kept, "loss") == json_number(epoch, "loss"));
    assert_true(json_number(kept, "accuracy") ==
                json_number(epoch, "accuracy"));
    program_forget(&p);
    program_forget(&eval);
}

/* Threads, kernels and the name of the loss change no byte of the file. */
static void test_same_bytes(void **state)
{
    static const char *const threads[] = {"2", "3", "8"};
    temporary *t = *state;
    const char *kernel;
    int usable;
    RUN_WELL(t, TRAIN, "-e2", "-o", "same.safetensors", "--threads", "1");
    for (size_t i = 0; i < 3; i++) {
        RUN_WELL(t, TRAIN, "-e2", "-o", "other.safetensors", "--threads",
                 threads[i], "--loss", "sparse_categorical_crossentropy");
        assert_same_bytes(t, "same.safetensors", "other.safetensors");
    }
    for (size_t i = 0; (kernel = mnist_cpu_list(i, &usable)); i++) {
        if (!usable)
            continue;
        RUN_WELL(t, TRAIN, "-e2", "-o", "other.safetensors", "--kernel", kernel,
                 "--json");
        assert_same_bytes(t, "same.safetensors", "other.safetensors");
    }
}

static void test_seed(void **state)
{
    temporary *t = *state;
    mnist_network *one, *two;
    RUN_WELL(t, TRAIN, "-e0", "-o", "one.safetensors", "--seed", "1");
    RUN_WELL(t, TRAIN, "-e0", "-o", "two.safetensors", "--seed",
             "18446744073709551615");
    assert_int_equal(mnist_weights_load(&one, NULL,
                                        temporary_path(t, "one.safetensors"),
                                        NULL),
                     0);
    assert_int_equal(mnist_weights_load(&two, NULL,
                                        temporary_path(t, "two.safetensors"),
                                        NULL),
                     0);
    const mnist_tensor *a = mnist_network_tensor(one, 0);
    const mnist_tensor *b = mnist_network_tensor(two, 0);
    assert_memory_not_equal(a->data, b->data, a->count * sizeof *a->data);
    /* Without an epoch these are the initial weights. */
    mnist_network_init(two, 1);
    assert_memory_equal(a->data, b->data, a->count * sizeof *a->data);
    mnist_network_free(one);
    mnist_network_free(two);
}

/* From a file of initial weights as from the seed that made them. */
static void test_init(void **state)
{
    temporary *t = *state;
    program direct = {.folder = temporary_folder(t)}, init = direct;
    RUN_WELL(t, TRAIN, "-e0", "-o", "start.safetensors", "--seed", "7");
    RUN(&direct, TRAIN, "-e1", "-o", "direct.safetensors", "--seed", "7",
        "--json");
    RUN(&init, "train", "-d", "data", "-e1", "-o", "init.safetensors", "--seed",
        "7", "--json", "--init", "start.safetensors");
    assert_int_equal(init.status, 0);
    const char *a = strstr(direct.out, "\"done\"");
    const char *b = strstr(init.out, "\"done\"");
    assert_non_null(a);
    assert_non_null(b);
    assert_true(json_number(a, "loss") == json_number(b, "loss"));
    program_forget(&direct);
    program_forget(&init);
}

static void test_raw_pixels_and_stuck_training_warn(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "-e1", "-o", "raw.safetensors", "--scale", "1", "--verbose",
        "0");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.err, "mnist: warning: raw pixels"));
    program_forget(&p);
    RUN(&p, TRAIN, "-e2", "-b8", "-o", "slow.safetensors", "--lr", "1e-12",
        "--verbose", "0");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 1);
    assert_non_null(strstr(p.err, "hardly better than guessing"));
    program_forget(&p);
}

static void test_data_by_environment(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t),
                 .environment = {"MNIST_DATA", "data"}};
    RUN(&p, "train", "--net", TRAINED_NET, "-e1", "-o", "env.safetensors");
    assert_int_equal(p.status, 0);
    program_forget(&p);
}

/* What nohup and a background job start with. */
static void test_ignored_signal_stays_ignored(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    signal(SIGINT, SIG_IGN);
    int process = program_start(
        &p, (const char *const[]){TRAIN, "-e", "1000000", "--verbose", "2",
                                  "-o", "ignored.safetensors", NULL});
    signal(SIGINT, SIG_DFL);
    program_await(process, "epoch 1/");
    assert_int_equal(kill(process, SIGINT), 0);
    program_await(process, "epoch 9/");
    assert_int_equal(kill(process, SIGTERM), 0);
    program_wait(&p, process);
    assert_int_equal(p.status, 128 + SIGTERM);
    program_forget(&p);
}

static void test_streams_that_fail(void **state)
{
    temporary *t = *state;
    program full = {.folder = temporary_folder(t), .output = "/dev/full"};
    program closed = {.folder = temporary_folder(t), .closed = 7};
    program gone = {.folder = temporary_folder(t), .broken_pipe = true};
    RUN(&full, TRAIN, "-e1", "-q", "--json", "-o", "full.safetensors");
    assert_int_equal(full.status, 5);
    assert_int_equal(count_lines(full.err), 2);
    assert_non_null(strstr(full.err, "training goes on"));
    assert_true(exists(t, "full.safetensors"));
    program_forget(&full);
    RUN(&closed, TRAIN, "-e1", "-o", "closed.safetensors");
    assert_int_equal(closed.status, 0);
    program_forget(&closed);
    RUN_WELL(t, "info", "closed.safetensors");
    /* Who reads may leave: that is told once, and the weights are kept. */
    RUN(&gone, TRAIN, "-e3", "--json", "-o", "gone.safetensors");
    assert_int_equal(gone.status, 0);
    assert_string_equal(gone.err, "mnist: nobody reads standard output any "
                                  "more; training goes on, to write "
                                  "gone.safetensors\n");
    assert_true(exists(t, "gone.safetensors"));
    program_forget(&gone);
    RUN(&gone, TRAIN, "-e3", "--json", "-q", "-o", "silent.safetensors");
    assert_int_equal(gone.status, 0);
    assert_string_equal(gone.err, "");
    assert_true(exists(t, "silent.safetensors"));
    program_forget(&gone);
    RUN(&gone, TRAIN, "-e1", "--verbose", "0", "-o", "gone.safetensors");
    assert_int_equal(gone.status, 0);
    assert_string_equal(gone.err, "");
    program_forget(&gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_log),
        cmocka_unit_test(test_verbosity),
        cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_raw_pixels_and_stuck_training_warn),
        cmocka_unit_test(test_data_by_environment),
        cmocka_unit_test(test_ignored_signal_stays_ignored),
        cmocka_unit_test(test_streams_that_fail),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
