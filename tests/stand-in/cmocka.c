#include "cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a test that runs goes when it ends early. */
static jmp_buf out;
static int in_test;
enum { FAILED = 1, SKIPPED };

void stand_in_fail(const char *file, int line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    va_end(values);
    if (!in_test)
        exit(1);
    longjmp(out, FAILED);
}

void stand_in_skip(void)
{
    longjmp(out, SKIPPED);
}

void print_message(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
}

void stand_in_ints(long long a, long long b, int same, const char *file,
                   int line)
{
    if ((a == b) != same)
        stand_in_fail(file, line, "%lld %s %lld", a, same ? "!=" : "==", b);
}

void stand_in_range(unsigned long long value, unsigned long long least,
                    unsigned long long most, const char *file, int line)
{
    if (value < least || value > most)
        stand_in_fail(file, line, "%llu is not in %llu..%llu", value, least,
                      most);
}

void stand_in_strings(const char *a, const char *b, const char *file, int line)
{
    if (strcmp(a, b) != 0)
        stand_in_fail(file, line, "\"%s\" != \"%s\"", a, b);
}

void stand_in_memory(const void *a, const void *b, size_t length, int same,
                     const char *file, int line)
{
    if ((memcmp(a, b, length) == 0) != same)
        stand_in_fail(file, line, "%zu bytes are %s", length,
                      same ? "different" : "the same");
}

static int run(const struct CMUnitTest *test, void *group)
{
    static void *state; /* stays what it is when the test jumps out */
    state = group;
    int end = setjmp(out);
    if (end == 0) {
        in_test = 1;
        if (test->setup && test->setup(&state) != 0)
            stand_in_fail(test->name, 0, "its setup failed");
        test->test(&state);
    }
    if (test->teardown && test->teardown(&state) != 0 && end == 0)
        end = FAILED;
    in_test = 0;
    printf("%s: %s\n",
           end == FAILED    ? "FAILED"
           : end == SKIPPED ? "skipped"
                            : "ok",
           test->name);
    return end == FAILED;
}

int stand_in_run(const struct CMUnitTest *tests, size_t count,
                 CMFixtureFunction setup, CMFixtureFunction teardown)
{
    void *state = NULL;
    int failed = 0;
    if (setup && setup(&state) != 0) {
        printf("FAILED: the setup of the group\n");
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        failed += run(&tests[i], state);
    if (teardown && teardown(&state) != 0)
        failed++;
    return failed;
}
