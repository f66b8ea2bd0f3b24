/* Series, plots and summaries of trainings that are made up. */
#include "cli/drawing/curves.h"
#include "cli/drawing/plot.h"
#include "support/screen.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Series ---- */

static void test_series_halves(void **state)
{
    (void)state;
    cli_series s = {.count = 0};
    const size_t numbers = 3 * CLI_SERIES_ROOM + 5;
    for (size_t i = 0; i < numbers; i++) {
        cli_series_add(&s, (double)i);
        assert_true(s.count < CLI_SERIES_ROOM);
        assert_int_equal(s.count * s.stride + s.begun, i + 1);
    }
    assert_int_equal(s.stride, 4);
    assert_true(s.first == 0 && s.latest == (double)(numbers - 1));
    for (size_t i = 0; i < s.count; i++)
        assert_true(s.value[i] == 4 * (double)i + 1.5);
}

/* ---- Plots ---- */

typedef struct view {
    cli_terminal terminal;
    char *text;
    size_t length;
} view;

static int setup(void **state)
{
    view *v = calloc(1, sizeof *v);
    v->terminal = (cli_terminal){.out = open_memstream(&v->text, &v->length),
                                 .utf8 = true};
    *state = v;
    return 0;
}

static int teardown(void **state)
{
    view *v = *state;
    fclose(v->terminal.out);
    free(v->text);
    free(v);
    return 0;
}

static const char *seen(view *v)
{
    fflush(v->terminal.out);
    v->text[ftell(v->terminal.out)] = '\0';
    rewind(v->terminal.out);
    return v->text;
}

static const char *plot(view *v, const cli_plot_content *content)
{
    cli_plot plot;
    cli_plot_make(&plot, &v->terminal, content);
    for (size_t line = 0; line < content->lines; line++) {
        cli_plot_line(v->terminal.out, &plot, line);
        fputs("|\n", v->terminal.out);
    }
    return seen(v);
}

static const double ramp[] = {0, 1, 2, 3, 4};

static cli_plot_content ramp_content(void)
{
    return (cli_plot_content){
        .title = "ramp",
        .training = {.value = ramp, .count = 5, .first = 0, .step = 1},
        .left = 0,
        .right = 4,
        .columns = CLI_PLOT_MARGIN + 16,
        .lines = CLI_PLOT_FURTHER + 4};
}

static void test_straight_line(void **state)
{
    cli_plot_content content = ramp_content();
    assert_string_equal(plot(*state, &content), "  ramp                   |\n"
                                                "4 ┤            ⣀⠤⠒⠉      |\n"
                                                "  │        ⢀⠤⠒⠉          |\n"
                                                "2 ┤    ⣀⠤⠒⠉⠁             |\n"
                                                "0 ┤⣀⠤⠒⠉                  |\n"
                                                "  └────────────────      |\n"
                                                "   0    epoch     4      |\n");
}

static void test_ascii(void **state)
{
    view *v = *state;
    v->terminal.utf8 = false;
    cli_plot_content content = ramp_content();
    assert_string_equal(plot(v, &content), "  ramp                   |\n"
                                           "4 +            .--'      |\n"
                                           "  |        .--'          |\n"
                                           "2 +    .--''             |\n"
                                           "0 +.--'                  |\n"
                                           "  +----------------      |\n"
                                           "   0    epoch     4      |\n");
}

/* Every line is as wide as it was asked to be, whatever the values, and no
   label is lost: it is what parts curves side by side. */
static void test_widths(void **state)
{
    static const double scales[] = {1e-30, 1e-4, 0.01, 1,
                                    12345, 1e9,  1e30, 1e300};
    view *v = *state;
    for (size_t columns = CLI_PLOT_NARROWEST; columns < 90; columns++) {
        for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
            double values[5];
            screen *s = screen_new(columns + 1, 30);
            cli_plot_content content = ramp_content();
            for (size_t k = 0; k < 5; k++)
                values[k] = scales[i] * (3 - ramp[k]);
            content.training.value = values;
            content.columns = columns;
            content.lines = CLI_PLOT_LOWEST + i;
            content.validates = true;
            v->terminal.color = i % 2 ? CLI_COLOR_256 : CLI_COLOR_NONE;
            const char *text = plot(v, &content);
            screen_write(s, text, strlen(text));
            assert_int_equal(screen_wraps(s), 0);
            assert_false(screen_colored(s));
            for (const char *at = screen_text(s); *at;
                 at = strchr(at, '\n') + 1)
                assert_int_equal(strchr(at, '\n')[-1], '|');
            screen_free(s);
        }
    }
}

/* What cannot be shown is left out: no values, one value, all the same, some
   that are no numbers. */
static void test_odd_values(void **state)
{
    static const double same[] = {2.5, 2.5, 2.5}, none[] = {NAN, 1, INFINITY};
    cli_plot_content content = ramp_content();
    content.training.count = 0;
    assert_null(strstr(plot(*state, &content), "⠤"));
    content.training.count = 1;
    assert_non_null(strstr(plot(*state, &content), "┤"));
    content.training = (cli_curve){same, 3, 0, 1};
    assert_non_null(strstr(plot(*state, &content), "2.5"));
    content.training = (cli_curve){none, 3, 0, 1};
    assert_non_null(strstr(plot(*state, &content), "┤"));
}

/* The first twentieth does not decide the axis. */
static void test_steep_start(void **state)
{
    double values[100];
    for (size_t i = 0; i < 100; i++)
        values[i] = i < 4 ? 1000 : 1;
    cli_plot_content content = ramp_content();
    content.training = (cli_curve){values, 100, 0, 0.04};
    assert_null(strstr(plot(*state, &content), "1000"));
    for (size_t i = 50; i < 60; i++)
        values[i] = 1000;
    assert_non_null(strstr(plot(*state, &content), "1000"));
}

/* Without colour the second curve is marks; with it, a line of its own. */
static void test_second_curve(void **state)
{
    static const double other[] = {4, 2, 0};
    view *v = *state;
    cli_plot_content content = ramp_content();
    content.validation = (cli_curve){other, 3, 0, 2};
    content.validates = true;
    content.columns = CLI_PLOT_MARGIN + 40;
    const char *text = plot(v, &content);
    size_t marks = 0;
    for (const char *at = text; (at = strstr(at, "×")); at++)
        marks++;
    assert_int_equal(marks, 3 + 1); /* one in the legend */
    v->terminal.color = CLI_COLOR_256;
    text = plot(v, &content);
    assert_null(strstr(text, "×"));
    assert_non_null(strstr(text, "\x1b[38;5;208m"));
}

/* ---- Trainings ---- */

/* Batch `step` of an epoch, counted from 1, of a training whose batches have
   the loss 1/n and the accuracy 1 - 1/n, n counted from 1 over all epochs. */
static mnist_progress batch(size_t epoch, size_t epochs, size_t step,
                            size_t steps, bool validates)
{
    mnist_progress at = {.epoch = epoch,
                         .epochs = epochs,
                         .step = step,
                         .steps = steps,
                         .seconds = 0.5};
    for (size_t i = 1; i <= step; i++)
        at.loss += 1 / (double)((epoch - 1) * steps + i) / (double)step;
    at.accuracy = 1 - at.loss;
    if (validates && step == steps) {
        at.validated = 1;
        at.validation_loss = at.loss + 0.1;
        at.validation_accuracy = at.accuracy - 0.1;
    }
    return at;
}

static void train(cli_curves *c, size_t from, size_t epochs, bool validates)
{
    enum { STEPS = 10 };
    for (size_t i = from; i < STEPS * epochs; i++) {
        mnist_progress at =
            batch(i / STEPS + 1, epochs, i % STEPS + 1, STEPS, validates);
        cli_curves_add(c, &at);
    }
}

/* Each batch's own figure comes out of the epoch's means again, but for the
   first where a training was gone on with in the middle of an epoch. */
static void test_batches(void **state)
{
    (void)state;
    for (size_t from = 0; from < 25; from += 7) {
        cli_curves c = {.start = 0};
        train(&c, from, 3, false);
        assert_int_equal(c.loss.batches.count, 30 - from);
        assert_true(fabs(c.start - (double)from / 10) < 1e-12);
        for (size_t i = from % 10 > 0; i < 30 - from; i++) {
            double loss = 1 / (double)(from + i + 1);
            assert_true(fabs(c.loss.batches.value[i] - loss) < 1e-12);
            assert_true(fabs(c.accuracy.batches.value[i] - 1 + loss) < 1e-12);
        }
        assert_int_equal(c.epochs, 3 - from / 10);
        assert_int_equal(c.loss.epochs.count, 3 - from / 10);
    }
}

static size_t plot_lines(view *v, const cli_curves *c, size_t columns,
                         size_t lines)
{
    bool drawn =
        cli_curves_plot(v->terminal.out, c, &v->terminal, columns, lines);
    const char *text = seen(v);
    screen *s = screen_new(columns, lines + 1);
    size_t used = 0;
    screen_write(s, text, strlen(text));
    assert_int_equal(screen_wraps(s), 0);
    for (const char *at = text; *at; at++)
        used += *at == '\n';
    assert_int_equal(drawn, used > 0);
    screen_free(s);
    return used;
}

/* In every window they are smaller than it, or left out. */
static void test_every_window(void **state)
{
    view *v = *state;
    cli_curves c = {.start = 0};
    assert_int_equal(plot_lines(v, &c, 80, 24), 0);
    train(&c, 0, 5, true);
    for (size_t columns = 1; columns < 150; columns++)
        for (size_t lines = 1; lines < 30; lines++)
            assert_true(plot_lines(v, &c, columns, lines) <= lines);
    assert_int_equal(plot_lines(v, &c, 20000, 24), 13);
    assert_int_equal(plot_lines(v, &c, 80, 24), 13);
    assert_int_equal(plot_lines(v, &c, 80, 8), 8);
    assert_int_equal(plot_lines(v, &c, 40, 24), 24);
    assert_int_equal(plot_lines(v, &c, 40, 13), 13);
    assert_int_equal(plot_lines(v, &c, 80, 6), 0);
    assert_int_equal(plot_lines(v, &c, 20, 24), 0);
}

/* The x axis reaches as far as the training will, or ten epochs, twenty ... */
static void test_x_axis(void **state)
{
    static const struct {
        size_t from, epochs, reached;
        const char *labels[2];
    } cases[] = {{0, 5, 5, {" 0 ", " 5 "}},
                 {0, 1000, 7, {" 0 ", " 10 "}},
                 {0, 1000, 11, {" 0 ", " 20 "}},
                 {0, 30, 25, {" 0 ", " 30 "}},
                 {955, 100, 97, {" 95 ", " 100 "}}};
    view *v = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cli_curves c = {.start = 0};
        train(&c, cases[i].from, cases[i].reached, false);
        c.last.epochs = cases[i].epochs;
        cli_curves_plot(v->terminal.out, &c, &v->terminal, 100, 20);
        const char *text = seen(v);
        const char *axis = strstr(text, "epoch");
        while (axis > text && axis[-1] != '\n')
            axis--;
        for (size_t k = 0; k < 2; k++)
            if (!strstr(axis, cases[i].labels[k]))
                fail_msg("%s is not in %s", cases[i].labels[k], axis);
    }
}

static void assert_summary(view *v, size_t epochs, bool validates, size_t width,
                           const char *expected)
{
    cli_curves c = {.start = 0};
    train(&c, 0, epochs, validates);
    cli_curves_summary(v->terminal.out, &c, &v->terminal, width);
    assert_string_equal(seen(v), expected);
}

static void test_summary(void **state)
{
    view *v = *state;
    assert_summary(v, 1, false, 80, "");
    assert_summary(v, 4, false, 80,
                   "4 epochs  2.0 s  loss 0.2929 █▂▁▁ 0.0284  "
                   "acc 0.7071 ▁▇██ 0.9716\n");
    assert_summary(v, 4, true, 80,
                   "4 epochs  2.0 s  loss 0.2929 █▂▁▁ 0.0284  "
                   "val_loss 0.3929 █▂▁▁ 0.1284\n");
    assert_summary(v, 4, false, 60,
                   "4 epochs  2.0 s  loss 0.2929 █▂▁▁ 0.0284\n");
    assert_summary(v, 4, false, 39, "4 epochs  loss 0.2929 █▂▁▁ 0.0284\n");
    assert_summary(v, 4, false, 32, "");
    v->terminal.utf8 = false;
    assert_summary(v, 4, false, 80, "");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_halves),
        TEST(test_straight_line),
        TEST(test_ascii),
        TEST(test_widths),
        TEST(test_odd_values),
        TEST(test_steep_start),
        TEST(test_second_curve),
        cmocka_unit_test(test_batches),
        TEST(test_every_window),
        TEST(test_x_axis),
        TEST(test_summary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
