/* Pictures, sparklines and the confusion matrix, drawn into memory. */
#include "cli/drawing/confusion.h"
#include "cli/drawing/picture.h"
#include "cli/drawing/sparkline.h"
#include "support/screen.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was drawn since the last time. */
typedef struct paper {
    cli_terminal terminal;
    char *text;
    size_t length;
} paper;

static paper *open_paper(void **state, cli_style style, cli_color color,
                         size_t width)
{
    paper *p = *state;
    p->terminal.style = style;
    p->terminal.color = color;
    p->terminal.utf8 = style != CLI_STYLE_ASCII;
    p->terminal.width = width;
    rewind(p->terminal.out);
    return p;
}

static const char *drawn(paper *p)
{
    fflush(p->terminal.out);
    p->text[ftell(p->terminal.out)] = '\0';
    return p->text;
}

static int setup(void **state)
{
    paper *p = calloc(1, sizeof *p);
    p->terminal.out = open_memstream(&p->text, &p->length);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    paper *p = *state;
    fclose(p->terminal.out);
    free(p->text);
    free(p);
    return 0;
}

/* A diagonal of four greys, 4 x 4. */
static const uint8_t diagonal[16] = {255, 0, 0,   0, 0, 200, 0, 0,
                                     0,   0, 127, 0, 0, 0,   0, 128};

static const cli_picture one = {diagonal, ""};

static void test_ascii(void **state)
{
    paper *p = open_paper(state, CLI_STYLE_ASCII, CLI_COLOR_NONE, 80);
    cli_picture_draw(&p->terminal, &one, 1, 4, 4);
    assert_string_equal(drawn(p), "@@      \n  ##    \n    ==  \n      ==\n");
}

static void test_ink(void **state)
{
    paper *p = open_paper(state, CLI_STYLE_HALF, CLI_COLOR_NONE, 80);
    cli_picture_draw(&p->terminal, &one, 1, 4, 4);
    assert_string_equal(drawn(p), "▀▄  \n   ▄\n");
}

static void test_braille(void **state)
{
    paper *p = open_paper(state, CLI_STYLE_BRAILLE, CLI_COLOR_NONE, 80);
    cli_picture_draw(&p->terminal, &one, 1, 4, 4);
    /* Dots 1 and 5 of the one, 8 of the other. */
    assert_string_equal(drawn(p), "⠑⢀\n");
    /* The image ends in the middle of a cell, and all eight dots. */
    static const uint8_t white[15] = {255, 255, 255, 255, 255, 255, 255, 255,
                                      255, 255, 255, 255, 255, 255, 255};
    const cli_picture odd = {white, ""};
    p = open_paper(state, CLI_STYLE_BRAILLE, CLI_COLOR_NONE, 80);
    cli_picture_draw(&p->terminal, &odd, 1, 5, 3);
    assert_string_equal(drawn(p), "⣿⡇\n⠉⠁\n");
}

static void test_numbers(void **state)
{
    paper *p = open_paper(state, CLI_STYLE_NUMBERS, CLI_COLOR_NONE, 5);
    cli_picture_draw(&p->terminal, &one, 1, 4, 4);
    assert_string_equal(drawn(p), " 255   0   0   0\n   0 200   0   0\n"
                                  "   0   0 127   0\n   0   0   0 128\n");
}

/* With colour, the same cells; and it is off at the end of each line. */
static void test_colors(void **state)
{
    static const cli_color colors[] = {CLI_COLOR_256, CLI_COLOR_TRUE};
    static const char *const white[] = {"\x1b[38;5;231m",
                                        "\x1b[38;2;255;255;255m"};
    static const cli_style styles[] = {CLI_STYLE_HALF, CLI_STYLE_NUMBERS};
    for (size_t i = 0; i < 4; i++) {
        paper *p = open_paper(state, styles[i / 2], colors[i % 2], 80);
        screen *s = screen_new(80, 6);
        cli_picture_draw(&p->terminal, &one, 1, 4, 4);
        const char *text = drawn(p);
        if (i < 2)
            assert_non_null(strstr(text, white[i]));
        for (const char *end = text; (end = strchr(end, '\n')); end++)
            assert_memory_equal(end - 4, "\x1b[0m", 4);
        screen_write(s, text, strlen(text));
        assert_string_equal(screen_text(s),
                            i < 2 ? "▀▀\n  ▀▀\n"
                                  : " 255   0   0   0\n   0 200   0   0\n"
                                    "   0   0 127   0\n   0   0   0 128\n");
        screen_free(s);
    }
}

/* As many as fit, but one at least, which is averaged until it does. */
static void test_side_by_side(void **state)
{
    cli_picture three[] = {
        {diagonal, "0: 7"}, {diagonal, "1: a longer one"}, {diagonal, "2"}};
    paper *p = open_paper(state, CLI_STYLE_HALF, CLI_COLOR_NONE, 80);
    cli_picture_draw(&p->terminal, three, 3, 4, 4);
    assert_string_equal(drawn(p), "▀▄               ▀▄               ▀▄  \n"
                                  "   ▄                ▄                ▄\n"
                                  "0: 7             1: a longer one  2\n");
    assert_int_equal(cli_picture_columns(&p->terminal, 4, 0), 13);
    assert_int_equal(cli_picture_columns(&p->terminal, 4, 19), 3);
    p = open_paper(state, CLI_STYLE_HALF, CLI_COLOR_NONE, 28);
    assert_int_equal(cli_picture_columns(&p->terminal, 28, 0), 1);
    p->terminal.width = 20000;
    assert_int_equal(cli_picture_columns(&p->terminal, 28, 0), 666);
    p->terminal.width = 2;
    assert_int_equal(cli_picture_columns(&p->terminal, 28, 0), 1);
    cli_picture_draw(&p->terminal, &one, 1, 4, 4);
    assert_string_equal(drawn(p), "  \n");
    p = open_paper(state, CLI_STYLE_BRAILLE, CLI_COLOR_NONE, 1);
    cli_picture_draw(&p->terminal, &one, 1, 4, 4);
    assert_string_equal(drawn(p), " \n");
}

static void test_choosing(void **state)
{
    paper *p = open_paper(state, CLI_STYLE_HALF, CLI_COLOR_NONE, 80);
    for (int i = 1; cli_picture_styles[i]; i++) {
        cli_picture_choose(&p->terminal, cli_picture_styles[i]);
        assert_int_equal(p->terminal.style, i);
        cli_picture_choose(&p->terminal, "auto");
        assert_int_equal(p->terminal.style, i);
    }
}

static void assert_sparkline(void **state, const char *expected, size_t cells,
                             const double *values, size_t count)
{
    paper *p = open_paper(state, CLI_STYLE_HALF, CLI_COLOR_NONE, 80);
    cli_sparkline(p->terminal.out, values, count, cells);
    assert_string_equal(drawn(p), expected);
}

static void test_sparkline(void **state)
{
    static const double values[] = {0, 1, 2, 3, 4, 5, 6, 7}, flat[] = {3, 3};
    assert_sparkline(state, "▁▂▃▄▅▆▇█", 20, values, 8);
    assert_sparkline(state, "▁▃▆█", 4, values, 8);
    assert_sparkline(state, "▁▄█", 3, values, 8);
    assert_sparkline(state, "▁▁", 3, flat, 2);
    assert_sparkline(state, "▁", 1, values, 8);
    assert_sparkline(state, "", 3, values, 0);
    assert_sparkline(state, "", 0, values, 8);
}

/* ---- The confusion matrix ---- */

enum { CLASSES = 3 };

static const size_t counts[CLASSES * CLASSES] = {980, 0, 20, /* label 0 */
                                                 1,   7, 2,  /* 1 */
                                                 0,   0, 0}; /* 2 */

static const char *confusion(void **state, cli_color color, bool person,
                             size_t width)
{
    paper *p = open_paper(state, CLI_STYLE_HALF, color, width);
    p->terminal.person = person;
    cli_confusion_print(&p->terminal, counts, CLASSES);
    return drawn(p);
}

#define TABLE                                                                  \
    "\nlabel   predicted\n"                                                    \
    "         0    1    2\n"                                                   \
    "    0  980    .   20\n"                                                   \
    "    1    1    7    2\n"                                                   \
    "    2    .    .    0\n"

static void test_confusion(void **state)
{
    assert_string_equal(confusion(state, CLI_COLOR_NONE, true, 20), TABLE);
    /* What a program reads does not depend on a window. */
    assert_string_equal(confusion(state, CLI_COLOR_NONE, false, 19), TABLE);
    assert_string_equal(confusion(state, CLI_COLOR_NONE, true, 19),
                        "\nlabel   predicted, in per cent\n"
                        "       0  1  2\n"
                        "    0 98  .  2\n"
                        "    1 10 70 20\n"
                        "    2  .  .  0\n");
    /* In a window that has no room for that either, the terminal breaks it. */
    assert_string_equal(confusion(state, CLI_COLOR_NONE, true, 13), TABLE);
}

static void test_heat_map(void **state)
{
    screen *s = screen_new(21, 7);
    const char *text = confusion(state, CLI_COLOR_256, true, 21);
    screen_write(s, text, strlen(text));
    /* The same numbers, a blank more between labels and cells. */
    assert_string_equal(screen_text(s), "\nlabel   predicted\n"
                                        "         0    1    2\n"
                                        "    0  980    .   20\n"
                                        "    1    1    7    2\n"
                                        "    2    .    .    0\n");
    screen_free(s);
    /* The commonest mistake is the brightest; a row without images has no
       share that could be told. */
    assert_non_null(strstr(text, "48;5;220m  20 "));
    assert_non_null(strstr(text, "48;5;34m 980 "));
    assert_non_null(strstr(text, "48;5;52m   1 "));
    assert_non_null(strstr(text, "48;5;233m   0 \x1b[0m\n"));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_ascii),    TEST(test_ink),       TEST(test_braille),
        TEST(test_numbers),  TEST(test_colors),    TEST(test_side_by_side),
        TEST(test_choosing), TEST(test_sparkline), TEST(test_confusion),
        TEST(test_heat_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
