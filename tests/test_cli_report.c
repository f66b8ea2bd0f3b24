/* mnist train --report and mnist eval --report: that the page says what the
   program says, whichever way it ends. */
#include "base/file.h"

#include "support/json.h"
#include "support/markup.h"
#include "support/program.h"
#include "support/sealed.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRAIN                                                                  \
    "train", "--data", "data", "--net", TRAINED_NET, "--batch", "50", "-oo",   \
        "--report", "r.html"

/* The page that was written; the caller frees it. */
static char *read_page(temporary *t)
{
    size_t length;
    char *page = temporary_read(temporary_path(t, "r.html"), &length);
    assert_whole_page(page);
    unlink(temporary_path(t, "r.html"));
    return page;
}

/* The figures of the page are those of an evaluation told as JSON. */
static void assert_figures(const char *page, const char *json)
{
    double mistakes = json_number(json, "count") - json_number(json, "correct");
    assert_true(fabs(markup_figure(page, "accuracy") -
                     json_number(json, "accuracy")) < 1e-8);
    assert_true(fabs(markup_figure(page, "loss") - json_number(json, "loss")) <
                1e-8);
    assert_true(markup_figure(page, "mistakes") == mistakes);
}

/* Squares of the table are those of "confusion": in the output, in order. */
static void assert_squares(const char *page, const char *json)
{
    const char *at = strstr(json, "\"confusion\":[[");
    const char *square = strstr(page, "<table class=\"squares\">");
    assert_non_null(at);
    assert_non_null(square);
    at += strlen("\"confusion\":[[");
    for (size_t i = 0; i < 100; i++) {
        char *end;
        square = strstr(square, "<td class=\"") + 1;
        assert_int_equal(strtoul(strchr(square, '>') + 1, NULL, 10),
                         strtoul(at, &end, 10));
        at = end + strspn(end, ",][");
    }
}

static void test_train(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    char number[32];
    RUN(&p, TRAIN, "-e3", "--validation-split", "0.25", "--json");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    char *page = read_page(t);
    const char *done = strstr(p.out, "\"event\":\"done\"");
    assert_non_null(done);
    assert_non_null(strstr(done, "\"report\":\"r.html\""));
    assert_figures(page, strstr(done, "\"test\":{"));
    assert_true(markup_figure(page, "epochs") == 3);
    assert_true(markup_figure(page, "parameters") ==
                json_number(p.out, "parameters"));
    /* Every epoch's figures are in the table under the curves. */
    for (const char *at = p.out; (at = strstr(at, "\"event\":\"epoch\""));
         at++) {
        snprintf(number, sizeof number, "<td>%.4f</td>",
                 json_number(at, "val_loss"));
        assert_non_null(strstr(page, number));
        snprintf(number, sizeof number, "<td>%.2f</td>",
                 100 * json_number(at, "accuracy"));
        assert_non_null(strstr(page, number));
    }
    assert_non_null(strstr(page, "class=\"validation\""));
    assert_non_null(strstr(page, "<polygon class=\"test\""));
    assert_non_null(strstr(page, "<td>glorot_uniform</td>"));
    /* The settings are those of the weights file. */
    assert_non_null(strstr(page, "<th scope=\"row\">Validation split</th>"
                                 "<td>0.25</td>"));
    free(page);
    program_forget(&p);
}

/* The same training draws the same page; where it is written is not in it. */
static void test_same_bytes(void **state)
{
    temporary *t = *state;
    temporary_mkdir(t, "elsewhere");
    RUN_WELL(t, TRAIN, "-q", "-e2", "--threads", "1");
    RUN_WELL(t, "train", "--data", "data", "--net", TRAINED_NET, "--batch",
             "50", "-oelsewhere/o", "--report", "elsewhere/s.html", "-q", "-e2",
             "--threads", "3");
    assert_same_bytes(t, "r.html", "elsewhere/s.html");
    free(read_page(t));
}

static void test_eval(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "eval", "--data", "data", "--report", "r.html", "--json",
        "--confusion", "--mistakes", "100");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "\"report\":\"r.html\""));
    char *page = read_page(t);
    assert_figures(page, p.out);
    assert_squares(page, p.out);
    assert_int_equal(count_text(page, "<img class=\"ink\""),
                     count_text(p.out, "\"predicted\":"));
    assert_non_null(strstr(page, "<h1><bdi>mnist.safetensors</bdi></h1>"));
    assert_non_null(strstr(page, "mnist train --report"));
    assert_non_null(strstr(page, "<th scope=\"row\">Seed</th>"));
    free(page);
    program_forget(&p);
    RUN(&p, "eval", "--data", "data", "--report", "r.html");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "\nwrote r.html\n"));
    program_forget(&p);
    page = read_page(t);
    assert_in_range(count_text(page, "<img class=\"ink\""), 1, 24);
    free(page);
    /* Below the accuracy asked for, the page is wanted all the more. */
    RUN(&p, "eval", "--data", "data", "--report", "r.html", "-q",
        "--min-accuracy", "1");
    assert_int_equal(p.status, 1);
    free(read_page(t));
    program_forget(&p);
}

/* A checkpoint's own notes are not settings. */
static void test_eval_of_a_checkpoint(void **state)
{
    temporary *t = *state;
    RUN_WELL(t, TRAIN, "-q", "-e1", "--checkpoint", "c");
    free(read_page(t));
    RUN_WELL(t, "eval", "c", "--data", "data", "--report", "r.html", "-q");
    char *page = read_page(t);
    assert_null(strstr(page, "checkpoint_"));
    assert_non_null(strstr(page, "<th scope=\"row\">Batch</th><td>50</td>"));
    free(page);
}

/* A data folder with the training set only. */
static void make_training_only(temporary *t)
{
    static const char *const names[][2] = {
        {DATA_TRAIN_IMAGES, "only/train-images-idx3-ubyte"},
        {DATA_TRAIN_LABELS, "only/train-labels-idx1-ubyte"}};
    temporary_mkdir(t, "only");
    for (size_t i = 0; i < 2; i++) {
        size_t length;
        char *bytes = temporary_read(temporary_path(t, names[i][0]), &length);
        temporary_write(t, names[i][1], bytes, length);
        free(bytes);
    }
}

static void test_what_is_missing(void **state)
{
    temporary *t = *state;
    make_training_only(t);
    RUN_WELL(t, TRAIN, "-q", "-e2");
    char *page = read_page(t);
    assert_non_null(strstr(page, "only the test at the end shows it"));
    assert_null(strstr(page, "<path class=\"validation\""));
    free(page);
    RUN_WELL(t, TRAIN, "-q", "-e2", "--data", "only", "--validation-split",
             "0.25");
    page = read_page(t);
    assert_non_null(strstr(page, " of 100 validation images."));
    assert_true(markup_figure(page, "mistakes") > 0);
    assert_null(strstr(page, "<polygon class=\"test\""));
    free(page);
    RUN_WELL(t, TRAIN, "-q", "-e0", "--data", "only");
    page = read_page(t);
    assert_non_null(strstr(page, "neither test images nor images kept"));
    assert_non_null(strstr(page, "Nothing was trained"));
    free(page);
}

static void test_stopped_early(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    char says[80];
    RUN(&p, TRAIN, "--json", "-e40", "--lr", "0.05", "--patience", "1",
        "--validation-split", "0.25");
    assert_int_equal(p.status, 0);
    char *page = read_page(t);
    assert_non_null(strstr(p.out, "\"stopped_early\":true"));
    snprintf(says, sizeof says, "because none was better than epoch %.0f.",
             json_number(p.out, "best_epoch"));
    assert_non_null(strstr(page, says));
    assert_non_null(strstr(page, "<line class=\"best\""));
    free(page);
    program_forget(&p);
}

#define RESUME "train", "--data", "data", "-q", "--resume", "c", "-oo"

/* A training that is gone on with draws the page of one that was not broken
   off, with the epochs that were reported before. */
static void test_resumed(void **state)
{
    temporary *t = *state;
    RUN_WELL(t, TRAIN, "-q", "-e5", "--validation-split", "0.25");
    char *whole = read_page(t);
    RUN_WELL(t, TRAIN, "-q", "-e2", "--validation-split", "0.25",
             "--checkpoint", "c");
    free(read_page(t));
    RUN_WELL(t, RESUME, "-e4", "--report", "r.html");
    free(read_page(t));
    RUN_WELL(t, RESUME, "-e5", "--report", "r.html");
    char *page = read_page(t);
    assert_string_equal(page, whole);
    free(page);
    free(whole);
    RUN_WELL(t, RESUME, "-e5", "--report", "r.html");
    page = read_page(t);
    assert_non_null(strstr(page, "<tr><th scope=\"row\">5</th>"));
    free(page);
    /* Weights are the same with a report and without. */
    RUN_WELL(t, "train", "--data", "data", "--net", TRAINED_NET, "-q",
             "--batch", "50", "-e5", "--validation-split", "0.25", "-oplain");
    assert_same_bytes(t, "o", "plain");
}

/* Writes the checkpoint "c" with that byte of its curves changed. */
static void change_curves(temporary *t, const char *kept, size_t length,
                          size_t at, char to)
{
    char *copy = malloc(length);
    unsigned char *file = malloc(length + 64);
    memcpy(copy, kept, length);
    size_t header = mnist_load_le32((const uint8_t *)kept);
    char *curves = strstr(copy + 8, "\"epoch_figures\":\"");
    assert_non_null(curves);
    curves[strlen("\"epoch_figures\":\"") + at] = to;
    memset(strstr(copy + 8, "\"crc32\":\"") + strlen("\"crc32\":\""), '0', 8);
    size_t size = sealed_put(file, length + 64, copy + 8, header,
                             copy + 8 + header, length - 8 - header);
    temporary_write(t, "c", file, size);
    free(file);
    free(copy);
}

/* Of curves that are none, nothing is drawn, and the training goes on. */
static void test_resumed_with_bad_curves(void **state)
{
    static const struct {
        size_t at;
        char to;
    } changes[] = {{0, 'x'}, {0, ','}, {0, ';'}, {1, ';'}, {2, ' '}, {3, '-'}};
    temporary *t = *state;
    size_t length;
    RUN_WELL(t, TRAIN, "-q", "-e2", "--checkpoint", "c");
    free(read_page(t));
    char *kept = temporary_read(temporary_path(t, "c"), &length);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        change_curves(t, kept, length, changes[i].at, changes[i].to);
        RUN_WELL(t, RESUME, "-e3", "--report", "r.html");
        char *page = read_page(t);
        assert_non_null(strstr(page, "Epochs up to 2 were trained without"));
        assert_true(markup_figure(page, "epochs") == 3);
        free(page);
    }
    free(kept);
}

/* Curves that are not known begin where this run does, and the page says so. */
static void test_resumed_without_curves(void **state)
{
    temporary *t = *state;
    RUN_WELL(t, "train", "--data", "data", "--net", TRAINED_NET, "-q", "-e2",
             "--batch", "50", "--checkpoint", "c", "-oo");
    RUN_WELL(t, RESUME, "-e4", "--report", "r.html");
    char *page = read_page(t);
    assert_non_null(strstr(page, "Epochs up to 2 were trained without"));
    *strstr(page, "</details>") = '\0';
    assert_non_null(strstr(page, "<tr><th scope=\"row\">3</th>"));
    assert_null(strstr(page, "<tr><th scope=\"row\">2</th>"));
    free(page);
    RUN_WELL(t, RESUME, "--report", "r.html");
    page = read_page(t);
    assert_non_null(strstr(page, "All epochs had been done before."));
    free(page);
}

/* A signal while it trains: how far it came. */
static void test_interrupted(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    int process = program_start(
        &p, (const char *[]){TRAIN, "-e100000", "--verbose", "2", NULL});
    program_await(process, "epoch 3/");
    assert_int_equal(kill(process, SIGINT), 0);
    program_wait(&p, process);
    assert_int_equal(p.signal, SIGINT);
    assert_non_null(strstr(p.err, " --report r.html"));
    char *page = read_page(t);
    assert_non_null(strstr(page, "Stopped by SIGINT in epoch "));
    assert_non_null(strstr(page, "<bdi>o.checkpoint</bdi>"));
    assert_true(markup_figure(page, "epochs") >= 3);
    assert_non_null(strstr(page, "did not reach its end"));
    free(page);
    program_forget(&p);
}

static void test_diverged(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "train", "--data", "data", "-q", "--net", "mlp15", "--scale", "255",
        "--momentum", "0.99", "--epochs", "30", "--lr", "2e16", "--limit", "60",
        "--batch", "20", "-oo", "--report", "r.html");
    assert_int_equal(p.status, 7);
    assert_int_equal(count_lines(p.err), 1);
    char *page = read_page(t);
    assert_non_null(strstr(page, "No weights were written: training diverged"));
    free(page);
    program_forget(&p);
}

/* ---- Where it cannot go ---- */

static void test_refused_before_training(void **state)
{
    temporary *t = *state;
    static const struct {
        const char *path, *says;
        int status;
    } jobs[] = {{"nowhere/r.html", "--report: cannot write into nowhere", 5},
                {"data", "--report data: this is a folder", 5},
                {"-", "--report -: this goes to a file", 2},
                {"o", "o would hold weights and the report at once", 2},
                {"c", "checkpoint and the report at once", 2},
                {"h", "history and the report at once", 2}};
    program p = {.folder = temporary_folder(t)};
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        RUN(&p, "train", "--data", "data", "-q", "-oo", "--checkpoint", "c",
            "--history", "h", "--report", jobs[i].path);
        REFUSED(&p, jobs[i].status, jobs[i].says);
        program_forget(&p);
    }
    assert_int_not_equal(access(temporary_path(t, "h"), F_OK), 0);
    RUN(&p, "train", "--data", "data", "--init", "mnist.safetensors", "-oo",
        "--report", "mnist.safetensors");
    REFUSED(&p, 2, "weights to start from and the report at once");
    program_forget(&p);
    RUN(&p, "eval", "--data", "data", "--report", "./mnist.safetensors");
    REFUSED(&p, 2, "weights and the report at once");
    program_forget(&p);
    RUN(&p, "eval", "--images", DATA_TEST_IMAGES, "--labels", DATA_TEST_LABELS,
        "--report", DATA_TEST_LABELS);
    REFUSED(&p, 2, "labels and the report at once");
    program_forget(&p);
    RUN(&p, "eval", "--data", "data", "--report", "nowhere/r.html");
    REFUSED(&p, 5, "--report: cannot write into nowhere");
    program_forget(&p);
}

/* It could be written when the training began, and cannot at its end: the
   weights are there, the results told, and then the failure. */
static void test_refused_at_the_end(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    if (access("/dev/full", W_OK) != 0)
        skip();
    RUN(&p, "train", "--data", "data", "-e1", "-olate", "--verbose", "0",
        "--report", "/dev/full");
    assert_int_equal(p.status, 5);
    assert_non_null(strstr(p.out, "test accuracy"));
    assert_non_null(strstr(p.out, "wrote late\n"));
    assert_null(strstr(p.out, "wrote /dev/full"));
    assert_non_null(strstr(p.err, "/dev/full: cannot write"));
    assert_int_equal(access(temporary_path(t, "late"), F_OK), 0);
    program_forget(&p);
    RUN(&p, "eval", "--data", "data", "--json", "--report", "/dev/full");
    assert_int_equal(p.status, 5);
    assert_int_equal(count_lines(p.err), 1);
    assert_true(json_lines_are_valid(p.out));
    assert_null(strstr(p.out, "report"));
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_train),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_eval),
        cmocka_unit_test(test_eval_of_a_checkpoint),
        cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_stopped_early),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_resumed_with_bad_curves),
        cmocka_unit_test(test_resumed_without_curves),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_diverged),
        cmocka_unit_test(test_refused_before_training),
        cmocka_unit_test(test_refused_at_the_end),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
