/* What show, predict and eval draw on terminals, and the labels that show finds
   by itself. */
#include "support/program.h"
#include "support/screen.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define UTF8 "LC_ALL", "C.UTF-8"

/* What the terminal shows, given what it has received. */
static screen *show(const program *p)
{
    screen *s = screen_new(p->terminal, 24);
    screen_write(s, p->out, strlen(p->out));
    return s;
}

static void test_pictures_fit(void **state)
{
    static const unsigned widths[] = {1, 20, 40, 80, 200, 20000};
    static const char *const styles[] = {"auto", "half", "braille", "ascii"};
    temporary *t = *state;
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 4; k++) {
            program p = {.folder = temporary_folder(t),
                         .terminal = widths[i],
                         .environment = {UTF8, "COLORTERM", "truecolor"}};
            RUN(&p, "show", DATA_TEST_IMAGES, "-n0:3", "--style", styles[k]);
            assert_int_equal(p.status, 0);
            screen *s = show(&p);
            if (widths[i] >= 20)
                assert_int_equal(screen_wraps(s), 0);
            assert_false(screen_colored(s));
            screen_free(s);
            program_forget(&p);
        }
    }
}

/* The labels beside the images are found, gzip'd or not; others are not, and
   none is no mistake. */
static void test_labels_beside(void **state)
{
    temporary *t = *state;
    size_t length;
    program named = {.folder = temporary_folder(t)}, beside = named;
    RUN(&named, "show", DATA_TEST_IMAGES, "--labels", DATA_TEST_LABELS);
    RUN(&beside, "show", DATA_TEST_IMAGES);
    assert_string_equal(beside.out, named.out);
    assert_non_null(strstr(beside.out, "\n0: "));
    program_forget(&beside);
    char *images = temporary_read(temporary_path(t, DATA_TEST_IMAGES), &length);
    temporary_write(t, "images.gz", images, length);
    free(images);
    RUN(&beside, "show", "images.gz");
    assert_non_null(strstr(beside.out, "\n0\n"));
    program_forget(&beside);
    char *labels = temporary_read(temporary_path(t, DATA_TEST_LABELS), &length);
    temporary_write(t, "labels", labels, length);
    RUN(&beside, "show", "images.gz");
    assert_string_equal(beside.out, named.out);
    program_forget(&beside);
    temporary_write(t, "labels", labels, length - 1);
    free(labels);
    RUN(&beside, "show", "images.gz");
    assert_int_equal(beside.status, 0);
    assert_non_null(strstr(beside.out, "\n0\n"));
    program_forget(&beside);
    program_forget(&named);
}

/* Bars stand beside the picture where there is room for both. */
static void test_bars_beside(void **state)
{
    temporary *t = *state;
    program wide = {.folder = temporary_folder(t),
                    .terminal = 80,
                    .environment = {UTF8, "NO_COLOR", "1"}};
    program narrow = wide;
    narrow.terminal = 50;
    RUN(&wide, "predict", DATA_TEST_IMAGES, "-n0");
    RUN(&narrow, "predict", DATA_TEST_IMAGES, "-n0");
    screen *s = show(&wide);
    assert_int_equal(count_lines(wide.out), 14 + 1);
    assert_non_null(strstr(screen_text(s), "  image 0: "));
    assert_int_equal(screen_wraps(s), 0);
    screen_free(s);
    s = show(&narrow);
    assert_int_equal(count_lines(narrow.out), 14 + 2 + 10 + 1);
    assert_non_null(strstr(screen_text(s), "\nimage 0: "));
    assert_int_equal(screen_wraps(s), 0);
    screen_free(s);
    program_forget(&wide);
    program_forget(&narrow);
}

static void test_heat_map(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t), .terminal = 80}, none = p;
    none.environment[0] = "NO_COLOR";
    none.environment[1] = "1";
    RUN(&p, "eval", "-d", "data", "--confusion");
    assert_non_null(strstr(p.out, "\x1b[38;5;"));
    screen *s = show(&p);
    assert_false(screen_colored(s));
    screen_free(s);
    RUN(&none, "eval", "-d", "data", "--confusion");
    assert_null(strchr(none.out, '\x1b'));
    program_forget(&p);
    program_forget(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_fit),
        cmocka_unit_test(test_labels_beside),
        cmocka_unit_test(test_bars_beside),
        cmocka_unit_test(test_heat_map),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
