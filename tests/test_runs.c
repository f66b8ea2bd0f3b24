/* What runs told, read back: mnist/runs.h. */
#include <mnist/runs.h>

#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As the program writes them, with numbers to be told apart. */
#define TRAIN "{\"version\":1,\"command\":\"train\",\"event\":"
#define START TRAIN "\"start\",\"network\":\"x\",\"seed\":7,\"lr\":0.001}\n"
#define EPOCH TRAIN "\"epoch\",\"epoch\":1,\"loss\":0.5,\"seconds\":0.1}\n"
#define DONE                                                                   \
    TRAIN "\"done\",\"weights\":\"w\",\"seed\":7,\"epochs\":2,"                \
          "\"seconds\":1.5,\"test\":{\"loss\":0.25,\"cross_entropy\":0.125,"   \
          "\"loss_error\":0.01,\"accuracy\":0.75,\"count\":100},\"kept\":{"    \
          "\"epoch\":2,\"loss\":3,\"cross_entropy\":4,\"accuracy\":5,"         \
          "\"val_loss\":6,\"val_cross_entropy\":7,\"val_accuracy\":8}}\n"
#define EVAL                                                                   \
    "{\"version\":1,\"command\":\"eval\",\"loss\":9,\"cross_entropy\":10,"     \
    "\"accuracy\":0.5,\"count\":4,\"seconds\":12,\"confusion\":[[1,0],[2,1]]}" \
    "\n"

static mnist_status read_text(temporary *t, mnist_runs *out, const char *text,
                              const char *metric, mnist_error *err)
{
    const char *path = temporary_write(t, "runs", text, strlen(text));
    return mnist_runs_read(out, path, metric, err);
}

static void assert_value(temporary *t, const char *text, const char *metric,
                         double value)
{
    mnist_runs runs = {0};
    mnist_error err = {.message = ""};
    if (read_text(t, &runs, text, metric, &err))
        fail_msg("%s", err.message);
    assert_int_equal(runs.count, 1);
    if (runs.run[0].value != value)
        fail_msg("%s: %g, expected %g", metric, runs.run[0].value, value);
    mnist_runs_free(&runs);
}

static void test_metrics(void **state)
{
    static const struct {
        const char *name;
        double trained, evaluated; /* or -1 */
    } rows[] = {
        {"test_accuracy", 0.75, 0.5},
        {"test_loss", 0.25, 9},
        {"test_cross_entropy", 0.125, 10},
        {"val_accuracy", 8, -1},
        {"val_loss", 6, -1},
        {"val_cross_entropy", 7, -1},
        {"train_accuracy", 5, -1},
        {"train_loss", 3, -1},
        {"train_cross_entropy", 4, -1},
        {"seconds", 1.5, 12},
    };
    temporary *t = *state;
    size_t count = sizeof rows / sizeof *rows;
    for (size_t i = 0; i < count; i++) {
        const mnist_metric *metric = mnist_metric_get(i);
        mnist_runs runs;
        mnist_error err;
        assert_non_null(metric);
        assert_string_equal(metric->name, rows[i].name);
        assert_int_equal(metric->higher,
                         strstr(rows[i].name, "accuracy") != NULL);
        assert_value(t, DONE, rows[i].name, rows[i].trained);
        if (rows[i].evaluated >= 0) {
            assert_value(t, EVAL, rows[i].name, rows[i].evaluated);
            continue;
        }
        assert_int_equal(read_text(t, &runs, EVAL, rows[i].name, &err),
                         MNIST_ERROR_DATA);
        assert_non_null(strstr(err.message, "an evaluation has none"));
    }
    assert_null(mnist_metric_get(count));
    assert_int_equal(mnist_runs_read(NULL, "x", "accuracy", NULL),
                     MNIST_ERROR_ARGUMENT);
}

static void test_several_runs(void **state)
{
    temporary *t = *state;
    mnist_runs runs;
    static const char text[] = START EPOCH EPOCH DONE
        "\n" DONE EVAL
        " { \"seed\" : 18446744073709551615 , \"test\":{\"accuracy\":1e-2},"
        "\"event\":\"done\",\"command\":\"train\",\"version\":1 } \r\n" START;
    assert_int_equal(read_text(t, &runs, text, "test_accuracy", NULL), 0);
    assert_int_equal(runs.count, 4);
    assert_int_equal(runs.unfinished, 1);
    assert_true(runs.run[0].value == 0.75 && runs.run[2].value == 0.5);
    assert_true(runs.run[3].value == 0.01);
    assert_int_equal(runs.run[0].line, 4);
    assert_int_equal(runs.run[1].line, 6);
    assert_true(runs.run[0].has_seed && runs.run[0].seed == 7);
    assert_false(runs.run[2].has_seed);
    assert_true(runs.run[3].seed == UINT64_MAX);
    mnist_runs_free(&runs);
}

/* One that was stopped and gone on with is one run. */
static void test_resumed_runs(void **state)
{
    temporary *t = *state;
    mnist_runs runs;
    static const char text[] = START EPOCH TRAIN
        "\"stopped\",\"checkpoint\":\"c\",\"epoch\":2,\"batch\":1}\n" TRAIN
        "\"start\",\"resumed\":\"c\",\"seed\":7}\n" DONE START START DONE;
    assert_int_equal(read_text(t, &runs, text, "seconds", NULL), 0);
    assert_int_equal(runs.count, 2);
    assert_int_equal(runs.unfinished, 1);
    mnist_runs_free(&runs);
}

static void test_many_runs(void **state)
{
    temporary *t = *state;
    enum { COUNT = 3000, LENGTH = 128 };
    char *text = malloc((size_t)COUNT * LENGTH);
    size_t used = 0;
    mnist_runs runs;
    assert_non_null(text);
    for (int i = 0; i < COUNT; i++)
        used += (size_t)snprintf(text + used, LENGTH,
                                 TRAIN "\"done\",\"seed\":%d,\"seconds\":%d}\n",
                                 i, 2 * i);
    assert_int_equal(read_text(t, &runs, text, "seconds", NULL), 0);
    free(text);
    assert_int_equal(runs.count, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_true(runs.run[i].seed == (uint64_t)i &&
                    runs.run[i].value == 2 * i);
    mnist_runs_free(&runs);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"", "no run ends in it, it is empty"},
        {"\n\n", "no run ends in it;"},
        {START EPOCH, "no run ends in it;"},
        {"accuracy 0.97\n", "line 1, byte 0: found accuracy 0.97, expected"},
        {"[]\n", "line 1, byte 0: found [], expected '{'"},
        {DONE DONE "{\n", "line 3, byte 1: found the end of the line"},
        {DONE "{\"a\":1}}\n", "line 2, byte 7: found }, expected the end"},
        {DONE "\n{}\n", "line 3 is of another program"},
        {"{\"version\":1,\"event\":\"done\"}\n", "no version or command"},
        {"{\"command\":\"train\",\"event\":\"done\"}\n", "no version or"},
        {"{\"version\":2,\"command\":\"train\"}\n", "a later version"},
        {"{\"version\":1,\"command\":\"train\"}\n", "no run ends in it;"},
        {"{\"version\":1,\"command\":\"predict\",\"index\":0}\n",
         "line 1 is of predict, expected lines of"},
        {"{\"version\":1,\"command\":\"\\u001b[2J\"}\n", "of \\x1b[2J"},
        {TRAIN "\"done\",\"seed\":1}\n",
         "line 1: this run has no test_accuracy (it is not there)"},
        {TRAIN "\"done\",\"test\":null,\"kept\":null}\n", "(it is not there)"},
        {TRAIN "\"done\",\"test\":{}}\n", "(it is not there)"},
        {TRAIN "\"done\",\"test\":{\"accuracy\":null}}\n", "(it is null)"},
        {TRAIN "\"done\",\"test\":{\"accuracy\":NaN}}\n", "expected a number"},
        {TRAIN "\"done\",\"test\":{\"accuracy\":1e999}}\n",
         "found 1e999}}, expected a number that a double holds"},
        {TRAIN "\"done\",\"test\":{\"accuracy\":1,\"accuracy\":1}}\n",
         "each member only once"},
        {TRAIN "\"done\",\"test\":{\"accuracy\":1},\"test\":{\"accuracy\":2}}",
         "each member only once"},
        {TRAIN "\"done\",\"event\":\"done\"}\n", "each member only once"},
        {TRAIN "\"done\",\"seed\":1,\"seed\":1}\n", "each member only once"},
        {TRAIN "\"done\",\"seed\":1.5}\n", "expected a whole number"},
        {TRAIN "\"done\",\"seed\":18446744073709551616}\n", "a whole number"},
        {TRAIN "\"done\",\"seed\":-1}\n", "expected a whole number"},
        {TRAIN "\"done\",\"seed\":\"1\"}\n", "expected a number"},
        {TRAIN "\"done\",\"test\":[]}\n", "expected '{'"},
        {TRAIN "\"done\",\"test\":{1:2}}\n", "expected '\"'"},
        {TRAIN "\"done\",\"test\":{\"x\":}}\n", "expected a value"},
        {TRAIN "1}\n", "expected '\"'"},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mnist_runs runs = {0};
        mnist_error err = {.message = ""};
        const char *path = temporary_path(t, "runs");
        mnist_status status =
            read_text(t, &runs, rows[i].text, "test_accuracy", &err);
        if (status != MNIST_ERROR_DATA || !strstr(err.message, rows[i].told))
            fail_msg("%s: status %d, \"%s\"", rows[i].text, (int)status,
                     err.message);
        assert_int_equal(strncmp(err.message, path, strlen(path)), 0);
        assert_null(strchr(err.message, '\n'));
        assert_null(runs.run);
    }
}

/* Cut anywhere, a line is refused, but for the newline at its end. */
static void test_cut_lines(void **state)
{
    temporary *t = *state;
    for (size_t length = 1; length < sizeof DONE - 2; length++) {
        mnist_runs runs;
        const char *path = temporary_write(t, "runs", DONE, length);
        assert_int_equal(mnist_runs_read(&runs, path, "seconds", NULL),
                         MNIST_ERROR_DATA);
    }
}

static void test_a_line_too_long(void **state)
{
    temporary *t = *state;
    size_t length = MNIST_RUNS_MAX_LINE + 1;
    char *text = malloc(length);
    mnist_runs runs;
    mnist_error err;
    assert_non_null(text);
    memset(text, ' ', length);
    const char *path = temporary_write(t, "runs", text, length);
    assert_int_equal(mnist_runs_read(&runs, path, "seconds", &err),
                     MNIST_ERROR_DATA);
    assert_non_null(strstr(err.message, "line 1 is longer than 4194304 bytes"));
    /* One byte less is a run after many spaces. */
    memcpy(text + length - sizeof DONE, DONE, sizeof DONE - 1);
    temporary_write(t, "runs", text, length - 1);
    assert_int_equal(mnist_runs_read(&runs, path, "seconds", &err), MNIST_OK);
    mnist_runs_free(&runs);
    free(text);
}

static void test_no_file(void **state)
{
    temporary *t = *state;
    mnist_runs runs;
    mnist_error err;
    assert_int_equal(
        mnist_runs_read(&runs, temporary_path(t, "nowhere"), "seconds", &err),
        MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "nowhere"));
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_metrics),         TEST(test_several_runs),
        TEST(test_resumed_runs),    TEST(test_many_runs),
        TEST(test_refusals),        TEST(test_cut_lines),
        TEST(test_a_line_too_long), TEST(test_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
