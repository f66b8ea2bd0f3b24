/* Validation, early stopping, histories and schedules of mnist train. */
#include "support/json.h"
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

#define TRAIN "train", "--data", "data", "--net", TRAINED_NET

static char *read_text(temporary *t, const char *name)
{
    size_t length;
    return temporary_read(temporary_path(t, name), &length);
}

/* Images first..first+count-1 of the training set as a pair of files. */
static void write_part(temporary *t, size_t first, size_t count)
{
    size_t length, size = 28 * 28;
    char *images =
        temporary_read(temporary_path(t, DATA_TRAIN_IMAGES), &length);
    char *labels =
        temporary_read(temporary_path(t, DATA_TRAIN_LABELS), &length);
    images[6] = labels[6] = 0;
    images[7] = labels[7] = (char)count;
    memmove(images + 16, images + 16 + first * size, count * size);
    memmove(labels + 8, labels + 8 + first, count);
    temporary_write(t, "val-images", images, 16 + count * size);
    temporary_write(t, "val-labels", labels, 8 + count);
    free(images);
    free(labels);
}

/* The split is the last images of the file, as many as Keras takes. */
static void test_split_is_the_last_fraction(void **state)
{
    temporary *t = *state;
    program split = {.folder = temporary_folder(t)}, files = split;
    write_part(t, 70, 31);
    RUN(&split, TRAIN, "-e2", "-ov", "--json", "--limit", "101",
        "--validation-split", "0.3");
    assert_int_equal(split.status, 0);
    assert_true(json_lines_are_valid(split.out));
    assert_true(json_number(split.out, "train_images") == 70);
    assert_true(json_number(split.out, "validation_images") == 31);
    /* Files are taken whatever the split. */
    RUN(&files, TRAIN, "-e2", "-ow", "--json", "--limit", "70", "--val-images",
        "val-images", "--val-labels", "val-labels", "--validation-split",
        "0.9");
    assert_int_equal(files.status, 0);
    static const char *const figures[] = {"loss", "val_loss",
                                          "val_cross_entropy", "val_accuracy"};
    const char *a = strstr(split.out, "\"epoch\":2,");
    const char *b = strstr(files.out, "\"epoch\":2,");
    assert_non_null(a);
    assert_non_null(b);
    for (size_t i = 0; i < 4; i++)
        assert_true(json_number(a, figures[i]) == json_number(b, figures[i]));
    program_forget(&split);
    program_forget(&files);
}

/* Files that are named are those of the folder, wherever they come from; what
   is not named is not there. */
static void test_files_in_place_of_a_folder(void **state)
{
    temporary *t = *state;
    program all = {.folder = temporary_folder(t)}, some = all, other = all;
    RUN_WELL(t, TRAIN, "-e2", "-owhole", "-q");
    RUN(&all, "train", "--net", TRAINED_NET, "-e2", "-onamed", "--json",
        "--images", DATA_TRAIN_IMAGES, "--labels", DATA_TRAIN_LABELS,
        "--test-images", DATA_TEST_IMAGES, "--test-labels", DATA_TEST_LABELS);
    assert_int_equal(all.status, 0);
    assert_true(json_number(all.out, "test_images") == 100);
    assert_same_bytes(t, "whole", "named");
    RUN(&some, "train", "--net", TRAINED_NET, "-e2", "-onamed", "--images",
        DATA_TRAIN_IMAGES, "--labels", DATA_TRAIN_LABELS);
    assert_int_equal(some.status, 0);
    assert_non_null(strstr(some.err, DATA_TRAIN_IMAGES
                           ": 400 images to train on, 0 to test"));
    assert_null(strstr(some.out, "test"));
    assert_same_bytes(t, "whole", "named");
    /* A folder's, with other images to test on. */
    RUN(&other, TRAIN, "-e1", "-onamed", "--test-images", DATA_TRAIN_IMAGES,
        "--test-labels", DATA_TRAIN_LABELS);
    assert_non_null(strstr(other.err, "400 images to train on, 400 to test"));
    assert_non_null(strstr(other.out, "/400\n"));
    program_forget(&all);
    program_forget(&some);
    program_forget(&other);
}

/* 10 images and 0.1: 10 * (1 - 0.1) is 9 in binary, and so it is in Keras. */
static void test_split_counts(void **state)
{
    static const struct {
        const char *limit, *split;
        double train;
    } cases[] = {{"10", "0.1", 9},  {"10", "0.25", 7},   {"3", "0.5", 1},
                 {"2", "0.999", 0}, {"400", "0.3", 280}, {"7", "1e-9", 6}};
    temporary *t = *state;
    for (size_t i = 0; i < 6; i++) {
        program p = {.folder = temporary_folder(t)};
        RUN(&p, TRAIN, "-e0", "-ov", "--json", "--limit", cases[i].limit,
            "--validation-split", cases[i].split);
        if (cases[i].train == 0) {
            REFUSED(&p, 2, "--validation-split 0.999", "2 images");
        } else {
            assert_int_equal(p.status, 0);
            assert_true(json_number(p.out, "train_images") == cases[i].train);
        }
        program_forget(&p);
    }
}

static void test_epoch_line(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    double loss, accuracy, val_loss, val_accuracy, seconds;
    char end[2];
    RUN(&p, TRAIN, "-e2", "-ov", "--validation-split", "0.25");
    assert_int_equal(p.status, 0);
    assert_non_null(
        strstr(p.err, "300 images to train on, 100 to validate, 100 to test"));
    const char *line = strstr(p.err, "epoch 2/2  ");
    assert_non_null(line);
    assert_int_equal(sscanf(line,
                            "epoch 2/2  loss %lf  acc %lf  val_loss %lf  "
                            "val_acc %lf  %lf %1s",
                            &loss, &accuracy, &val_loss, &val_accuracy,
                            &seconds, end),
                     6);
    program_forget(&p);
}

static mnist_network *load(temporary *t, const char *name)
{
    mnist_network *net;
    assert_int_equal(
        mnist_weights_load(&net, NULL, temporary_path(t, name), NULL), 0);
    return net;
}

static void assert_same_tensors(temporary *t, const char *a, const char *b)
{
    mnist_network *one = load(t, a), *two = load(t, b);
    const mnist_tensor *x, *y;
    for (size_t i = 0; (x = mnist_network_tensor(one, i)); i++) {
        y = mnist_network_tensor(two, i);
        assert_memory_equal(x->data, y->data, x->count * sizeof *x->data);
    }
    mnist_network_free(one);
    mnist_network_free(two);
}

/* With a learning rate that makes it swing: stopped, told, and the weights are
   those of a training that ended with the best epoch. */
static void test_early_stopping(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, json = p;
    size_t best, last, stopped;
    char epochs[16];
    RUN(&p, TRAIN, "-e200", "-oearly", "--validation-split", "0.25", "--lr",
        "0.02", "--patience", "3", "--verbose", "0");
    assert_int_equal(p.status, 0);
    assert_int_equal(sscanf(p.out,
                            "stopped early after epoch %zu: no better val_loss "
                            "in 3 epochs\nbest epoch %zu of %zu; its weights "
                            "are kept\n",
                            &stopped, &best, &last),
                     3);
    assert_int_equal(stopped, last);
    assert_int_equal(last, best + 3);
    program_forget(&p);
    snprintf(epochs, sizeof epochs, "%zu", best);
    RUN_WELL(t, TRAIN, "-oshort", "--validation-split", "0.25", "--lr", "0.02",
             "--epochs", epochs);
    assert_same_tensors(t, "early", "short");
    RUN(&json, TRAIN, "-e200", "-oearly", "--validation-split", "0.25", "--lr",
        "0.02", "--patience", "3", "--json");
    const char *done = strstr(json.out, "\"done\"");
    assert_non_null(done);
    assert_true(json_number(done, "best_epoch") == (double)best);
    assert_non_null(strstr(done, "\"stopped_early\":true"));
    program_forget(&json);
    RUN(&p, "info", "early");
    assert_non_null(strstr(p.out, "patience "));
    assert_non_null(strstr(p.out, "best_epoch "));
    assert_non_null(strstr(p.out, "validation_split  0.25"));
    program_forget(&p);
}

/* Nothing is ever better by as much as that; and without validation the
   training loss counts. */
static void test_min_delta(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "-e9", "-ov", "--patience", "1", "--min-delta", "100",
        "--verbose", "0");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "after epoch 2: no better loss in 1 epoch\n"
                                  "best epoch 1 of 2;"));
    program_forget(&p);
}

/* Of a training told in JSON, the epochs and what is monitored. */
static size_t best_by(const char *out, const char *name, bool rises)
{
    size_t best = 0, epoch = 0;
    double figure = 0;
    for (const char *at = out; (at = strstr(at, "\"event\":\"epoch\"")); at++) {
        double now = json_number(at, name);
        epoch++;
        if (best == 0 || (rises ? now > figure : now < figure)) {
            best = epoch;
            figure = now;
        }
    }
    return best;
}

/* What each --monitor calls the best epoch, and that its weights are written,
   though nothing ends the training early. */
static void test_monitor(void **state)
{
    static const struct {
        const char *monitor, *told, *figure;
        bool rises;
    } cases[] = {
        {"auto", "val_loss", "val_loss", false},
        {"loss", "loss", "loss", false},
        {"acc", "acc", "accuracy", true},
        {"accuracy", "acc", "accuracy", true},
        {"val_loss", "val_loss", "val_loss", false},
        {"val_acc", "val_acc", "val_accuracy", true},
        {"val_accuracy", "val_acc", "val_accuracy", true},
    };
    temporary *t = *state;
    size_t first = 0, differ = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        program p = {.folder = temporary_folder(t)};
        char epochs[16], told[40];
        RUN(&p, TRAIN, "-e8", "-obest", "--validation-split", "0.25", "--lr",
            "0.03", "--monitor", cases[i].monitor, "--save-best", "--json");
        assert_int_equal(p.status, 0);
        assert_true(json_lines_are_valid(p.out));
        snprintf(told, sizeof told, "\"monitor\":\"%s\"", cases[i].told);
        assert_non_null(strstr(p.out, told));
        size_t best = best_by(p.out, cases[i].figure, cases[i].rises);
        const char *done = strstr(p.out, "\"done\"");
        assert_non_null(done);
        assert_true(json_number(done, "best_epoch") == (double)best);
        assert_true(json_number(done, "epochs") == 8);
        assert_non_null(strstr(done, "\"stopped_early\":false"));
        const char *kept = strstr(done, "\"kept\":{");
        assert_non_null(kept);
        assert_true(json_number(kept, "epoch") == (double)best);
        snprintf(epochs, sizeof epochs, "%zu", best);
        RUN_WELL(t, TRAIN, "-oshort", "--validation-split", "0.25", "--lr",
                 "0.03", "--epochs", epochs);
        assert_same_tensors(t, "best", "short");
        first = i ? first : best;
        differ += best != first;
        program_forget(&p);
    }
    assert_true(differ > 0);
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "info", "best");
    assert_non_null(strstr(p.out, "save_best         yes"));
    assert_non_null(strstr(p.out, "monitor           val_acc\n"));
    program_forget(&p);
}

static void test_history_csv(void **state)
{
    temporary *t = *state;
    double row[9];
    char end;
    RUN_WELL(t, TRAIN, "-e3", "-ov", "--history", "h.csv");
    char *text = read_text(t, "h.csv");
    assert_int_equal(count_lines(text), 4);
    assert_int_equal(
        strncmp(text, "epoch,loss,cross_entropy,accuracy,lr,seconds\n1,", 47),
        0);
    assert_null(strchr(text, ' '));
    free(text);
    /* In place of the one that is there. */
    RUN_WELL(t, TRAIN, "-e2", "-ov", "--history", "h.csv", "--validation-split",
             "0.5");
    text = read_text(t, "h.csv");
    assert_int_equal(count_lines(text), 3);
    const char *line = strchr(text, '\n');
    assert_int_equal(strncmp(text,
                             "epoch,loss,cross_entropy,accuracy,val_loss,"
                             "val_cross_entropy,val_accuracy,lr,seconds",
                             (size_t)(line - text)),
                     0);
    assert_int_equal(sscanf(line, "\n%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf%c",
                            &row[0], &row[1], &row[2], &row[3], &row[4],
                            &row[5], &row[6], &row[7], &row[8], &end),
                     10);
    assert_true(row[0] == 1 && row[7] == 0.001 && end == '\n');
    free(text);
}

/* JSON Lines hold the figures that --json prints, the penalty in one of two. */
static void test_history_jsonl(void **state)
{
    static const char *const figures[] = {
        "epoch",    "loss", "cross_entropy",     "accuracy",
        "val_loss", "lr",   "val_cross_entropy", "val_accuracy"};
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "train", "-d", "data", "--net",
        "dense:9:relu:l1=0.001,dense:10:softmax", "-e2", "-ov", "--history",
        "h.jsonl", "--validation-split", "0.5", "--json");
    assert_int_equal(p.status, 0);
    char *text = read_text(t, "h.jsonl");
    assert_int_equal(count_lines(text), 2);
    assert_true(json_lines_are_valid(text));
    const char *event = strstr(p.out, "\"event\":\"epoch\"");
    assert_non_null(event);
    for (size_t i = 0; i < 8; i++)
        assert_true(json_number(text, figures[i]) ==
                    json_number(event, figures[i]));
    assert_true(json_number(text, "loss") > json_number(text, "cross_entropy"));
    assert_true(json_number(text, "val_loss") >
                json_number(text, "val_cross_entropy"));
    free(text);
    program_forget(&p);
}

static void test_history_that_cannot_be_written(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "-e2", "-onothing", "--verbose", "0", "--history",
        "/dev/full");
    REFUSED(&p, 5, "/dev/full: cannot write");
    program_forget(&p);
}

/* The learning rates of a history's rows. */
static void read_rates(temporary *t, double *rates, size_t count)
{
    char *text = read_text(t, "lr.jsonl");
    const char *line = text;
    for (size_t i = 0; i < count; i++) {
        rates[i] = json_number(line, "lr");
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, "");
    free(text);
}

static void test_schedules(void **state)
{
    static const double pi = 3.14159265358979323846;
    temporary *t = *state;
    double rates[6];
    RUN_WELL(t, TRAIN, "-e6", "-ov", "--history", "lr.jsonl", "--lr", "0.01",
             "--lr-schedule", "step", "--lr-step", "2", "--lr-gamma", "0.5");
    read_rates(t, rates, 6);
    for (size_t e = 0; e < 6; e++)
        assert_true(fabs(rates[e] - 0.01 * pow(0.5, (double)(e / 2))) < 1e-12);
    RUN_WELL(t, TRAIN, "-e6", "-ov", "--history", "lr.jsonl", "--lr", "0.01",
             "--lr-schedule", "cosine");
    read_rates(t, rates, 6);
    for (size_t e = 0; e < 6; e++)
        assert_true(fabs(rates[e] - 0.005 * (1 + cos(pi * (double)e / 6))) <
                    1e-9);
}

/* With an eye on an accuracy that a large rate leaves where it is. */
static void test_plateau(void **state)
{
    temporary *t = *state;
    double rates[8];
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "-e8", "-ov", "--history", "lr.jsonl", "--lr", "1e-9",
        "--lr-plateau", "2", "--lr-factor", "0.5", "--min-lr", "2e-10",
        "--no-shuffle");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.err, "  lr 1e-09  "));
    assert_non_null(strstr(p.err, "  lr 2e-10  "));
    program_forget(&p);
    read_rates(t, rates, 8);
    static const double want[8] = {1e-9,  1e-9,    1e-9,    5e-10,
                                   5e-10, 2.5e-10, 2.5e-10, 2e-10};
    for (size_t e = 0; e < 8; e++)
        assert_true(fabs(rates[e] - want[e]) < 1e-18);
    /* A step or a plateau implies its schedule; the name of others does. */
    RUN_WELL(t, TRAIN, "-e4", "-ov", "--history", "lr.jsonl", "--lr", "0.01",
             "--lr-step", "2", "--gamma", "0.5");
    read_rates(t, rates, 4);
    assert_true(rates[1] == 0.01 && rates[2] == 0.005);
}

static bool same_loss(temporary *t, const char *a, const char *b)
{
    mnist_network *one = load(t, a), *two = load(t, b);
    const mnist_tensor *x = mnist_network_tensor(one, 0);
    const mnist_tensor *y = mnist_network_tensor(two, 0);
    bool same = memcmp(x->data, y->data, x->count * sizeof *x->data) == 0;
    mnist_network_free(one);
    mnist_network_free(two);
    return same;
}

static void test_rule_of_the_optimizer(void **state)
{
    temporary *t = *state;
    RUN_WELL(t, TRAIN, "-e1", "-oplain");
    RUN_WELL(t, TRAIN, "-e1", "-ocentered", "--centered");
    RUN_WELL(t, TRAIN, "-e1", "-omomentum", "--momentum", "0.5");
    RUN_WELL(t, TRAIN, "-e1", "-oclipped", "--clip-norm", "0.01");
    RUN_WELL(t, TRAIN, "-e1", "-olong", "--clipnorm", "1000");
    assert_true(same_loss(t, "plain", "long"));
    assert_false(same_loss(t, "plain", "clipped"));
    assert_false(same_loss(t, "plain", "centered"));
    assert_false(same_loss(t, "plain", "momentum"));
}

/* Words behind `mnist train`, and what the answer names. */
static void test_refusals(void **state)
{
    static const struct {
        const char *words[5], *answer;
    } bad[] = {
        {{"--validation-split", "1"}, "--validation-split 1"},
        {{"--validation-split", "-0.1"}, "--validation-split -0.1"},
        {{"--limit", "1", "--validation-split", "0.5"}, "train on"},
        {{"--val-images", "x"}, "--val-labels is missing"},
        {{"--test-images", "x"}, "--test-labels is missing"},
        {{"--labels", "x"}, "--images is missing"},
        {{"--images", "x", "--labels", "y"}, "--data and --images"},
        {{"--test-images", "-", "--test-labels", "-"}, "named 2 times"},
        {{"--val-labels", "x"}, "--val-images is missing"},
        {{"--min-delta", "1"}, "--patience"},
        {{"--min-delta", "-1", "--patience", "1"}, "--min-delta -1"},
        {{"--patience", "x"}, "--patience x"},
        {{"--checkpoint-every", "2"}, "name a file"},
        {{"--checkpoint", "w-%e", "--out", "w-3"},
         "w-3 would hold a checkpoint and the weights"},
        {{"--checkpoint", "w%e.csv", "--history", "w12.csv"}, "the history"},
        {{"--monitor", "val_loss"}, "--patience, --save-best and --lr-plateau"},
        {{"--monitor", "val_los", "--patience", "1"}, "did you mean val_loss"},
        {{"--monitor", "val_loss", "--patience", "1"}, "or look at loss"},
        {{"--monitor", "val_accuracy", "--save-best"}, "or look at acc"},
        {{"--lr-step", "2", "--lr-schedule", "constant"}, "is constant"},
        {{"--lr-gamma", "0.5"}, "--lr-schedule step"},
        {{"--lr-step", "2", "--lr-plateau", "2"}, "is plateau"},
        {{"--lr-plateau", "2", "--lr-schedule", "step"}, "is step"},
        {{"--lr-factor", "0.5"}, "--lr-schedule plateau"},
        {{"--min-lr", "0"}, "--lr-schedule plateau"},
        {{"--lr-plateau", "0"}, "--lr-plateau 0"},
        {{"--lr-plateau", "1", "--lr-factor", "1"}, "--lr-factor 1"},
        {{"--lr-plateau", "1", "--min-lr", "0.1"}, "learning rate 0.1"},
        {{"--lr-plateau", "1", "--monitor", "val_acc"}, "--monitor val_acc"},
        {{"--lr-gamma", "0.5", "--lr-schedule", "cosine"}, "is cosine"},
        {{"--lr-step", "0", "--lr-schedule", "step"}, "--lr-step 0"},
        {{"--lr-gamma", "1.5", "--lr-schedule", "step"}, "--lr-gamma 1.5"},
        {{"--append"}, "--history"},
        {{"--history", "h.csv", "--append", "--resume=x"}, "leave out"},
        {{"--history", "h.json"}, ".jsonl for JSON Lines"},
        {{"--lr-schedule", "cosin"}, "did you mean cosine"},
        {{"--loss", "mse"}, "categorical_crossentropy"},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *words[10] = {"train", "-d", "data", "-q"};
        for (size_t k = 0; bad[i].words[k]; k++)
            words[4 + k] = bad[i].words[k];
        program p = {.folder = temporary_folder(t)};
        program_run(&p, words);
        REFUSED(&p, 2, bad[i].answer);
        program_forget(&p);
    }
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "-q", "--val-images", "nowhere", "--val-labels", "nowhere");
    REFUSED(&p, 5, "nowhere");
    program_forget(&p);
    RUN(&p, TRAIN, "-q", "--val-images", DATA_TEST_IMAGES, "--val-labels",
        DATA_TRAIN_LABELS);
    REFUSED(&p, 3, "100", "400");
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_is_the_last_fraction),
        cmocka_unit_test(test_files_in_place_of_a_folder),
        cmocka_unit_test(test_split_counts),
        cmocka_unit_test(test_epoch_line),
        cmocka_unit_test(test_early_stopping),
        cmocka_unit_test(test_min_delta),
        cmocka_unit_test(test_monitor),
        cmocka_unit_test(test_history_csv),
        cmocka_unit_test(test_history_jsonl),
        cmocka_unit_test(test_history_that_cannot_be_written),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_plateau),
        cmocka_unit_test(test_rule_of_the_optimizer),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
