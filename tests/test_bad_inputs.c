/*
 * Runs the program on every bad input of the folder bad/: the exit status, one
 * line on stderr with all that it must tell, nothing on stdout, within bounds
 * of memory and time, and every other file as it was. With the argument
 * "locale" all of it twice, the second time where numbers have a decimal comma:
 * the output must be the same.
 */
#include "bad/bad.h"

#include "support/networks.h"
#include "support/tally.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dirent.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many times what is promised is needed: sanitizers take much. */
#if MNIST_SANITIZED
enum { MARGIN = 64 };
#else
enum { MARGIN = 1 };
#endif

bad_file bad_images_file, bad_labels_file, bad_weights_file;

/* ---- The folder ---- */

static const char *const fixture[] = {"images", "labels", "weights", "data",
                                      "locale"};

static bool is_fixture(const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return true;
    for (size_t i = 0; i < sizeof fixture / sizeof *fixture; i++)
        if (strcmp(name, fixture[i]) == 0)
            return true;
    return false;
}

static bad_file keep(temporary *t, const char *from, const char *name)
{
    bad_file file;
    file.bytes = temporary_read(from, &file.length);
    temporary_write(t, name, file.bytes, file.length);
    return file;
}

static void make_fixture(temporary *t)
{
    static const char *const standard[] = {
        "data/train-images-idx3-ubyte", "data/train-labels-idx1-ubyte",
        "data/t10k-images-idx3-ubyte", "data/t10k-labels-idx1-ubyte"};
    const char *digits = MNIST_TEST_DIR "/../data/digits-100-";
    char path[1024];
    snprintf(path, sizeof path, "%simages-idx3-ubyte", digits);
    bad_images_file = keep(t, path, "images");
    snprintf(path, sizeof path, "%slabels-idx1-ubyte", digits);
    bad_labels_file = keep(t, path, "labels");
    temporary_mkdir(t, "data");
    for (size_t i = 0; i < 4; i++) {
        const bad_file *file = i % 2 ? &bad_labels_file : &bad_images_file;
        temporary_write(t, standard[i], file->bytes, file->length);
    }
    mnist_network *net = make_network(BAD_NET, 28, 28, 255, 1);
    const char *weights = temporary_path(t, "weights");
    assert_int_equal(mnist_weights_save(net, weights, NULL, 0, NULL), 0);
    mnist_network_free(net);
    bad_weights_file.bytes = temporary_read(weights, &bad_weights_file.length);
}

static void release_fixture(void)
{
    free(bad_images_file.bytes);
    free(bad_labels_file.bytes);
    free(bad_weights_file.bytes);
}

static bool is_same(temporary *t, const char *name, const bad_file *file)
{
    size_t length;
    void *bytes = temporary_read(temporary_path(t, name), &length);
    bool same =
        length == file->length && memcmp(bytes, file->bytes, length) == 0;
    free(bytes);
    return same;
}

static bool fixture_stands(temporary *t)
{
    return is_same(t, "images", &bad_images_file) &&
           is_same(t, "labels", &bad_labels_file) &&
           is_same(t, "weights", &bad_weights_file);
}

/* Removes what a case has made. */
static void tidy(temporary *t)
{
    DIR *folder = opendir(temporary_folder(t));
    struct dirent *item;
    assert_non_null(folder);
    while ((item = readdir(folder))) {
        char path[1024];
        if (is_fixture(item->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s", temporary_folder(t), item->d_name);
        if (unlink(path) != 0)
            assert_int_equal(rmdir(path), 0);
    }
    closedir(folder);
}

/* ---- A case ---- */

typedef struct outcome {
    program p;
    bool clean; /* nothing was left behind, and nothing changed */
} outcome;

/* environment: as a program has it. */
static void run(outcome *o, temporary *t, const bad_case *c,
                const char *const *environment)
{
    o->p = c->how;
    o->p.folder = temporary_folder(t);
    o->p.deadline = 60;
    memcpy(o->p.environment, environment, sizeof o->p.environment);
    if (c->bytes) {
        const char *path = temporary_write(t, BAD, c->bytes, c->length);
        if (c->zeros)
            assert_int_equal(truncate(path, (off_t)(c->length + c->zeros)), 0);
    }
    if (c->prepare)
        c->prepare(t);
    size_t files = temporary_count(t);
    program_run(&o->p, c->arguments);
    o->clean =
        (c->status == 0 || temporary_count(t) == files) && fixture_stands(t);
    if (c->clean)
        c->clean(t);
    tidy(t);
}

/* NULL, or what is wrong with the answer. */
static const char *fault(const bad_case *c, const outcome *o)
{
    const program *p = &o->p;
    bool told = !(c->how.closed & (c->status ? 4 : 2));
    const char *told_in = c->status ? p->err : p->out;
    if (p->status != c->status)
        return "another status";
    if (!o->clean)
        return "a file was left behind or changed";
    if (c->status && p->out[0])
        return "something on stdout";
    if (!c->status && p->err[0])
        return "something on stderr";
    if (told && c->status &&
        (count_lines(p->err) != 1 || strncmp(p->err, "mnist: ", 7) != 0))
        return "not one line on stderr";
    for (size_t i = 0; i < 4 && told && c->words[i]; i++)
        if (!strstr(told_in, c->words[i]))
            return c->words[i];
    if (told && c->status && !c->anonymous && !strstr(p->err, BAD))
        return "the file is not named";
    if (c->most_kib && p->peak > c->most_kib * MARGIN)
        return "too much memory";
    if (c->most_kib && p->cpu > 0.1 * MARGIN)
        return "too long";
    return NULL;
}

/* ---- All of them ---- */

/* One at a time: a program's peak is that of its parent at least. */
static void (*const groups[])(bad_list *list) = {
    bad_idx,     bad_kinds,   bad_gzip,    bad_bombs,   bad_paths,
    bad_streams, bad_options, bad_weights, bad_pictures};

enum { GROUPS = sizeof groups / sizeof *groups };

/* Calls `each` with every case, or one in `stride`. */
static void run_all(temporary *t, size_t stride,
                    void (*each)(temporary *t, const bad_case *c))
{
    size_t number = 0;
    make_fixture(t);
    for (size_t g = 0; g < GROUPS; g++) {
        bad_list list = {0};
        groups[g](&list);
        for (size_t i = 0; i < list.count; i++)
            if (number++ % stride == 0)
                each(t, &list.cases[i]);
        bad_list_free(&list);
    }
    release_fixture();
}

static tally once = {.name = "bad-inputs"};
static long highest;   /* peak where there are bounds */
static double slowest; /* the same */

static void check(temporary *t, const bad_case *c)
{
    static const char *const environment[7] = {NULL};
    outcome o;
    run(&o, t, c, environment);
    const char *what = fault(c, &o);
    tally_case(&once, !what,
               "%s: expected %d, %s; got %d, %ld KiB, %.3f s, stdout "
               "\"%.300s\", stderr \"%s\"",
               c->name, c->status, what ? what : "", o.p.status, o.p.peak,
               o.p.cpu, o.p.out, o.p.err);
    if (c->most_kib && o.p.peak > highest)
        highest = o.p.peak;
    if (c->most_kib && o.p.cpu > slowest)
        slowest = o.p.cpu;
    program_forget(&o.p);
}

static void every_bad_input_is_refused(void **state)
{
    run_all(*state, tally_stride(once.name, 5), check);
    printf("bad-inputs: where there are bounds, at most %ld KiB and %.0f ms\n",
           highest, slowest * 1000);
    tally_report(&once);
}

/* ---- In a locale with a decimal comma ---- */

static const char *const locales[] = {"de_DE", "fr_FR", "nl_NL", "da_DK"};

/* Makes one, and returns its name; NULL if that cannot be done here. */
static const char *make_locale(temporary *t)
{
    static char name[32];
    const char *folder = temporary_mkdir(t, "locale");
    assert_int_equal(setenv("LOCPATH", folder, 1), 0);
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        char command[1024];
        snprintf(name, sizeof name, "%s.UTF-8", locales[i]);
        snprintf(command, sizeof command,
                 "localedef --no-archive -i %s -f UTF-8 '%s/%s' 2>&1",
                 locales[i], folder, name);
        if (system(command) != 0)
            continue;
        const char *set = setlocale(LC_ALL, name);
        bool comma = set && strcmp(localeconv()->decimal_point, ",") == 0;
        setlocale(LC_ALL, "C");
        if (comma)
            return name;
    }
    return NULL;
}

static bool same_answer(const program *a, const program *b)
{
    return a->status == b->status && strcmp(a->out, b->out) == 0 &&
           strcmp(a->err, b->err) == 0;
}

static tally twice = {.name = "bad-inputs-locale"};
static const char *comma_locale;

static void compare(temporary *t, const bad_case *c)
{
    static const char *const plain[7] = {"LC_ALL", "C.UTF-8"};
    const char *const comma[7] = {"LC_ALL", comma_locale};
    outcome a, b;
    run(&a, t, c, plain);
    run(&b, t, c, comma);
    tally_case(&twice, same_answer(&a.p, &b.p),
               "%s: got %d, \"%.300s\", \"%s\"; in %s %d, \"%.300s\", "
               "\"%s\"",
               c->name, a.p.status, a.p.out, a.p.err, comma_locale, b.p.status,
               b.p.out, b.p.err);
    program_forget(&a.p);
    program_forget(&b.p);
}

static void a_decimal_comma_changes_nothing(void **state)
{
    comma_locale = make_locale(*state);
    if (!comma_locale) {
        printf("reliability: %s: skipped, localedef makes no locale with a "
               "decimal comma here (Debian: package locales)\n",
               twice.name);
        skip();
    }
    run_all(*state, tally_stride(twice.name, 10), compare);
    tally_report(&twice);
}

static void no_numeric_option_is_left_out(void **state)
{
    (void)state;
    bad_options_are_all();
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest plain[] = {
        cmocka_unit_test(no_numeric_option_is_left_out),
        IN_FOLDER(every_bad_input_is_refused),
    };
    const struct CMUnitTest comma[] = {
        IN_FOLDER(a_decimal_comma_changes_nothing),
    };
    if (argc > 1 && strcmp(argv[1], "locale") == 0)
        return cmocka_run_group_tests(comma, NULL, NULL);
    return cmocka_run_group_tests(plain, NULL, NULL);
}
