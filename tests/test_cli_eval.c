/* mnist eval by class and by image: figures, mistakes, any pair of files. */
#include "support/json.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 10 };

#define EVAL "eval", "--data", "data"

/* The array of arrays behind "confusion": in the output. */
static void read_confusion(const char *text, double counts[CLASSES][CLASSES])
{
    const char *at = strstr(text, "\"confusion\":[[");
    assert_non_null(at);
    at += strcspn(at, "[");
    for (size_t i = 0; i < CLASSES * CLASSES; i++) {
        char *end;
        at += strcspn(at, "0123456789]");
        at += strcspn(at, "0123456789");
        counts[i / CLASSES][i % CLASSES] = strtod(at, &end);
        at = end;
    }
    assert_int_equal(strncmp(at, "]]", 2), 0);
}

/* Each figure from the table by its definition. */
static void test_per_class(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    double counts[CLASSES][CLASSES];
    RUN(&p, EVAL, "--json", "--confusion", "--per-class");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    read_confusion(p.out, counts);
    const char *at = strstr(p.out, "\"per_class\":[");
    assert_non_null(at);
    for (size_t k = 0; k < CLASSES; k++) {
        double row = 0, column = 0;
        for (size_t i = 0; i < CLASSES; i++) {
            row += counts[k][i];
            column += counts[i][k];
        }
        at = strstr(at + 1, "{\"label\":");
        assert_non_null(at);
        assert_true(json_number(at, "label") == (double)k);
        assert_true(json_number(at, "count") == row);
        double precision = counts[k][k] / column, recall = counts[k][k] / row;
        assert_true(fabs(json_number(at, "precision") - precision) < 1e-12);
        assert_true(fabs(json_number(at, "recall") - recall) < 1e-12);
        assert_true(fabs(json_number(at, "f1") -
                         2 * precision * recall / (precision + recall)) <
                    1e-12);
    }
    program_forget(&p);
    RUN(&p, EVAL, "--per-class");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.out), 2 + 2 + CLASSES);
    assert_null(strstr(p.out, "predicted"));
    program_forget(&p);
}

/* A class that nothing was taken for, or that no image has, has no figure. */
static void test_per_class_without(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    size_t length;
    char *images = temporary_read(temporary_path(t, DATA_TEST_IMAGES), &length);
    images[7] = 1;
    temporary_write(t, "one", images, 16 + 28 * 28);
    free(images);
    char label[] = "\0\0\010\001\0\0\0\001\003";
    temporary_write(t, "three", label, 9);
    RUN(&p, "eval", "--images", "one", "--labels", "three", "--per-class",
        "--json", "--batch", "1");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "\"label\":2,\"count\":0,\"precision\":null,"
                                  "\"recall\":null,\"f1\":null}"));
    assert_non_null(strstr(p.out, "\"label\":3,\"count\":1,"));
    program_forget(&p);
    RUN(&p, "eval", "--images", "one", "--labels", "three", "--per-class");
    assert_non_null(
        strstr(p.out, "    2       0          -       -       -\n"));
    program_forget(&p);
}

/* What predict says of image i: its label, its true label, the probability. */
typedef struct prediction {
    size_t label, truth;
    double probability;
} prediction;

static void read_predictions(temporary *t, prediction *all)
{
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "predict", DATA_TEST_IMAGES, "--labels", DATA_TEST_LABELS, "--json",
        "--top", "1");
    assert_int_equal(p.status, 0);
    const char *line = p.out;
    for (size_t i = 0; i < TRAINED_TEST; i++) {
        all[i].label = (size_t)json_number(line, "label");
        all[i].truth = (size_t)json_number(line, "true_label");
        all[i].probability = json_number(line, "probability");
        line = strchr(line, '\n') + 1;
    }
    program_forget(&p);
}

/* The mistakes are those that predict makes, the surest first. */
static void test_mistakes(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    prediction all[TRAINED_TEST];
    size_t wrong = 0, told = 0;
    read_predictions(t, all);
    for (size_t i = 0; i < TRAINED_TEST; i++)
        wrong += all[i].label != all[i].truth;
    assert_true(wrong > 2);
    RUN(&p, EVAL, "--json", "--mistakes", "10000");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    double last = 1;
    const char *at = strstr(p.out, "\"mistakes\":[");
    assert_non_null(at);
    for (; (at = strstr(at, "{\"index\":")); at++, told++) {
        prediction *it = &all[(size_t)json_number(at, "index")];
        assert_true(it->label != it->truth);
        assert_true(json_number(at, "label") == (double)it->truth);
        assert_true(json_number(at, "predicted") == (double)it->label);
        assert_true(json_number(at, "probability") == it->probability);
        assert_true(it->probability <= last);
        last = it->probability;
        it->truth = it->label; /* not to be told twice */
    }
    assert_int_equal(told, wrong);
    program_forget(&p);
}

/* The first ones of the list when fewer are asked for, in any batch. */
static void test_fewer_mistakes(void **state)
{
    temporary *t = *state;
    program all = {.folder = temporary_folder(t)}, few = all;
    RUN(&all, EVAL, "--json", "--mistakes", "100");
    RUN(&few, EVAL, "--json", "--mistakes", "2", "--batch", "7");
    const char *a = strstr(all.out, "\"mistakes\":");
    const char *b = strstr(few.out, "\"mistakes\":");
    assert_non_null(a);
    assert_non_null(b);
    size_t length = strlen(b) - strlen("]}\n");
    assert_memory_equal(a, b, length);
    assert_int_equal(a[length], ',');
    program_forget(&all);
    program_forget(&few);
}

/* As pictures, side by side where there is room, none wider than the window. */
static void test_pictures(void **state)
{
    static const unsigned widths[] = {40, 80, 200};
    static const size_t rows[] = {2, 1, 1};
    temporary *t = *state;
    for (size_t i = 0; i < 3; i++) {
        program p = {.folder = temporary_folder(t),
                     .terminal = widths[i],
                     .environment = {"NO_COLOR", "1", "LC_ALL", "C.UTF-8"}};
        RUN(&p, EVAL, "--mistakes", "2");
        assert_int_equal(p.status, 0);
        const char *at = strstr(p.out, "worst mistakes");
        assert_non_null(at);
        at = strchr(at, '\n') + 1;
        /* A blank line, 14 lines of half blocks and the captions, each row. */
        assert_int_equal(count_lines(at), rows[i] * 16);
        program_forget(&p);
    }
    program plain = {.folder = temporary_folder(t)};
    RUN(&plain, EVAL, "--mistakes", "1");
    assert_int_equal(plain.status, 0);
    assert_non_null(strstr(plain.out, " as "));
    program_forget(&plain);
}

static void test_no_mistakes(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    /* Enough epochs to know 100 images by heart. */
    RUN_WELL(t, "train", "-d", "data", "--net",
             "dense:64:relu,dense:10:softmax", "-q", "-e60", "-b10", "-oheart",
             "--limit", "100");
    size_t length;
    char *images =
        temporary_read(temporary_path(t, DATA_TRAIN_IMAGES), &length);
    char *labels =
        temporary_read(temporary_path(t, DATA_TRAIN_LABELS), &length);
    images[6] = labels[6] = 0;
    images[7] = labels[7] = 100;
    temporary_write(t, "known", images, 16 + 100 * 28 * 28);
    temporary_write(t, "names", labels, 8 + 100);
    free(images);
    free(labels);
    RUN(&p, "eval", "heart", "--images", "known", "--labels", "names",
        "--mistakes", "5");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "\nno mistakes\n"));
    program_forget(&p);
    RUN(&p, "eval", "heart", "--images", "known", "--labels", "names", "--json",
        "--mistakes", "5");
    assert_non_null(strstr(p.out, "\"mistakes\":[]"));
    program_forget(&p);
}

static void test_weights_from_a_pipe(void **state)
{
    temporary *t = *state;
    program file = {.folder = temporary_folder(t)}, pipe = file;
    RUN_WELL(t, "train", "--data", "data", "-q", "--net", "dense:10:softmax",
             "--out", "small");
    char *weights =
        temporary_read(temporary_path(t, "small"), &pipe.input_length);
    pipe.input = weights;
    RUN(&file, EVAL, "small");
    RUN(&pipe, EVAL, "-");
    assert_int_equal(pipe.status, 0);
    assert_string_equal(pipe.out, file.out);
    program_forget(&pipe);
    program_forget(&file);
    RUN(&file, "predict", DATA_TEST_IMAGES, "--weights", "small");
    RUN(&pipe, "predict", DATA_TEST_IMAGES, "--weights", "-");
    assert_string_equal(pipe.out, file.out);
    program_forget(&pipe);
    program_forget(&file);
    free(weights);
}

static void test_refusals(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, EVAL, "--mistakes", "0");
    REFUSED(&p, 2, "--mistakes 0");
    program_forget(&p);
    RUN(&p, EVAL, "--per-clas");
    REFUSED(&p, 2, "--per-class");
    program_forget(&p);
}

/* How long it took, only where that is asked for. */
static void test_timing(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, without = p;
    double seconds, image, loading;
    char end;
    RUN(&p, EVAL, "--timing");
    assert_int_equal(p.status, 0);
    const char *line = strstr(p.out, "\ntime ");
    assert_non_null(line);
    assert_int_equal(sscanf(line,
                            "\ntime %lf s, %lf us an image; loading %lf s%c",
                            &seconds, &image, &loading, &end),
                     4);
    assert_true(end == '\n' && seconds >= 0 && image > 0 && loading >= 0);
    assert_true(fabs(image * 100 - seconds * 1e6) < 101);
    RUN(&without, EVAL);
    assert_int_equal(strncmp(without.out, p.out, (size_t)(line + 1 - p.out)),
                     0);
    assert_null(strstr(without.out, "time "));
    program_forget(&p);
    program_forget(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timing),
        cmocka_unit_test(test_per_class),
        cmocka_unit_test(test_per_class_without),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_fewer_mistakes),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_no_mistakes),
        cmocka_unit_test(test_weights_from_a_pipe),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
