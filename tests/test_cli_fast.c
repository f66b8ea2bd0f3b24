/* mnist train --fast: what it says, keeps and refuses. */
#include "support/json.h"
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAIN                                                                  \
    "train", "--data", "data", "--net", TRAINED_NET, "--epochs", "2",          \
        "--verbose", "2"
#define RESUME "train", "--data", "data", "--verbose", "2", "--resume"

/* The head line names the tiles, or one line says why there are none; which
   must be one of them. Returns whether there are. */
static bool says_fast(const char *err)
{
    bool fast = strstr(err, ", kernels avx512 + amx, ") != NULL;
    bool excused = strstr(err, "mnist: warning: --fast: ") != NULL;
    assert_true(fast != excused);
    if (!fast)
        printf("without AMX: %s", err);
    return fast;
}

static void test_says_which_kernels(void **state)
{
    program p = {.folder = temporary_folder(*state)};
    RUN(&p, TRAIN, "--fast", "-ofast");
    assert_int_equal(p.status, 0);
    bool fast = says_fast(p.err);
    program_forget(&p);
    RUN(&p, TRAIN, "--fast", "--json", "-ofast");
    assert_int_equal(p.status, 0);
    assert_int_equal(strstr(p.out, "\"kernel\":\"avx512 + amx\"") != NULL,
                     fast);
    program_forget(&p);
    RUN(&p, "info", "fast");
    assert_int_equal(strstr(p.out, "\n  fast              yes\n") != NULL,
                     fast);
    program_forget(&p);
    RUN_WELL(*state, TRAIN, "-ostrict");
    RUN(&p, TRAIN, "--quiet", "--fast", "-oquiet");
    assert_string_equal(p.err, "");
    program_forget(&p);
    assert_same_bytes(*state, "quiet", fast ? "fast" : "strict");
}

static void test_nothing_to_speed_up(void **state)
{
    program p = {.folder = temporary_folder(*state)};
    RUN(&p, "train", "--data", "data", "--net", "mlp15", "--epochs", "1",
        "--fast", "-ofast15");
    assert_int_equal(p.status, 0);
    assert_false(says_fast(p.err));
    program_forget(&p);
    RUN_WELL(*state, "train", "--data", "data", "--net", "mlp15", "--epochs",
             "1", "-ostrict15");
    assert_same_bytes(*state, "fast15", "strict15");
}

static void test_other_kernels_are_refused(void **state)
{
    program p = {.folder = temporary_folder(*state)};
    RUN(&p, TRAIN, "--fast", "--kernel", "portable");
    REFUSED(&p, 2, "--fast", "avx512", "portable");
    program_forget(&p);
}

static void test_gone_on_with(void **state)
{
    program p = {.folder = temporary_folder(*state)};
    RUN_WELL(*state, TRAIN, "--fast", "-owhole");
    RUN_WELL(*state, TRAIN, "--fast", "-opart", "--epochs", "1", "--checkpoint",
             "part.checkpoint");
    RUN(&p, RESUME, "part.checkpoint", "--epochs", "2");
    assert_int_equal(p.status, 0);
    says_fast(p.err);
    program_forget(&p);
    assert_same_bytes(*state, "whole", "part");
    /* What another machine would do. */
    RUN(&p, RESUME, "part.checkpoint", "--epochs", "3", "--kernel", "portable");
    assert_int_equal(p.status, 0);
    assert_false(says_fast(p.err));
    assert_non_null(strstr(p.err, "the last digits may differ"));
    program_forget(&p);
}

static void test_not_begun_so(void **state)
{
    program p = {.folder = temporary_folder(*state)};
    RUN_WELL(*state, TRAIN, "-ostrict", "--checkpoint", "strict.checkpoint");
    RUN(&p, RESUME, "strict.checkpoint", "--epochs", "3", "--fast");
    REFUSED(&p, 2, "strict.checkpoint", "no --fast", "another training");
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_which_kernels),
        cmocka_unit_test(test_nothing_to_speed_up),
        cmocka_unit_test(test_other_kernels_are_refused),
        cmocka_unit_test(test_gone_on_with),
        cmocka_unit_test(test_not_begun_so),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
