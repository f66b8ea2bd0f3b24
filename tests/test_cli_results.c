/* What eval, predict, show, info and synth print. */
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

static void test_eval(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)}, other = p;
    double loss, error, accuracy, spread;
    unsigned correct, count;
    char end;
    RUN(&p, "eval", "--data", "data");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.err, "");
    assert_int_equal(
        sscanf(p.out, "loss %lf +- %lf accuracy %lf +- %lf %u/%u%c", &loss,
               &error, &accuracy, &spread, &correct, &count, &end),
        7);
    assert_int_equal(count, TRAINED_TEST);
    assert_true(fabs(accuracy - correct / 100.0) < 1e-9);
    /* The group's training has learned; a guess would be right 10 times. */
    assert_true(correct > 50);
    RUN(&other, "eval", "mnist.safetensors", "--images", DATA_TEST_IMAGES,
        "--labels", DATA_TEST_LABELS, "--batch", "7", "--threads", "1");
    assert_string_equal(other.out, p.out);
    program_forget(&p);
    program_forget(&other);
    RUN(&p, "eval", "--weights=mnist.safetensors", "-d", "data", "-q");
    assert_int_equal(p.status, 0);
    assert_string_equal(p.out, "");
    program_forget(&p);
}

/* The sum of the numbers of a table, and of those on its diagonal. */
static void add_table(const char *table, size_t *sum, size_t *diagonal)
{
    size_t at = 0;
    *sum = *diagonal = 0;
    for (const char *s = table; *s && *s != '}'; s++) {
        if (*s < '0' || *s > '9')
            continue;
        char *end;
        size_t value = strtoul(s, &end, 10);
        *sum += value;
        *diagonal += at % 11 == 0 ? value : 0;
        at++;
        s = end - 1;
    }
    assert_int_equal(at, 100);
}

static void test_eval_json(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    size_t sum, correct;
    RUN(&p, "eval", "--data", "data", "--json", "--confusion");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.out), 1);
    assert_true(json_lines_are_valid(p.out));
    assert_true(json_number(p.out, "loss") > 0);
    assert_true(json_number(p.out, "loss") ==
                json_number(p.out, "cross_entropy"));
    assert_true(json_number(p.out, "count") == TRAINED_TEST);
    assert_true(json_number(p.out, "accuracy") * TRAINED_TEST ==
                json_number(p.out, "correct"));
    json_number(p.out, "seconds");
    json_number(p.out, "microseconds_per_image");
    add_table(strstr(p.out, "\"confusion\":"), &sum, &correct);
    assert_int_equal(sum, TRAINED_TEST);
    assert_int_equal(correct, (size_t)json_number(p.out, "correct"));
    program_forget(&p);
    RUN(&p, "eval", "--data", "data", "--confusion");
    assert_int_equal(count_lines(p.out), 2 + 3 + 10);
    program_forget(&p);
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
    assert_int_equal(count_lines(utf8.out), 14 + 2 + 3 + 1);
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

static void test_info_of_data(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "info", DATA_TEST_IMAGES, DATA_TRAIN_LABELS);
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "100 x 28 x 28"));
    assert_non_null(strstr(p.out, "78416"));
    assert_non_null(strstr(p.out, "IDX, labels"));
    program_forget(&p);
    RUN(&p, "info", "--json", DATA_TEST_IMAGES, DATA_TRAIN_LABELS);
    assert_int_equal(count_lines(p.out), 2);
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "\"sizes\":[100,28,28],\"bytes\":78416,"));
    assert_non_null(strstr(p.out, "\"known\":null"));
    program_forget(&p);
    /* One that is bad does not keep the others from being told. */
    RUN(&p, "info", "nowhere", DATA_TEST_IMAGES);
    assert_int_equal(p.status, 5);
    assert_int_equal(count_lines(p.err), 1);
    assert_non_null(strstr(p.out, "100 x 28 x 28"));
    program_forget(&p);
}

static void test_info_of_weights(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "info", "mnist.safetensors");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "Layer (type)"));
    assert_non_null(strstr(p.out, "(None, 24)"));
    assert_non_null(strstr(p.out, "18,840"));
    assert_non_null(strstr(p.out, "Total params: 19,090 (74.57 KB)"));
    assert_non_null(strstr(p.out, "train_images    400"));
    assert_null(strstr(p.out, "stopped"));
    program_forget(&p);
    RUN(&p, "info", "mnist.safetensors", "--json");
    assert_true(json_lines_are_valid(p.out));
    assert_true(json_number(p.out, "parameters") == 19090);
    assert_non_null(strstr(p.out, "\"network\":\"" TRAINED_NET "\""));
    assert_non_null(strstr(p.out, "\"lr\":\"0.005\""));
    program_forget(&p);
}

static void test_info_of_networks(void **state)
{
    program p = {0};
    (void)state;
    RUN(&p, "info", "--nets");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "mlp512"));
    assert_non_null(strstr(p.out, "407,050"));
    assert_non_null(strstr(p.out, "11,935"));
    program_forget(&p);
    RUN(&p, "info", "--nets", "--json");
    assert_true(json_lines_are_valid(p.out));
    program_forget(&p);
}

/* A name may hold anything but NUL and '/'. */
static void test_odd_names(void **state)
{
    static const char odd[] = "\"\\\n\x1b\xc3\xa9\xff.idx";
    temporary *t = *state;
    size_t length;
    char *labels = read_named(t, DATA_TEST_LABELS, &length);
    temporary_write(t, odd, labels, length);
    free(labels);
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "info", odd, "--json");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "\\\"\\\\\\u000a\\u001b\xc3\xa9\\ufffd.idx"));
    program_forget(&p);
    RUN(&p, "info", odd);
    assert_null(strchr(p.out, '\x1b'));
    program_forget(&p);
    RUN(&p, "show", odd);
    assert_int_equal(p.status, 3);
    assert_int_equal(count_lines(p.err), 1);
    assert_null(strchr(p.err, '\x1b'));
    program_forget(&p);
}

static void test_synth(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    size_t a, b;
    RUN(&p, "synth", "again", "--train", "400", "--test", "100", "--seed", "0");
    assert_int_equal(p.status, 0);
    program_forget(&p);
    char *one = read_named(t, DATA_TRAIN_IMAGES, &a);
    char *two = read_named(t, "again/train-images-idx3-ubyte", &b);
    assert_int_equal(a, 16 + 400 * 784);
    assert_int_equal(b, a);
    assert_memory_equal(one, two, a);
    free(one);
    free(two);
}

static void test_full_device(void **state)
{
    static const char *const arguments[][5] = {
        {"--help"},
        {"--version"},
        {"train", "--help"},
        {"eval", "--data", "data"},
        {"predict", DATA_TEST_IMAGES},
        {"predict", DATA_TEST_IMAGES, "--json"},
        {"show", DATA_TEST_IMAGES},
        {"info", "mnist.safetensors"},
        {"info", "--nets"},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        program p = {.folder = temporary_folder(t), .output = "/dev/full"};
        program_run(&p, arguments[i]);
        REFUSED(&p, 5, "standard output");
        program_forget(&p);
    }
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

static void test_closed_streams(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t), .without_streams = true};
    RUN(&p, "eval", "--data", "data");
    assert_int_equal(p.status, 0);
    program_forget(&p);
    RUN(&p, "predict", "-");
    assert_int_equal(p.status, 3);
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eval),
        cmocka_unit_test(test_eval_json),
        cmocka_unit_test(test_predict_json),
        cmocka_unit_test(test_predict_lines),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_predict_one_image),
        cmocka_unit_test(test_predict_drawing),
        cmocka_unit_test(test_colors),
        cmocka_unit_test(test_black_on_white),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_show_without_labels),
        cmocka_unit_test(test_info_of_data),
        cmocka_unit_test(test_info_of_weights),
        cmocka_unit_test(test_info_of_networks),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_synth),
        cmocka_unit_test(test_full_device),
        cmocka_unit_test(test_closed_pipe),
        cmocka_unit_test(test_closed_streams),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
