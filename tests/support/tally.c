#include "support/tally.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

enum { MOST_TOLD = 20 };

void tally_case(tally *t, bool right, const char *format, ...)
{
    va_list args;
    t->cases++;
    if (right || t->failures++ >= MOST_TOLD)
        return;
    fprintf(stderr, "%s: ", t->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void tally_report(const tally *t)
{
    printf("reliability: %s: %zu cases, %zu failures\n", t->name, t->cases,
           t->failures);
    fflush(stdout);
    assert_int_not_equal(t->cases, 0);
    assert_int_equal(t->failures, 0);
}

static size_t ask(const char *name, size_t otherwise, size_t most)
{
    const char *asked = getenv("MNIST_CASE_STRIDE");
    size_t stride = 1;
#if MNIST_SANITIZED
    stride = otherwise;
#else
    (void)otherwise;
#endif
    if (asked)
        stride = (size_t)strtoul(asked, NULL, 10);
    if (stride > most)
        stride = most;
    if (stride == 0)
        stride = 1;
    if (stride > 1)
        printf("%s: one case in %zu is run here\n", name, stride);
    return stride;
}

size_t tally_stride(const char *name, size_t otherwise)
{
    return ask(name, otherwise, SIZE_MAX);
}

size_t tally_stride_most(const char *name, size_t most)
{
    return ask(name, most, most);
}
