/*
 * The program on terminals: what stands on them in the end, and that what moves
 * on the way keeps to the window. A screen does what the terminal would.
 */
#include "support/program.h"
#include "support/screen.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Epochs that no machine does in the tenth of a second after which the bar is
   first drawn; and some for tests that do not need it. */
#define DATA  "train", "-d", "m", "--threads", "1", "-o", "o"
#define TRAIN DATA, "-b1", "--limit", images, "--validation-split", "0.02"
#define QUICK                                                                  \
    DATA, "-e2", "--limit", "200", "-b20", "--validation-split", "0.1",        \
        "--net", TRAINED_NET

#define UTF8 "LC_ALL", "C.UTF-8"

enum { MOST_IMAGES = 2500, TRIED_IMAGES = 100 };
static char images[24];

/* An epoch of all of them would take seconds in builds that are slow. */
static void choose_images(temporary *t)
{
    const double seconds = 0.6;
    program p = {.folder = temporary_folder(t)};
    snprintf(images, sizeof images, "%d", TRIED_IMAGES);
    RUN(&p, TRAIN, "-q", "-e1");
    assert_int_equal(p.status, 0);
    double enough = TRIED_IMAGES * seconds / p.cpu;
    snprintf(images, sizeof images, "%.0f",
             enough < MOST_IMAGES ? enough : MOST_IMAGES);
    program_forget(&p);
}

static int setup(void **state)
{
    if (trained_setup(state) != 0)
        return -1;
    RUN_WELL(*state, "synth", "m", "--train", "2500", "--test", "10");
    choose_images(*state);
    return 0;
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((*text < ' ' || *text > '~') && *text != '\n')
            return false;
    return true;
}

/* What the terminal shows, given what it has received. */
static screen *show(const program *p)
{
    screen *s = screen_new(p->terminal, p->lines ? p->lines : 24);
    screen_write(s, p->out, strlen(p->out));
    return s;
}

/* The text from where `from` first stands, with the seconds, which nobody
   knows, as "#". */
static char *lines_from(screen *s, const char *from)
{
    const char *at = strstr(screen_text(s), from);
    if (!at)
        fail_msg("\"%s\" is not in: %s", from, screen_text(s));
    char *text = malloc(strlen(at) + 1), *to = text;
    assert_non_null(text);
    while (*at) {
        size_t digits = strspn(at, "0123456789.:");
        bool seconds = digits > 0 && strncmp(at + digits, " s", 2) == 0;
        *to++ = seconds ? '#' : *at;
        at += seconds ? digits : 1;
    }
    *to = '\0';
    return text;
}

/* Its end is `result`, a plain log from its first epoch, and nothing of what
   moved is left. */
static void assert_ends_like(const program *p, const char *log)
{
    screen *s = show(p);
    char *text = lines_from(s, "epoch 1/2");
    assert_memory_equal(text, log, strlen(log));
    assert_non_null(strstr(text, "\nnext: mnist eval o"));
    assert_null(strstr(screen_text(s), "Epoch"));
    assert_null(strstr(screen_text(s), "reading"));
    assert_int_equal(screen_wraps(s), 0);
    assert_int_equal(screen_column(s), 0);
    assert_false(screen_colored(s));
    free(text);
    screen_free(s);
}

/* What a log gets: the terminals are held against it. */
static char *plain_log(temporary *t, const char *const *words)
{
    program p = {.folder = temporary_folder(t)};
    program_run(&p, words);
    assert_int_equal(p.status, 0);
    assert_true(is_plain(p.err) && is_plain(p.out));
    assert_int_equal(count_lines(p.err), 4);
    screen *s = screen_new(200, 24);
    screen_write(s, p.err, strlen(p.err));
    screen_write(s, p.out, strlen(p.out));
    char *log = lines_from(s, "epoch 1/2");
    screen_free(s);
    program_forget(&p);
    return log;
}

/* How often something was drawn over itself. */
static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static void test_log_is_the_same_everywhere(void **state)
{
    static const char *const slow[] = {TRAIN, "-e2", NULL};
    static const char *const quick[] = {QUICK, NULL};
    static const struct {
        unsigned columns;
        const char *environment[7];
        const char *const *words;
    } terminals[] = {
        {80, {"NO_COLOR", "1"}, slow},
        {20000, {NULL}, quick},
        {80, {"TERM", "dumb"}, quick},
        {80, {"TERM", "dumb", UTF8}, quick},
    };
    temporary *t = *state;
    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
        const char *const *words = terminals[i].words;
        program p = {.folder = temporary_folder(t),
                     .terminal = terminals[i].columns};
        memcpy(p.environment, terminals[i].environment, sizeof p.environment);
        char *log = plain_log(t, words);
        program_run(&p, words);
        assert_int_equal(p.status, 0);
        assert_ends_like(&p, log);
        if (words == slow)
            assert_true(count_of(p.out, "\rEpoch 1/2  [") > 0);
        /* Nothing in them has colour, and a dumb terminal gets text only. */
        assert_null(strstr(p.out, "\x1b[3"));
        if (i >= 2)
            assert_null(strchr(p.out, '\x1b'));
        program_forget(&p);
        free(log);
    }
}

/* What to type next is to be copied: the window may break it, we do not. */
static const char commands[] =
    "next: mnist eval o --data m --confusion\r\n"
    "      mnist predict m/t10k-images-idx3-ubyte --index 0:3 --weights o\r\n";

/* A window of 40 columns: lines go on between two figures. */
static void test_narrow(void **state)
{
    static const unsigned widths[] = {12, 40};
    temporary *t = *state;
    for (size_t i = 0; i < 2; i++) {
        program p = {.folder = temporary_folder(t),
                     .terminal = widths[i],
                     .environment = {UTF8}};
        RUN(&p, TRAIN, "-e2");
        assert_int_equal(p.status, 0);
        assert_true(count_of(p.out, "\rEpoch ") > 0);
        const char *next = strstr(p.out, "next: ");
        assert_non_null(next);
        assert_string_equal(next, commands);
        screen *s = screen_new(widths[i], 24);
        screen_write(s, p.out, (size_t)(next - p.out));
        size_t wraps = screen_wraps(s);
        screen_write(s, next, strlen(next));
        if (widths[i] == 40) {
            char *text = lines_from(s, "epoch 1/2");
            assert_non_null(strstr(text, "\n  val_loss "));
            assert_int_equal(wraps, 0);
            assert_int_equal(screen_wraps(s), 1);
            free(text);
        }
        assert_null(strstr(screen_text(s), "Epoch"));
        assert_int_equal(screen_column(s), 0);
        screen_free(s);
        program_forget(&p);
    }
}

/* The curves stand above the results in the end, and once. */
static void test_plot(void **state)
{
    static const struct {
        unsigned columns, lines;
        size_t plots; /* of loss and accuracy, that fit */
    } windows[] = {{80, 24, 2}, {80, 9, 2}, {40, 24, 2},   {40, 12, 1},
                   {20, 24, 0}, {80, 7, 0}, {20000, 24, 2}};
    temporary *t = *state;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        program p = {.folder = temporary_folder(t),
                     .terminal = windows[i].columns,
                     .lines = windows[i].lines,
                     .environment = {UTF8}};
        RUN(&p, QUICK, "--plot");
        assert_int_equal(p.status, 0);
        screen *s = show(&p);
        const char *text = screen_text(s);
        assert_int_equal(count_of(text, "epoch  "), windows[i].plots);
        assert_int_equal(count_of(text, "─┘") + count_of(text, "└─"),
                         windows[i].plots);
        assert_int_equal(count_of(text, "epoch 1/2"), 1);
        assert_int_equal(count_of(text, "epoch 2/2"), 1);
        assert_null(strstr(text, "Epoch"));
        screen_free(s);
        program_forget(&p);
    }
}

/* Into a pipe, and where nothing moves, it changes nothing. */
static void test_plot_elsewhere(void **state)
{
    temporary *t = *state;
    char *log = plain_log(t, (const char *[]){QUICK, NULL});
    program p = {.folder = temporary_folder(t)};
    program dumb = {.folder = temporary_folder(t),
                    .terminal = 80,
                    .environment = {"TERM", "dumb"}};
    RUN(&p, QUICK, "--plot");
    assert_int_equal(p.status, 0);
    assert_int_equal(count_lines(p.err), 4);
    assert_true(is_plain(p.err) && is_plain(p.out));
    program_forget(&p);
    RUN(&dumb, QUICK, "--plot");
    assert_ends_like(&dumb, log);
    program_forget(&dumb);
    RUN(&p, QUICK, "--plot", "--quiet");
    REFUSED(&p, 2, "--plot", "--quiet");
    program_forget(&p);
    RUN(&p, QUICK, "--plot", "--json");
    REFUSED(&p, 2, "--plot", "--json");
    program_forget(&p);
    RUN(&p, QUICK, "--plot", "--verbose", "2");
    REFUSED(&p, 2, "--plot", "--verbose");
    program_forget(&p);
    free(log);
}

/* From one window to another while it trains: what is drawn after that keeps
   to the new one. The byte where that begins is known within a drawing. */
static void test_resize(void **state)
{
    static const unsigned sizes[][2] = {{40, 24}, {40, 12}, {30, 5}, {120, 30}};
    temporary *t = *state;
    program p = {
        .folder = temporary_folder(t), .terminal = 80, .environment = {UTF8}};
    int process =
        program_start(&p, (const char *[]){TRAIN, "-e1000", "--plot", NULL});
    size_t at = program_await_terminal("Epoch", 0), from[4];
    for (size_t i = 0; i < 4; i++) {
        at = program_resize(process, sizes[i][0], sizes[i][1]);
        /* One may have been under way; then one from its begin to its end. */
        from[i] = at = program_await_terminal("\rEpoch", at);
        at = program_await_terminal("\rEpoch", at);
        at = program_await_terminal("\rEpoch", at);
    }
    kill(process, SIGINT);
    program_wait(&p, process);
    assert_int_equal(p.signal, SIGINT);
    for (size_t i = 0; i < 4; i++) {
        const char *begin = strstr(p.out + from[i] - 6, "\rEpoch");
        /* It ends by erasing what is below, and going back. */
        const char *end = strchr(strstr(begin, "\x1b[J"), '\r') + 1;
        screen *s = screen_new(sizes[i][0], sizes[i][1]);
        screen_write(s, begin, (size_t)(end - begin));
        if (screen_wraps(s) > 0)
            fail_msg("%ux%u: wider than the window: %.*s", sizes[i][0],
                     sizes[i][1], (int)(end - begin), begin);
        /* It did not scroll: the bar is at the top, and the cursor on it. */
        assert_int_equal(screen_line(s), 0);
        assert_memory_equal(screen_text(s), "Epoch ", 6);
        assert_int_equal(strstr(screen_text(s), "┤") != NULL, i != 2);
        screen_free(s);
    }
    program_forget(&p);
}

/* The bar is gone, the cursor where a line begins, colours are off. */
static void test_interrupt(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM};
    temporary *t = *state;
    for (size_t i = 0; i < 4; i++) {
        program p = {.folder = temporary_folder(t),
                     .terminal = 80,
                     .environment = {UTF8}};
        int process =
            program_start(&p, (const char *[]){TRAIN, "-e1000",
                                               i / 2 ? "--plot" : NULL, NULL});
        program_await_terminal("Epoch", 0);
        kill(process, signals[i % 2]);
        program_wait(&p, process);
        assert_int_equal(p.signal, signals[i % 2]);
        screen *s = show(&p);
        const char *text = screen_text(s);
        assert_null(strstr(text, "Epoch"));
        assert_non_null(strstr(text, "\nmnist: stopped by SIG"));
        assert_int_equal(screen_column(s), 0);
        assert_false(screen_colored(s));
        screen_free(s);
        program_forget(&p);
    }
}

/* The second signal ends it at once: then, too, the line is given back. The
   first makes it save to a pipe that nobody reads. */
static void test_second_interrupt(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t), .terminal = 80};
    int process = program_start(&p, (const char *[]){TRAIN, "-e1000", NULL});
    program_await_terminal("Epoch", 0);
    /* Stopped, it finds both. */
    kill(process, SIGSTOP);
    kill(process, SIGINT);
    kill(process, SIGTERM);
    kill(process, SIGCONT);
    program_wait(&p, process);
    assert_true(p.signal == SIGINT || p.signal == SIGTERM);
    screen *s = show(&p);
    assert_null(strstr(screen_text(s), "Epoch"));
    assert_null(strstr(screen_text(s), "stopped"));
    assert_int_equal(screen_column(s), 0);
    screen_free(s);
    program_forget(&p);
}

/* So is it when a training fails. */
static void test_failure(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t), .terminal = 80};
    RUN(&p, TRAIN, "--plot", "--lr", "1e30");
    assert_int_equal(p.status, 7);
    screen *s = show(&p);
    assert_null(strstr(screen_text(s), "Epoch"));
    assert_non_null(strstr(screen_text(s), "\nmnist: "));
    screen_free(s);
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_is_the_same_everywhere),
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_plot),
        cmocka_unit_test(test_plot_elsewhere),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_second_interrupt),
        cmocka_unit_test(test_failure),
    };
    return cmocka_run_group_tests(tests, setup, temporary_teardown);
}
