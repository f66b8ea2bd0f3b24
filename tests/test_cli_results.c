/* What eval, info and synth print, and where it may go wrong. */
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

static char *read_named(temporary *t, const char *name, size_t *length)
{
    return temporary_read(temporary_path(t, name), length);
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

/* All that is found in a folder; and whether it is somebody's known file. */
static void test_info_of_a_folder(void **state)
{
    static const char *const names[] = {DATA_TRAIN_IMAGES, DATA_TRAIN_LABELS,
                                        DATA_TEST_IMAGES, DATA_TEST_LABELS};
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "info", "data");
    assert_int_equal(p.status, 0);
    const char *at = p.out;
    for (size_t i = 0; i < 4; i++) {
        at = strstr(at, names[i]);
        assert_non_null(at);
    }
    program_forget(&p);
    RUN(&p, "info", "data", "--json", "--check");
    assert_int_equal(p.status, 1);
    assert_true(json_lines_are_valid(p.out));
    assert_int_equal(count_lines(p.out), 4);
    assert_int_equal(count_lines(p.err), 4);
    assert_int_equal(strncmp(p.err, "mnist: " DATA_TRAIN_IMAGES ": not a known",
                             strlen("mnist: " DATA_TRAIN_IMAGES)),
                     0);
    program_forget(&p);
    RUN(&p, "info", "--check", "mnist.safetensors");
    assert_int_equal(p.status, 0);
    program_forget(&p);
    /* What is worse goes before. */
    RUN(&p, "info", "--check", "nowhere", DATA_TEST_LABELS);
    assert_int_equal(p.status, 5);
    program_forget(&p);
    RUN(&p, "info", ".");
    REFUSED(&p, 5, "holds neither train-images-idx3-ubyte nor");
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
    assert_non_null(strstr(p.out, "train_images      400"));
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
    static const char odd[] = "\"\\\n\x1b\xc3\xa9\xff\xc2\x9b.idx";
    temporary *t = *state;
    size_t length;
    char *labels = read_named(t, DATA_TEST_LABELS, &length);
    temporary_write(t, odd, labels, length);
    free(labels);
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "info", odd, "--json");
    assert_int_equal(p.status, 0);
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(
        strstr(p.out, "\\\"\\\\\\u000a\\u001b\xc3\xa9\\ufffd\\u009b.idx"));
    program_forget(&p);
    RUN(&p, "info", odd);
    assert_null(strpbrk(p.out, "\x1b\x9b\xff"));
    assert_non_null(strstr(p.out, "\xc3\xa9\\xff\\xc2\\x9b.idx"));
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

static void test_closed_streams(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t), .closed = 7};
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
        cmocka_unit_test(test_info_of_data),
        cmocka_unit_test(test_info_of_a_folder),
        cmocka_unit_test(test_info_of_weights),
        cmocka_unit_test(test_info_of_networks),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_synth),
        cmocka_unit_test(test_full_device),
        cmocka_unit_test(test_closed_streams),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
