#include "support/trained.h"

#include "support/program.h"

#include <stdio.h>

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
