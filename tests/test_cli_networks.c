/* Networks on the command line: their names, their lines, what is wrong in
   them and where. */
#include "support/json.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAIN "train", "--data", "data", "--verbose", "0"

/* The names, and what Keras' summary() counts for the tutorials' models. */
static const struct {
    const char *name, *parameters;
} named[] = {
    {"mlp512", "407,050"},
    {"mlp15", "11,935"},
    {"mlp128", "104,938"},
    {"lenet", "109,994"},
};
enum { NAMED = sizeof named / sizeof named[0] };

static void assert_listed(const char *text)
{
    for (size_t i = 0; i < NAMED; i++) {
        const char *at = strstr(text, named[i].name);
        assert_non_null(at);
        assert_non_null(strstr(at, named[i].parameters));
    }
}

static void test_list(void **state)
{
    program p = {0};
    (void)state;
    RUN(&p, "info", "--nets");
    assert_int_equal(p.status, 0);
    assert_listed(p.out);
    program_forget(&p);
    RUN(&p, "info", "--nets", "--json");
    assert_int_equal(count_lines(p.out), NAMED);
    assert_true(json_lines_are_valid(p.out));
    assert_true(json_number(p.out, "parameters") == 407050);
    program_forget(&p);
    RUN(&p, "train", "--help");
    assert_int_equal(p.status, 0);
    assert_listed(strstr(p.out, "\nNetworks for --net"));
    program_forget(&p);
}

/* Every name trains, predicts, and is found again in its file. */
static void test_names(void **state)
{
    temporary *t = *state;
    for (size_t i = 0; i < NAMED; i++) {
        program p = {.folder = temporary_folder(t)};
        RUN_WELL(t, TRAIN, "-e1", "--limit", "200", "-on", "--net",
                 named[i].name);
        RUN(&p, "info", "n");
        assert_int_equal(p.status, 0);
        assert_non_null(strstr(p.out, named[i].parameters));
        program_forget(&p);
        RUN(&p, "predict", "-w", "n", DATA_TEST_IMAGES, "--index", "0:5");
        assert_int_equal(p.status, 0);
        assert_int_equal(count_lines(p.out), 5);
        program_forget(&p);
    }
}

/* Rows of the table: name and shape as Keras gives them, blanks apart. */
static void assert_rows(const char *text, const char *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char row[128], words[3][40];
        const char *at = strstr(text, rows[i]);
        if (!at)
            fail_msg("no \"%s\" in %s", rows[i], text);
        int length = (int)strcspn(at, "\n");
        snprintf(row, sizeof row, "%.*s", length, at);
        assert_true(length <= 80);
        assert_int_equal(
            sscanf(row, "%39s %39s %*[^)]) %39s", words[0], words[1], words[2]),
            3);
        const char *parameters = strchr(rows[i], '\0') + 1;
        assert_string_equal(words[2], parameters);
    }
}

static void test_lenet_table(void **state)
{
    static const char *const rows[] = {
        "conv2d (Conv2D)  \00060",
        "average_pooling2d (AveragePooling2D)  \0000",
        "conv2d_1 (Conv2D)  \000880",
        "average_pooling2d_1 (AveragePooling2D)  \0000",
        "conv2d_2 (Conv2D)  \00017,400",
        "flatten (Flatten)  \0000",
        "dense (Dense)  \00090,804",
        "dense_1 (Dense)  \000850",
    };
    static const char *const shapes[] = {
        "(None, 26, 26, 6) ", "(None, 13, 13, 6) ", "(None, 11, 11, 16) ",
        "(None, 5, 5, 16) ",  "(None, 3, 3, 120) ", "(None, 1080) ",
        "(None, 84) ",        "(None, 10) ",
    };
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN_WELL(t, TRAIN, "-e0", "-ol", "--net", "lenet");
    RUN(&p, "info", "l");
    assert_rows(p.out, rows, 8);
    const char *at = p.out;
    for (size_t i = 0; i < 8; i++) {
        at = strstr(at, shapes[i]);
        assert_non_null(at);
    }
    program_forget(&p);
    RUN_WELL(t, TRAIN, "-e0", "-om", "--net", "mlp128");
    RUN(&p, "info", "m");
    assert_non_null(strstr(p.out, "\ndropout (Dropout) "));
    assert_non_null(strstr(p.out, "\ndropout_1 (Dropout) "));
    program_forget(&p);
}

/* The message in one line, then the network's line, and a caret. */
static void assert_caret(const program *p, const char *word, const char *line,
                         size_t column)
{
    char two[512];
    snprintf(two, sizeof two, "\n  %s\n%*s^\n", line, (int)column + 1, "");
    const char *end = strchr(p->err, '\n');
    assert_int_equal(p->status, 2);
    assert_string_equal(p->out, "");
    assert_int_equal(strncmp(p->err, "mnist: ", 7), 0);
    assert_non_null(end);
    assert_string_equal(end, two);
    if (!strstr(p->err, word) || strstr(p->err, word) > end)
        fail_msg("\"%s\" lacks \"%s\"", p->err, word);
}

static void test_bad_lines(void **state)
{
    static const struct {
        const char *line, *word;
        size_t column;
    } bad[] = {
        {"dens:10:softmax", "did you mean dense", 1},
        {"dense:5:relu,dense:10", "softmax", 14},
        {"dense:5:rel,dense:10:softmax", "rel", 9},
        {"dense:5:relu,dense::softmax", "units", 20},
        {"dense:5:relu,dense", "units", 19},
        {"conv2d:6:3:relu,flatten,dense:10:softmax", "3x3", 10},
        {"dropout:1,dense:10:softmax", "below 1", 9},
        {"dense:\001\303\244,dense:10:softmax", "units", 7},
        /* A layer that does not fit, with both shapes. */
        {"conv2d:6:27x27,conv2d:6:3x3,dense:10:softmax",
         "3x3 is larger than its input of 2x2x6", 16},
        {"avgpool:29x2,dense:10:softmax",
         "29x2 is larger than its input of "
         "28x28x1",
         1},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        program p = {.folder = temporary_folder(t)};
        char shown[128];
        size_t length = strlen(bad[i].line);
        for (size_t k = 0; k <= length; k++) {
            unsigned char c = (unsigned char)bad[i].line[k];
            shown[k] = (char)(c == 0 || (c >= 0x20 && c < 0x7f) ? c : '?');
        }
        RUN(&p, TRAIN, "--net", bad[i].line);
        assert_caret(&p, bad[i].word, shown, bad[i].column);
        program_forget(&p);
        RUN(&p, TRAIN, "--json", "--net", bad[i].line);
        assert_caret(&p, bad[i].word, shown, bad[i].column);
        program_forget(&p);
    }
}

static void test_bad_names(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN(&p, TRAIN, "--net", "mlp51");
    REFUSED(&p, 2, "mlp512");
    program_forget(&p);
    RUN(&p, TRAIN, "--net", "lennet");
    REFUSED(&p, 2, "lenet");
    program_forget(&p);
    /* Fewer outputs than classes: no word of the line is wrong. */
    RUN(&p, TRAIN, "--net", "dense:9:softmax");
    REFUSED(&p, 3, "label 9");
    program_forget(&p);
}

/* In a window narrower than the line, the part with the caret. */
static void test_narrow_terminal(void **state)
{
    static const char line[] =
        "dense:512:relu,dense:256:relu,dense:128:relu,dense:64:rely,"
        "dense:32:relu,dense:16:relu,dense:10:softmax";
    temporary *t = *state;
    for (unsigned width = 20; width <= 120; width += 20) {
        program p = {.folder = temporary_folder(t), .terminal = width};
        RUN(&p, TRAIN, "--net", line);
        assert_int_equal(p.status, 2);
        const char *shown = strstr(p.out, "\n  ");
        assert_non_null(shown);
        size_t length = strcspn(shown + 1, "\r\n");
        const char *below =
            shown + 1 + length + strspn(shown + 1 + length, "\r\n");
        size_t caret = strcspn(below, "^");
        assert_true(length < width);
        assert_true(caret < width);
        assert_int_equal(below[caret], '^');
        assert_memory_equal(shown + 1 + caret, "rely", 4);
        program_forget(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_lenet_table),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_narrow_terminal),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
