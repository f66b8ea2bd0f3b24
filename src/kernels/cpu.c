/* Asks the processor what it has, and holds the set of kernels in use. */
#include "base/text.h"
#include "base/threads.h"
#include "kernels/sets.h"

#include <mnist/cpu.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
/* The compiler's own query also asks whether the system saves the registers. */
static bool has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw");
}
#endif

/* Slowest first: the last that the processor has is the one to use. */
static const struct {
    const mnist_kernels *kernels;
    bool (*usable)(void);
} sets[] = {
    {&mnist_kernels_portable, always},
#if defined(__x86_64__)
    {&mnist_kernels_avx2, has_avx2},
    {&mnist_kernels_avx512, has_avx512},
#endif
};
enum { SETS = sizeof sets / sizeof *sets };

static _Atomic(const mnist_kernels *) in_use;

static const mnist_kernels *fastest(void)
{
    size_t i = SETS - 1;
    while (!sets[i].usable())
        i--;
    return sets[i].kernels;
}

const mnist_kernels *mnist_kernels_now(void)
{
    const mnist_kernels *kernels = atomic_load(&in_use);
    if (!kernels) {
        kernels = fastest();
        atomic_store(&in_use, kernels);
    }
    return kernels;
}

const char *mnist_cpu_kernels(void)
{
    return mnist_kernels_now()->name;
}

const char *mnist_cpu_list(size_t i, int *usable)
{
    if (i >= SETS)
        return NULL;
    if (usable)
        *usable = sets[i].usable();
    return sets[i].kernels->name;
}

mnist_status mnist_cpu_use(const char *name, mnist_error *err)
{
    if (strcmp(name, "auto") == 0) {
        atomic_store(&in_use, fastest());
        return MNIST_OK;
    }
    char names[128] = "auto", quoted[MNIST_QUOTE_MAX];
    size_t names_length = strlen(names);
    for (size_t i = 0; i < SETS; i++) {
        names_length +=
            (size_t)snprintf(names + names_length, sizeof names - names_length,
                             ", %s", sets[i].kernels->name);
        if (strcmp(name, sets[i].kernels->name) != 0)
            continue;
        if (!sets[i].usable())
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "kernels \"%s\": this processor cannot run them; "
                              "the fastest it can are \"%s\"",
                              name, fastest()->name);
        atomic_store(&in_use, sets[i].kernels);
        return MNIST_OK;
    }
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "kernels \"%s\" are not known; choose one of %s",
                      mnist_quote(quoted, name, strlen(name)), names);
}

unsigned mnist_cpu_count(void)
{
    return mnist_processors();
}
