/* mnist compare, on what real runs tell and on made-up figures. The numbers
   expected are those of test_statistics.c, from SciPy. */
#include "support/json.h"
#include "support/program.h"
#include "support/trained.h"

#include <mnist/runs.h>

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes the last lines of trainings with these accuracies and the seeds first,
   first + 1, ...; the loss is 1 - accuracy. */
static void write_runs(temporary *t, const char *name, const double *accuracy,
                       size_t count, unsigned first)
{
    char text[4096];
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "{\"version\":1,\"command\":\"train\",\"event\":\"done\","
            "\"seed\":%u,\"test\":{\"accuracy\":%.17g,\"loss\":%.17g},"
            "\"seconds\":%zu}\n",
            first + (unsigned)i, accuracy[i], 1 - accuracy[i], i);
    temporary_write(t, name, text, used);
}

static int setup(void **state)
{
    static const double a[] = {0.9792, 0.9801, 0.9775, 0.9788, 0.9810};
    static const double b[] = {0.9815, 0.9822, 0.9799, 0.9803};
    static const double c[] = {0.9799, 0.9806, 0.9779, 0.9801, 0.9812};
    static const double constant[] = {0.5, 0.5, 0.5};
    static const double higher[] = {0.75, 0.75, 0.75};
    int status = trained_setup(state);
    if (status)
        return status;
    write_runs(*state, "a", a, 5, 1);
    write_runs(*state, "b", b, 4, 1);
    write_runs(*state, "c", c, 5, 1);
    write_runs(*state, "other", c, 5, 11);
    write_runs(*state, "one", c, 1, 1);
    write_runs(*state, "constant", constant, 3, 1);
    write_runs(*state, "constant2", constant, 2, 1);
    write_runs(*state, "higher", higher, 3, 11);
    return 0;
}

static void says(temporary *t, int status, const char *text,
                 const char *const *arguments)
{
    program p = {.folder = temporary_folder(t)};
    program_run(&p, arguments);
    assert_int_equal(p.status, status);
    if (!strstr(p.out, text))
        fail_msg("expected \"%s\" in\n%s", text, p.out);
    if (status == 0)
        assert_string_equal(p.err, "");
    program_forget(&p);
}

#define SAYS(t, status, text, ...)                                             \
    says(t, status, text, (const char *const[]){"compare", __VA_ARGS__, NULL})

static void test_text(void **state)
{
    temporary *t = *state;
    SAYS(t, 0,
         "test_accuracy       runs        mean   deviation       error\n"
         "A                      5      0.9793      0.0013      0.0006  a\n"
         "B                      4      0.9810      0.0011      0.0005  b\n"
         "\n"
         "B - A  +0.0017 +- 0.0008, 95 % confidence -0.0002 to +0.0035\n"
         "Welch's t-test  t = 2.08, 6.99 degrees of freedom, p = 0.076\n"
         "\n"
         "These runs do not tell A from B (p = 0.076)\n",
         "a", "b");
    SAYS(t, 0, "\nB is better than A by 0.17 +- 0.08 points (p = 0.076)\n", "a",
         "b", "--alpha", "0.1");
    SAYS(t, 0, "paired by seed  t = 3.3, 4 degrees of freedom, p = 0.03\n", "a",
         "c");
    SAYS(t, 0,
         "\nB is better than A by 0.06 +- 0.02 points (p = 0.03, paired by "
         "seed)\n",
         "a", "c");
    SAYS(t, 0, "\nA is better than B by 0.06 +- 0.02 points", "c", "a");
    /* Of a loss the lower one is better. */
    SAYS(t, 0, "\nB is better than A by 0.00062 +- 0.00019 (p = 0.03", "a", "c",
         "--metric", "test_loss");
    /* With other seeds the same figures are no pairs. */
    SAYS(t, 0, "\nThese runs do not tell A from B (p = 0.47)\n", "a", "other");
    SAYS(t, 0, "\nA and B are the same in every run\n", "a", "a");
    SAYS(t, 0, "\nA and B are the same in every run\n", "constant",
         "constant2");
}

static void test_json(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "compare", "a", "c", "--alpha=0.01", "--json");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.out), 1);
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "{\"version\":1,\"command\":\"compare\","
                                  "\"metric\":\"test_accuracy\","
                                  "\"higher_is_better\":true,\"alpha\":0.01,"));
    assert_non_null(strstr(p.out, "\"better\":\"neither\"}"));
    const char *b = strstr(p.out, "\"b\":{\"file\":\"c\",\"count\":5,");
    assert_non_null(b);
    assert_true(fabs(json_number(b, "mean") - 0.97994) < 1e-12);
    assert_true(fabs(json_number(b, "deviation") - 0.001246194206) < 1e-12);
    const char *paired = strstr(p.out, "\"paired\":{");
    assert_non_null(paired);
    assert_true(fabs(json_number(paired, "difference") - 0.00062) < 1e-12);
    assert_true(fabs(json_number(paired, "error") - 0.000188148877) < 1e-12);
    assert_true(fabs(json_number(paired, "low") + 0.000246255281) < 1e-12);
    assert_true(fabs(json_number(paired, "high") - 0.001486255281) < 1e-12);
    assert_true(fabs(json_number(paired, "p") - 0.03006666017) < 1e-10);
    assert_true(json_number(paired, "freedom") == 4);
    program_forget(&p);
    RUN(&p, "compare", "a", "one", "--json");
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "\"deviation\":null,\"error\":null}"));
    assert_non_null(strstr(p.out, "\"paired\":null,\"better\":\"unknown\"}"));
    program_forget(&p);
}

static void test_too_few(void **state)
{
    temporary *t = *state;
    SAYS(t, 0, "\nOne run tells nothing of the spread", "a", "one");
    SAYS(t, 0, "\nOne run tells nothing of the spread", "one", "one");
    SAYS(t, 0, "\nWithout any spread between the runs there is no test",
         "constant", "higher");
}

static void test_not_worse(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    static const struct {
        const char *a, *b, *told;
    } rows[] = {{"a", "c", NULL},
                {"a", "b", NULL},
                {"a", "a", NULL},
                {"c", "a", "B is worse than A"},
                {"a", "one", "cannot tell"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        RUN(&p, "compare", rows[i].a, rows[i].b, "--not-worse", "-q");
        assert_string_equal(p.out, "");
        if (rows[i].told)
            REFUSED(&p, 1, "--not-worse", rows[i].told);
        else
            assert_int_equal(p.status, 0);
        program_forget(&p);
    }
}

static void test_warnings(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    static const double some[] = {0.5, 0.6, 0.5};
    static const char begun[] =
        "{\"version\":1,\"command\":\"train\",\"event\":\"start\"}\n";
    size_t length;
    write_runs(t, "some", some, 3, 1);
    char *text = temporary_read(temporary_path(t, "some"), &length);
    /* The third is the first once more. */
    char *seed = strstr(text, "\"seed\":3");
    assert_non_null(seed);
    seed[7] = '1';
    temporary_write(t, "twice", text, length);
    free(text);
    RUN(&p, "compare", "some", "twice");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 1);
    assert_non_null(strstr(p.err, "warning: twice: seed 1 is there more than"));
    assert_null(strstr(p.out, "paired"));
    program_forget(&p);
    temporary_write(t, "begun", begun, strlen(begun));
    RUN(&p, "compare", "begun", "some");
    REFUSED(&p, 3, "begun", "no run ends in it");
    program_forget(&p);
    RUN(&p, "compare", "some", "twice", "-q");
    assert_string_equal(p.err, "");
    program_forget(&p);
}

/* Real runs, from a file and from standard input. */
static void test_real_runs(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    char text[1 << 14] = "", seed[8];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(seed, sizeof seed, "%u", i);
        RUN(&p, "train", "--data", "data", "--net", TRAINED_NET, "-e1",
            "--json", "--seed", seed, "--out", "x", "--validation-split",
            "0.25");
        assert_int_equal(p.status, 0);
        strncat(text, p.out, sizeof text - strlen(text) - 1);
        program_forget(&p);
    }
    temporary_write(t, "real", text, strlen(text));
    p.input = text;
    p.input_length = strlen(text);
    RUN(&p, "compare", "real", "-", "--metric=val_cross_entropy");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "standard input"));
    assert_non_null(strstr(p.out, "same in every run"));
    program_forget(&p);
    RUN(&p, "eval", "--data", "data", "--json");
    temporary_write(t, "eval", p.out, strlen(p.out));
    program_forget(&p);
    RUN(&p, "compare", "real", "eval", "--json");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "\"file\":\"eval\",\"count\":1,"));
    program_forget(&p);
}

static void test_refusals(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "compare", "a");
    REFUSED(&p, 2, "mnist compare needs A B");
    program_forget(&p);
    RUN(&p, "compare", "-", "-");
    REFUSED(&p, 2, "standard input");
    program_forget(&p);
    RUN(&p, "compare", "a", "b", "--metric", "accuracy");
    REFUSED(&p, 2, "--metric accuracy", "test_accuracy");
    program_forget(&p);
    RUN(&p, "compare", "a", "b", "--metric", "test_los");
    REFUSED(&p, 2, "did you mean test_loss?");
    program_forget(&p);
    RUN(&p, "compare", "a", "b", "--metric", "val_loss");
    REFUSED(&p, 3, "a: line 1: this run has no val_loss");
    program_forget(&p);
    RUN(&p, "compare", "a", "nowhere");
    REFUSED(&p, 5, "nowhere");
    program_forget(&p);
    RUN(&p, "compare", "a", "mnist.safetensors");
    REFUSED(&p, 3, "mnist.safetensors: line 1, byte 0");
    program_forget(&p);
}

/* Each metric of the library can be asked for. */
static void test_all_metrics(void **state)
{
    const mnist_metric *metric;
    (void)state;
    for (size_t i = 0; (metric = mnist_metric_get(i)); i++) {
        program p = {.folder = temporary_folder(*state)};
        RUN(&p, "compare", "nowhere", "b", "--metric", metric->name);
        assert_int_equal(p.status, 5);
        program_forget(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_json),
        cmocka_unit_test(test_too_few),  cmocka_unit_test(test_not_worse),
        cmocka_unit_test(test_warnings), cmocka_unit_test(test_real_runs),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_all_metrics),
    };
    return cmocka_run_group_tests(tests, setup, temporary_teardown);
}
