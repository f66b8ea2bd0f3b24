/* Lines that are drawn over themselves, on a screen that does what a terminal
   would. */
#include "cli/terminal/live.h"
#include "cli/terminal/signals.h"
#include "cli/text/flow.h"
#include "cli/train/progress.h"
#include "support/screen.h"

#include <mnist.h>

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 20, LINES = 6 };

/* A stream whose bytes go to a screen, and what is drawn there. No terminal, so
   its height is 24 lines; each test stays below its screen's. */
typedef struct fixture {
    cli_terminal terminal;
    cli_live live;
    screen *screen;
    char *written;
    size_t length, shown;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->terminal = (cli_terminal){.out = open_memstream(&f->written, &f->length),
                                 .moves = true,
                                 .width = COLUMNS};
    f->screen = screen_new(COLUMNS, LINES);
    cli_live_open(&f->live, &f->terminal);
    *state = f;
    return f->live.page ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *f = *state;
    cli_live_close(&f->live);
    fclose(f->terminal.out);
    free(f->written);
    screen_free(f->screen);
    free(f);
    return 0;
}

static void print(fixture *f, const char *text)
{
    fputs(text, cli_live_begin(&f->live));
}

static void draw(fixture *f, const char *text)
{
    print(f, text);
    cli_live_draw(&f->live);
}

/* What has been written since is shown; then the screen is as expected. */
static void assert_screen(fixture *f, const char *expected)
{
    fflush(f->terminal.out);
    screen_write(f->screen, f->written + f->shown, f->length - f->shown);
    f->shown = f->length;
    assert_string_equal(screen_text(f->screen), expected);
    assert_int_equal(screen_wraps(f->screen), 0);
}

static void test_over_itself(void **state)
{
    fixture *f = *state;
    draw(f, "one two three\n");
    assert_screen(f, "one two three\n");
    assert_int_equal(screen_column(f->screen), 0);
    draw(f, "four\n");
    assert_screen(f, "four\n");
    draw(f, "a long one\nb\nc\n");
    assert_screen(f, "a long one\nb\nc\n");
    assert_int_equal(screen_line(f->screen), 0);
    draw(f, "d\ne\n");
    assert_screen(f, "d\ne\n");
    cli_live_clear(&f->live);
    assert_screen(f, "\n");
    assert_int_equal(screen_line(f->screen), 0);
    assert_int_equal(screen_column(f->screen), 0);
}

/* Nothing is erased that is drawn again, not even for a moment. */
static void test_does_not_flicker(void **state)
{
    fixture *f = *state;
    draw(f, "a long one\nb\nc\n");
    fflush(f->terminal.out);
    size_t before = f->length;
    draw(f, "a long one\nb\nd\n");
    fflush(f->terminal.out);
    screen_write(f->screen, f->written, before);
    for (size_t i = before; i < f->length; i++) {
        /* Whole control sequences: the screen takes no others. */
        size_t size =
            f->written[i] == '\x1b' ? strcspn(f->written + i, "AJK") + 1 : 1;
        screen_write(f->screen, f->written + i, size);
        i += size - 1;
        assert_non_null(strstr(screen_text(f->screen), "a long one\nb\n"));
    }
}

static void test_lines_above(void **state)
{
    fixture *f = *state;
    cli_live_above(&f->live, "first\n");
    draw(f, "bar\n");
    cli_live_above(&f->live, "second\n");
    assert_screen(f, "first\nsecond\n");
    draw(f, "bar\nplot\n");
    cli_live_above(&f->live, "third\n");
    assert_screen(f, "first\nsecond\nthird\nbar\nplot\n");
    /* The screen is full by now. */
    cli_live_above(&f->live, "4th\n5th\n6th\n");
    assert_screen(f, "first\nsecond\nthird\n4th\n5th\n6th\nbar\nplot\n");
    draw(f, "bar 2\nplot 2\nmore\n");
    assert_screen(f,
                  "first\nsecond\nthird\n4th\n5th\n6th\nbar 2\nplot 2\nmore\n");
    print(f, "plot 3\n");
    cli_live_keep(&f->live);
    cli_live_above(&f->live, "end\n");
    assert_screen(f, "first\nsecond\nthird\n4th\n5th\n6th\nplot 3\nend\n");
}

/* What does not fit into the window together is not moved in it. */
static void test_more_than_the_window(void **state)
{
    fixture *f = *state;
    char text[2 * 23 + 1], *at = text;
    for (int i = 0; i < 23; i++, at += 2)
        snprintf(at, 3, "%c\n", 'a' + i);
    screen_free(f->screen);
    f->screen = screen_new(COLUMNS, 24);
    draw(f, text);
    cli_live_above(&f->live, "one\n");
    draw(f, text);
    cli_live_above(&f->live, "two\nthree\n");
    assert_screen(f, "one\ntwo\nthree\n");
}

/* A page that is too large is not drawn, and the next one is. */
static void test_too_much(void **state)
{
    fixture *f = *state;
    FILE *out = cli_live_begin(&f->live);
    for (size_t i = 0; i < CLI_LIVE_ROOM; i++)
        fputs("x\n", out);
    cli_live_draw(&f->live);
    assert_screen(f, "\n");
    draw(f, "bar\n");
    assert_screen(f, "bar\n");
    print(f, "");
    cli_live_keep(&f->live);
    assert_screen(f, "\n");
}

static void test_where_nothing_moves(void **state)
{
    fixture *f = *state;
    cli_live_close(&f->live);
    f->terminal.moves = false;
    cli_live_open(&f->live, &f->terminal);
    assert_null(cli_live_begin(&f->live));
    cli_live_above(&f->live, "a line\n");
    cli_live_clear(&f->live);
    fflush(f->terminal.out);
    assert_string_equal(f->written, "a line\n");
}

/* The bar of a training that failed goes; of one that ended, a summary stays.
 */
static void test_end_of_progress(void **state)
{
    static cli_progress progress;
    const struct timespec due = {.tv_nsec = 110000000};
    fixture *f = *state;
    mnist_progress at = {.epoch = 1,
                         .epochs = 2,
                         .step = 1,
                         .steps = 2,
                         .loss = 0.5,
                         .accuracy = 0.75,
                         .seconds = 1};
    f->terminal.person = f->terminal.utf8 = true;
    screen_free(f->screen);
    f->screen = screen_new(80, LINES);
    cli_progress_start(&progress, &f->terminal, 1, false, false);
    nanosleep(&due, NULL);
    cli_progress_step(&progress, &at);
    assert_screen(f, "Epoch 1/2  [==========>.........]  1/2  50%  "
                     "loss 0.5000  acc 0.7500  0:01 left\n");
    cli_progress_end(&progress, false);
    assert_screen(f, "\n");
    cli_progress_start(&progress, &f->terminal, 1, false, false);
    for (size_t i = 0; i < 4; i++) {
        at.epoch = 1 + i / 2;
        at.step = 1 + i % 2;
        at.loss = at.epoch == 1 ? 0.5 : 0.25;
        cli_progress_step(&progress, &at);
    }
    cli_progress_end(&progress, true);
    assert_screen(f, "epoch 1/2  loss 0.5000  acc 0.7500  1.0 s\n"
                     "epoch 2/2  loss 0.2500  acc 0.7500  1.0 s\n"
                     "2 epochs  2.0 s  loss 0.5000 █▁ 0.2500  "
                     "acc 0.7500 ▁▁ 0.7500\n");
}

/* ---- Text that keeps to a width ---- */

static void test_flow(void **state)
{
    (void)state;
    cli_flow flow = {.width = 12};
    cli_flow_add(&flow, 0, "loss %.2f", 0.25);
    cli_flow_add_if(&flow, 2, "left out");
    cli_flow_add(&flow, 2, "accuracy");
    cli_flow_add_if(&flow, 1, "0");
    cli_flow_add_if(&flow, 1, "0");
    cli_flow_end_line(&flow);
    cli_flow_add(&flow, 5, "next");
    cli_flow_end_line(&flow);
    assert_string_equal(flow.text, "loss 0.25\n  accuracy 0\n     next\n");
    cli_flow any = {.width = 0};
    cli_flow_add_list(&any, "dense:512:relu,dense:10:softmax", ',');
    assert_string_equal(any.text, "dense:512:relu,dense:10:softmax");
    cli_flow narrow = {.width = 20};
    cli_flow_add_list(&narrow, "dense:512:relu,dense:10:softmax", ',');
    assert_string_equal(narrow.text, "dense:512:relu,\n  dense:10:softmax");
    for (int i = 0; i < CLI_FLOW_ROOM; i++)
        cli_flow_add(&narrow, 0, "ab");
    assert_int_equal(strlen(narrow.text), CLI_FLOW_ROOM - 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_over_itself),     TEST(test_does_not_flicker),
        TEST(test_lines_above),     TEST(test_more_than_the_window),
        TEST(test_too_much),        TEST(test_where_nothing_moves),
        TEST(test_end_of_progress), cmocka_unit_test(test_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
