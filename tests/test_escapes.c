/*
 * What a file says never commands the terminal: control characters, in one byte
 * or in two of UTF-8, in every text of a weights file, in file names, and in
 * data that are no data, come out escaped or not at all.
 */
#include "support/program.h"
#include "support/sealed.h"
#include "support/tally.h"
#include "support/temporary.h"
#include "support/trained.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t cases, run, stride;

/* A network of one pixel and two classes, as it is saved. */
#define RIGHT                                                                  \
    "{\"__metadata__\":{\"format\":\"mnist\",\"version\":\"1\","               \
    "\"crc32\":\"00000000\",\"network\":\"dense:2:softmax\","                  \
    "\"input\":\"1x1\",\"scale\":\"255\",\"classes\":\"2\","                   \
    "\"note\":\"value\"},"                                                     \
    "\"dense.kernel\":{\"dtype\":\"F32\",\"shape\":[1,2],"                     \
    "\"data_offsets\":[0,8]},"                                                 \
    "\"dense.bias\":{\"dtype\":\"F32\",\"shape\":[2],"                         \
    "\"data_offsets\":[8,16]}}"

/* As a terminal takes them: ESC [ 2 J clears it, as U+009B 2 J does on some;
   OSC sets its title; backspaces and returns write over what stands there. */
static const char *const controls[] = {
    "\\u001b[2J",    "\\u009b2J", "\xc2\x9bm",  "\\u001b]0;title\\u0007",
    "\\r\\b\\b",     "\\u007f",   "\\n\\u000b", "\\u0090q",
    "\\u200b\\u001b"};
enum { CONTROLS = sizeof controls / sizeof *controls };

static void assert_plain(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if ((*c < 0x20 && *c != '\n') || *c == 0x7f ||
            (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            fail_msg("byte %02x of \"%s\"", *c, text);
    }
}

/* Whatever it answers; `status` if that is not negative. */
static void check(temporary *t, int status, const char *const *arguments)
{
    program p = {.folder = temporary_folder(t)};
    if (cases++ % stride != 0)
        return;
    run++;
    program_run(&p, arguments);
    if (status >= 0 && p.status != status)
        fail_msg("status %d, expected %d: %s", p.status, status, p.err);
    assert_true(p.status < 128);
    assert_plain(p.out);
    assert_plain(p.err);
    if (p.status != 0)
        assert_int_equal(count_lines(p.err), 1);
    program_forget(&p);
}

#define CHECK(t, status, ...)                                                  \
    check(t, status, (const char *const[]){__VA_ARGS__, NULL})

/* Each text of the file in turn, with each of the controls in it; all commands
   that read weights. */
static void test_texts_of_weights(void **state)
{
    static const char *const texts[] = {
        "\"value\"",           "\"note\"",     "\"dense.bias\"",   "\"F32\"",
        "\"dense:2:softmax\"", "\"1x1\"",      "\"255\"",          "\"mnist\"",
        "\"version\":\"1\"",   "\"00000000\"", "\"classes\":\"2\""};
    temporary *t = *state;
    static const float data[4];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t c = 0; c < CONTROLS; c++) {
            char header[SEALED_MAX], with[128];
            sealed file;
            snprintf(with, sizeof with, "%.*s%s\"", (int)(strlen(texts[i]) - 1),
                     texts[i], controls[c]);
            sealed_edit(header, RIGHT, texts[i], with);
            sealed_make(&file, header, data, sizeof data);
            temporary_write(t, "w", file.bytes, file.length);
            /* Notes may hold what they like; all else must be right. */
            CHECK(t, i == 0 ? 0 : 4, "info", "w");
            CHECK(t, i == 0 ? 0 : 4, "info", "w", "--json");
            CHECK(t, -1, "eval", "w", "--data", "data");
            CHECK(t, -1, "predict", DATA_TEST_IMAGES, "--weights", "w");
            CHECK(t, -1, "train", "--data", "data", "--init", "w");
            CHECK(t, 4, "train", "--data", "data", "--resume", "w");
        }
}

static void test_names_and_junk(void **state)
{
    static const char *const names[] = {"\x1b[2J.idx", "a\nb", "\xc2\x9bm",
                                        "\x7f\b\r", "\xff\xfe\x1b"};
    static const char junk[][25] = {"P5\n28 28\n255\n\x1b[2J", "\x1b[2J\x1b[1m",
                                    "{\x1b]0;x\x07}",
                                    "\x10\0\0\0\0\0\0\0{\"\x1b[2J\":1}    "};
    temporary *t = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < sizeof junk / sizeof *junk; j++) {
            temporary_write(t, names[i], junk[j], 24);
            CHECK(t, 3, "show", names[i]);
            CHECK(t, -1, "info", names[i]);
            CHECK(t, 4, "eval", names[i], "--data", "data");
            CHECK(t, 4, "train", "--data", "data", "--init", names[i]);
            CHECK(t, 4, "train", "--data", "data", "--resume", names[i]);
            CHECK(t, 2, "train", "--data", "data", "--net", names[i]);
            CHECK(t, 3, "compare", names[i], "x");
        }
}

/* Names and texts of what runs told. */
static void test_runs(void **state)
{
    static const char begin[] =
        "{\"version\":1,\"command\":\"train\",\"event\":"
        "\"done\",\"test\":{\"accuracy\":0.5}";
    temporary *t = *state;
    for (size_t c = 0; c < CONTROLS; c++) {
        char line[256];
        int length = snprintf(line, sizeof line, "%s,\"%s\":\"%s\"}\n", begin,
                              controls[c], controls[c]);
        temporary_write(t, "x", line, (size_t)length);
        temporary_write(t, "\x1b[2J", line, (size_t)length);
        CHECK(t, 0, "compare", "x", "\x1b[2J");
        CHECK(t, 0, "compare", "x", "\x1b[2J", "--json");
        length = snprintf(line, sizeof line,
                          "{\"version\":1,\"command\":\"%s\"}\n", controls[c]);
        temporary_write(t, "x", line, (size_t)length);
        CHECK(t, 3, "compare", "x", "x");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_of_weights),
        cmocka_unit_test(test_names_and_junk),
        cmocka_unit_test(test_runs),
    };
    stride = tally_stride_most("escapes", 7);
    int failed =
        cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
    printf("reliability: escapes: %zu cases, %d failures\n", run, failed);
    return failed;
}
