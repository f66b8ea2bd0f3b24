#include "support/trained.h"

#include "support/program.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

/* A group's setup cannot use cmocka's assertions; it returns what went wrong.
   The program module's own do end the test program, with a message. */
static int run(program *p, const char *const *arguments)
{
    program_run(p, arguments);
    if (p->status != 0)
        fprintf(stderr, "%s: %s\n", arguments[0], p->err);
    int status = p->status;
    program_forget(p);
    return status;
}

int trained_setup(void **state)
{
    static const char *const synth[] = {"synth",  "data", "--train", "400",
                                        "--test", "100",  NULL};
    static const char *const train[] = {
        "train", "--data",  "data", "--net", TRAINED_NET, "--epochs",
        "6",     "--batch", "20",   "--lr",  "0.005",     NULL};
    if (temporary_setup(state) != 0)
        return -1;
    program p = {.folder = temporary_folder(*state)};
    return run(&p, synth) || run(&p, train) ? -1 : 0;
}

void run_well(temporary *t, const char *const *arguments)
{
    program p = {.folder = temporary_folder(t)};
    program_run(&p, arguments);
    if (p.status != 0)
        fail_msg("status %d: %s", p.status, p.err);
    program_forget(&p);
}

void assert_same_bytes(temporary *t, const char *a, const char *b)
{
    size_t na, nb;
    char *bytes = temporary_read(temporary_path(t, a), &na);
    char *others = temporary_read(temporary_path(t, b), &nb);
    assert_int_equal(na, nb);
    assert_memory_equal(bytes, others, na);
    free(bytes);
    free(others);
}

void trained_checkpoint(temporary *t)
{
    RUN_WELL(t, "train", "-d", "data", "-q", "--net", TRAINED_NET, "-e2",
             "-b50", "-og.st", "--checkpoint", "g.checkpoint.st", "--limit",
             "300", "--validation-split", "0.5");
}
