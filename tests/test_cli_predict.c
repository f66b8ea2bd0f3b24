/* What predict and show print. */
#include "support/json.h"
#include "support/program.h"
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

static char *read_named(temporary *t, const char *name, size_t *length)
{
    return temporary_read(temporary_path(t, name), length);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* The label is the likeliest one, and the probabilities are some. */
static void assert_prediction(const char *line, size_t index)
{
    double best = -1, sum = 0;
    size_t label = 0;
    char *at = strstr(line, "\"probabilities\":[");
    assert_non_null(at);
    assert_true(json_number(line, "index") == (double)index);
    at = strchr(at, '[');
    for (size_t k = 0; k < 10; k++) {
        double p = strtod(at + 1, &at);
        assert_true(p >= 0 && p <= 1);
        label = p > best ? k : label;
        best = p > best ? p : best;
        sum += p;
    }
    assert_int_equal(*at, ']');
    assert_true(fabs(sum - 1) < 1e-5);
    assert_true(json_number(line, "label") == (double)label);
}

static void test_predict_json(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "predict", DATA_TEST_IMAGES, "--json");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.out), TRAINED_TEST);
    assert_true(json_lines_are_valid(p.out));
    const char *line = p.out;
    for (size_t i = 0; i < TRAINED_TEST; i++) {
        assert_prediction(line, i);
        line = strchr(line, '\n') + 1;
    }
    program_forget(&p);
    RUN(&p, "predict", DATA_TEST_IMAGES, "--json", "--index", "5", "--top", "2",
        "--labels", DATA_TEST_LABELS);
    assert_true(json_lines_are_valid(p.out));
    assert_prediction(p.out, 5);
    json_number(p.out, "true_label");
    assert_int_equal(count_of(p.out, "\"probability\":"), 2);
    assert_true(json_number(strstr(p.out, "\"top\""), "label") ==
                json_number(p.out, "label"));
    program_forget(&p);
}

/* As many predictions are right as eval says. */
static void test_predict_lines(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, eval = p;
    size_t right = 0;
    RUN(&p, "predict", DATA_TEST_IMAGES, "--labels", DATA_TEST_LABELS);
    RUN(&eval, "eval", "--data", "data", "--json");
    const char *line = p.out;
    for (size_t i = 0; i < TRAINED_TEST; i++) {
        size_t index, label, truth;
        double probability;
        assert_int_equal(sscanf(line, "%zu\t%zu\t%lf\t%zu\n", &index, &label,
                                &probability, &truth),
                         4);
        assert_int_equal(index, i);
        right += label == truth;
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, "");
    assert_int_equal(right, (size_t)json_number(eval.out, "correct"));
    program_forget(&p);
    program_forget(&eval);
}

static void assert_predicts(temporary *t, const char *range, size_t first,
                            size_t count)
{
    program p = {.folder = temporary_folder(t)};
    size_t index;
    RUN(&p, "predict", DATA_TEST_IMAGES, "--index", range);
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.out), count);
    assert_int_equal(sscanf(p.out, "%zu\t", &index), 1);
    assert_int_equal(index, first);
    program_forget(&p);
}

static void test_ranges(void **state)
{
    assert_predicts(*state, "99", 99, 1);
    assert_predicts(*state, "3:8", 3, 5);
    assert_predicts(*state, ":8", 0, 8);
    assert_predicts(*state, "90:", 90, 10);
    assert_predicts(*state, ":", 0, TRAINED_TEST);
}

/* The same image as one of many, as a file of its own and from a pipe. */
static void test_predict_one_image(void **state)
{
    static const char header[] = "\0\0\010\002\0\0\0\034\0\0\0\034";
    temporary *t = *state;
    char one[12 + 784];
    size_t length;
    char *images = read_named(t, DATA_TEST_IMAGES, &length);
    memcpy(one, header, 12);
    memcpy(one + 12, images + 16, 784);
    free(images);
    temporary_write(t, "one.idx", one, sizeof one);
    program many = {.folder = temporary_folder(t)}, file = many, piped = many;
    piped.input = one;
    piped.input_length = sizeof one;
    RUN(&many, "predict", DATA_TEST_IMAGES, "--index=0", "--json");
    RUN(&file, "predict", "one.idx", "--json");
    RUN(&piped, "predict", "--json", "-");
    assert_string_equal(file.out, many.out);
    assert_string_equal(piped.out, many.out);
    program_forget(&many);
    program_forget(&file);
    program_forget(&piped);
}

static void test_predict_drawing(void **state)
{
    temporary *t = *state;
    program plain = {.folder = temporary_folder(t)};
    program utf8 = {.folder = temporary_folder(t),
                    .environment = {"LC_ALL", "C.UTF-8"}};
    RUN(&plain, "predict", DATA_TEST_IMAGES, "-n0", "--show");
    /* 28 rows, the label, a blank line, 10 bars, a blank line */
    assert_int_equal(count_lines(plain.out), 28 + 2 + 10 + 1);
    assert_non_null(strstr(plain.out, "\nimage 0: "));
    assert_non_null(strstr(plain.out, "  ####"));
    for (const char *s = plain.out; *s; s++)
        assert_true((*s >= ' ' && *s <= '~') || *s == '\n');
    RUN(&utf8, "predict", DATA_TEST_IMAGES, "-n0", "--show", "--top", "3");
    /* With the text beside the picture, and a blank line. */
    assert_int_equal(count_lines(utf8.out), 14 + 1);
    assert_non_null(strstr(utf8.out, "█"));
    assert_null(strchr(utf8.out, '\x1b'));
    program_forget(&plain);
    program_forget(&utf8);
}

/* On a terminal a person gets the drawing without asking, in colour. */
static void test_colors(void **state)
{
    temporary *t = *state;
    program color = {.folder = temporary_folder(t),
                     .terminal = 80,
                     .environment = {"LC_ALL", "C.UTF-8"}};
    program none = color, dumb = color, full = color, piped = color;
    none.environment[2] = "NO_COLOR";
    none.environment[3] = "1";
    dumb.environment[2] = "TERM";
    dumb.environment[3] = "dumb";
    full.environment[2] = "COLORTERM";
    full.environment[3] = "truecolor";
    piped.terminal = 0;
    RUN(&color, "predict", DATA_TEST_IMAGES, "-n0");
    assert_non_null(strstr(color.out, "\x1b[48;5;"));
    assert_non_null(strstr(color.out, "image 0: "));
    RUN(&none, "predict", DATA_TEST_IMAGES, "-n0");
    assert_null(strchr(none.out, '\x1b'));
    assert_non_null(strstr(none.out, "█"));
    RUN(&dumb, "predict", DATA_TEST_IMAGES, "-n0");
    assert_null(strchr(dumb.out, '\x1b'));
    RUN(&full, "predict", DATA_TEST_IMAGES, "-n0");
    assert_non_null(strstr(full.out, "\x1b[48;2;"));
    program_forget(&full);
    RUN(&full, "predict", DATA_TEST_IMAGES, "-n0", "--no-color");
    assert_null(strchr(full.out, '\x1b'));
    RUN(&piped, "show", DATA_TEST_IMAGES, "--color", "always");
    assert_non_null(strstr(piped.out, "\x1b[48;5;"));
    program_forget(&color);
    program_forget(&none);
    program_forget(&dumb);
    program_forget(&full);
    program_forget(&piped);
}

static void test_black_on_white(void **state)
{
    temporary *t = *state;
    size_t length;
    char *images = read_named(t, DATA_TEST_IMAGES, &length);
    for (size_t i = 16; i < length; i++)
        images[i] = (char)~images[i];
    temporary_write(t, "inverted.idx", images, length);
    free(images);
    program p = {.folder = temporary_folder(t)}, right = p;
    RUN(&p, "predict", "inverted.idx");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 1);
    assert_non_null(strstr(p.err, "black on white"));
    program_forget(&p);
    RUN(&p, "predict", "inverted.idx", "--quiet");
    assert_string_equal(p.err, "");
    program_forget(&p);
    RUN(&p, "predict", "inverted.idx", "--invert");
    RUN(&right, "predict", DATA_TEST_IMAGES);
    assert_string_equal(p.err, "");
    assert_string_equal(p.out, right.out);
    program_forget(&p);
    program_forget(&right);
}

static void test_show(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "show", DATA_TEST_IMAGES);
    assert_int_equal(p.status, 0);
    /* The first ten, one a row at 80 columns; between them a blank line. */
    assert_int_equal(count_lines(p.out), 10 * (28 + 1) + 9);
    program_forget(&p);
    p.environment[0] = "COLUMNS";
    p.environment[1] = "200";
    RUN(&p, "show", DATA_TEST_IMAGES, "--index", "4:7", "--labels",
        DATA_TEST_LABELS);
    assert_int_equal(count_lines(p.out), 28 + 1);
    assert_non_null(strstr(p.out, "\n4: "));
    assert_non_null(strstr(p.out, " 6: "));
    program_forget(&p);
    /* A window that is too narrow for the image gets a smaller one. */
    p.environment[1] = "30";
    RUN(&p, "show", DATA_TEST_IMAGES, "--index", "0");
    assert_int_equal(count_lines(p.out), 14 + 1);
    assert_int_equal(strcspn(p.out, "\n"), 28);
    program_forget(&p);
}

static void test_show_without_labels(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "show", DATA_TEST_LABELS);
    REFUSED(&p, 3, "labels");
    program_forget(&p);
}

/* `| head` has read enough: the program ends, and nobody hears of it. */
static void test_closed_pipe(void **state)
{
    static const char *const arguments[][4] = {
        {"predict", DATA_TEST_IMAGES, "--json"},
        {"show", DATA_TEST_IMAGES},
        {"eval", "--data", "data"},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        program p = {.folder = temporary_folder(t), .broken_pipe = true};
        program_run(&p, arguments[i]);
        assert_int_equal(p.status, 128 + SIGPIPE);
        assert_string_equal(p.err, "");
        program_forget(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predict_json),
        cmocka_unit_test(test_predict_lines),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_predict_one_image),
        cmocka_unit_test(test_predict_drawing),
        cmocka_unit_test(test_colors),
        cmocka_unit_test(test_black_on_white),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_show_without_labels),
        cmocka_unit_test(test_closed_pipe),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
