/*
 * What goes wrong with files and data: each time one line on stderr, the exit
 * status that the documents promise, and nothing written.
 */
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs in the temporary folder; nothing may be there afterwards that was not
   there before. */
static void refused(temporary *t, const char *const *arguments, int status,
                    const char *text)
{
    program p = {.folder = temporary_folder(t)};
    size_t files = temporary_count(t);
    program_run(&p, arguments);
    REFUSED(&p, status, text);
    program_forget(&p);
    assert_int_equal(temporary_count(t), files);
}

#define REFUSES(t, status, text, ...)                                          \
    refused(t, (const char *const[]){__VA_ARGS__, NULL}, status, text)

#define TRAIN_ON(folder) "train", "--data", folder, "--out", "new.safetensors"

/* Copies a file of the temporary folder, `add` bytes longer or shorter. */
static void copy(temporary *t, const char *from, const char *to, long add)
{
    size_t length;
    char *bytes = temporary_read(temporary_path(t, from), &length);
    bytes = realloc(bytes, length + (add > 0 ? (size_t)add : 0) + 1);
    assert_non_null(bytes);
    if (add > 0)
        memset(bytes + length, 0, (size_t)add);
    temporary_write(t, to, bytes, (size_t)((long)length + add));
    free(bytes);
}

/* A copy of the data folder, of which a test then spoils one file. */
static void copy_data(temporary *t, const char *folder)
{
    static const char *const files[] = {DATA_TRAIN_IMAGES, DATA_TRAIN_LABELS,
                                        DATA_TEST_IMAGES, DATA_TEST_LABELS};
    char to[128];
    if (access(temporary_path(t, folder), F_OK) != 0)
        temporary_mkdir(t, folder);
    for (size_t i = 0; i < 4; i++) {
        snprintf(to, sizeof to, "%s%s", folder, strchr(files[i], '/'));
        copy(t, files[i], to, 0);
    }
}

/* A place where nothing can be written is known before anything is trained:
   nothing is told of an epoch, and nothing of what went well. */
static void test_no_place_for_output(void **state)
{
    static const char *const options[] = {"--out", "--history", "--report",
                                          "--checkpoint"};
    static const struct {
        const char *path, *why;
    } places[] = {
        {"nowhere/x", "cannot write into nowhere: No such file or directory"},
        {"dangling", "dangling: cannot create a file in its folder"},
        {"/proc/x", "/proc/x: cannot create a file in its folder"},
    };
    temporary *t = *state;
    assert_int_equal(symlink("none/x", temporary_path(t, "dangling")), 0);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            if (places[j].path[0] == '/' && access("/proc/self", F_OK) != 0)
                continue;
            REFUSES(t, 5, places[j].why, "train", "--data", "data", "--epochs",
                    "1", options[i], places[j].path);
            if (strcmp(options[i], "--report") == 0)
                REFUSES(t, 5, places[j].why, "eval", "mnist.safetensors",
                        "--data", "data", options[i], places[j].path);
        }
}

static void test_no_data(void **state)
{
    temporary *t = *state;
    temporary_write(t, "file", "x", 1);
    REFUSES(t, 5, "get-mnist", TRAIN_ON("nowhere"));
    REFUSES(t, 5, "data/mnist", "train");
    REFUSES(t, 5, "file", TRAIN_ON("file"));
    REFUSES(t, 5, "nowhere", "eval", "--data", "nowhere");
    REFUSES(t, 5, "nowhere", "predict", "nowhere");
    REFUSES(t, 5, "nowhere", "show", "nowhere");
    REFUSES(t, 5, "nowhere", "info", "nowhere");
}

/* Each of the four files of a folder; what else can be wrong with a file is
   shown by the bad inputs of the folder bad/. */
static void test_bad_images(void **state)
{
    static const char html[] = "<!DOCTYPE html><title>503</title>";
    temporary *t = *state;
    copy_data(t, "bad");
    temporary_write(t, "bad/train-images-idx3-ubyte", html, sizeof html - 1);
    REFUSES(t, 3, "HTML", TRAIN_ON("bad"));
    copy(t, DATA_TEST_IMAGES, "bad/train-images-idx3-ubyte", 0);
    REFUSES(t, 3, "100 images", TRAIN_ON("bad"));
    copy(t, DATA_TRAIN_LABELS, "bad/train-images-idx3-ubyte", 0);
    copy(t, DATA_TRAIN_IMAGES, "bad/train-labels-idx1-ubyte", 0);
    REFUSES(t, 3, "swapped", TRAIN_ON("bad"));
}

/* The test set is looked at before anything is trained. */
static void test_bad_test_set(void **state)
{
    temporary *t = *state;
    copy_data(t, "badtest");
    copy(t, DATA_TEST_IMAGES, "badtest/t10k-images-idx3-ubyte", -1);
    REFUSES(t, 3, "t10k-images", TRAIN_ON("badtest"));
}

/* Labels that the network has no output for. */
static void test_label_out_of_range(void **state)
{
    temporary *t = *state;
    size_t length;
    copy_data(t, "label10");
    const char *path = temporary_path(t, "label10/t10k-labels-idx1-ubyte");
    char *labels = temporary_read(path, &length);
    labels[8 + 41] = 10;
    temporary_write(t, "label10/t10k-labels-idx1-ubyte", labels, length);
    free(labels);
    REFUSES(t, 3, "label 10 of image 41", "eval", "--data", "label10");
    REFUSES(t, 3, "label 10 of image 41", TRAIN_ON("label10"), "--net",
            TRAINED_NET);
    REFUSES(t, 3, "label 10 of image 41", TRAIN_ON("label10"), "--init",
            "mnist.safetensors");
}

/* Without a line that says how many outputs there are, a damaged label is a
   class like any other; but the person hears of it. */
static void test_label_far_above_the_others(void **state)
{
    temporary *t = *state;
    size_t length;
    program p = {.folder = temporary_folder(t)};
    copy_data(t, "label192");
    const char *path = temporary_path(t, "label192/train-labels-idx1-ubyte");
    char *labels = temporary_read(path, &length);
    labels[8 + 7] = (char)192;
    temporary_write(t, "label192/train-labels-idx1-ubyte", labels, length);
    RUN(&p, TRAIN_ON("label192"), "--dry-run");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.err, "warning: label192/train-labels-idx1-ubyte: "
                                  "label 192 of image 7, but only 11 of the "
                                  "labels 0 to 192 are there"));
    program_forget(&p);
    RUN(&p, TRAIN_ON("label192"), "--dry-run", "--net",
        "dense:200:relu,dense:193:softmax");
    assert_null(strstr(p.err, "warning"));
    program_forget(&p);
    /* 11 of 19 are more than half. */
    labels[8 + 7] = 18;
    temporary_write(t, "label192/train-labels-idx1-ubyte", labels, length);
    free(labels);
    RUN(&p, TRAIN_ON("label192"), "--dry-run");
    assert_null(strstr(p.err, "warning"));
    program_forget(&p);
}

static void test_images_of_another_size(void **state)
{
    /* Bright ones, for which no second line is to be printed. */
    static const char small[] =
        "\0\0\010\003\0\0\0\001\0\0\0\002\0\0\0\002\377\377\377\377";
    temporary *t = *state;
    temporary_write(t, "small", small, sizeof small - 1);
    REFUSES(t, 4, "images of 28x28; small holds images of 2x2", "predict",
            "small");
}

static void test_no_weights(void **state)
{
    temporary *t = *state;
    copy(t, "mnist.safetensors", "short.safetensors", -1);
    REFUSES(t, 5, "mnist train writes one", "eval", "nowhere.safetensors",
            "--data", "data");
    REFUSES(t, 4, "short.safetensors", "info", "short.safetensors");
}

/* --init brings its network and scale; options may only agree with them. */
static void test_init_of_another_network(void **state)
{
    temporary *t = *state;
    REFUSES(t, 4, "--net", TRAIN_ON("data"), "--init", "mnist.safetensors",
            "--net", "mlp512");
    REFUSES(t, 4, "--scale", TRAIN_ON("data"), "--init", "mnist.safetensors",
            "--scale", "1");
}

static void test_output_that_cannot_be(void **state)
{
    temporary *t = *state;
    REFUSES(t, 5, "nowhere", "train", "--data", "data", "--out",
            "nowhere/x.safetensors");
    REFUSES(t, 5, "folder", "train", "--data", "data", "--out", "data");
    REFUSES(t, 5, "not a folder", "train", "--data", "data", "--out",
            "mnist.safetensors/x");
    REFUSES(t, 5, "--checkpoint", TRAIN_ON("data"), "--checkpoint", "data");
    REFUSES(t, 5, "--history", TRAIN_ON("data"), "--history", "nowhere/h.csv");
    REFUSES(t, 2, "--history -", TRAIN_ON("data"), "--history", "-");
    REFUSES(t, 2, "weights and checkpoint", TRAIN_ON("data"), "--checkpoint",
            "new.safetensors");
    REFUSES(t, 2, "weights and history", TRAIN_ON("data"), "--history",
            "new.safetensors");
    REFUSES(t, 2, "checkpoint and history", TRAIN_ON("data"), "--history", "x",
            "--checkpoint", "x");
    REFUSES(t, 2, "never overwrite", "synth", "data");
}

static void test_diverged(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    size_t files = temporary_count(t);
    RUN(&p, TRAIN_ON("data"), "--lr", "1e30", "--quiet");
    REFUSED(&p, 7, "diverged", "try a smaller learning rate such as 0.001\n");
    program_forget(&p);
    /* What is advised is not what was done already. */
    RUN(&p, TRAIN_ON("data"), "--lr", "1e-3", "--scale", "1e-18", "--quiet");
    REFUSED(&p, 7, "diverged", "try a smaller learning rate, or scale 255\n");
    program_forget(&p);
    assert_int_equal(temporary_count(t), files);
}

/* Finite weights whose products are not: no numbers are made up. */
static void test_overflowing_weights(void **state)
{
    temporary *t = *state;
    mnist_network *net;
    assert_int_equal(mnist_network_new(&net, TRAINED_NET, 28, 28, 255, NULL),
                     0);
    for (size_t i = 0; i < 4; i++) {
        const mnist_tensor *tensor = mnist_network_tensor(net, i);
        for (size_t k = 0; k < tensor->count; k++)
            tensor->data[k] = 3e38f;
    }
    assert_int_equal(
        mnist_weights_save(net, temporary_path(t, "huge"), NULL, 0, NULL), 0);
    mnist_network_free(net);
    REFUSES(t, 7, "image 0", "predict", "-w", "huge", DATA_TEST_IMAGES);
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "eval", "huge", "--data", "data", "--json");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "\"loss\":null,"));
    program_forget(&p);
}

static void test_below_minimum(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "train", "--data", "data", "--epochs", "0", "--out", "initial");
    assert_int_equal(p.status, 0);
    program_forget(&p);
    RUN(&p, "eval", "initial", "--data", "data", "--min-accuracy", "0.9");
    assert_int_equal(p.status, 1);
    assert_non_null(strstr(p.out, "accuracy"));
    assert_int_equal(count_lines(p.err), 1);
    assert_non_null(strstr(p.err, "--min-accuracy 0.9"));
    program_forget(&p);
    RUN(&p, "eval", "initial", "--data", "data", "--min-accuracy", "0");
    assert_int_equal(p.status, 0);
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_bad_images),
        cmocka_unit_test(test_bad_test_set),
        cmocka_unit_test(test_label_out_of_range),
        cmocka_unit_test(test_label_far_above_the_others),
        cmocka_unit_test(test_images_of_another_size),
        cmocka_unit_test(test_no_weights),
        cmocka_unit_test(test_init_of_another_network),
        cmocka_unit_test(test_output_that_cannot_be),
        cmocka_unit_test(test_no_place_for_output),
        cmocka_unit_test(test_diverged),
        cmocka_unit_test(test_overflowing_weights),
        cmocka_unit_test(test_below_minimum),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
