/* Asks the processor what it has, and holds the set of kernels in use. */
#define _GNU_SOURCE /* syscall */
#include "base/text.h"
#include "base/threads.h"
#include "kernels/sets.h"

#include <mnist/cpu.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#if defined(MNIST_HAS_AMX) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

static bool always(void)
{
    return true;
}

#if defined(MNIST_X86)
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
#if defined(MNIST_X86)
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

/* ---- Tiles ---- */

#if defined(MNIST_HAS_AMX) && defined(__linux__)
/* Whether the processor has the tiles and what is used with them. */
static bool has_amx(void)
{
    const unsigned vbmi2 = 1u << 6;                  /* leaf 7, ecx */
    const unsigned bf16 = 1u << 22, tile = 1u << 24; /* leaf 7, edx */
    const unsigned avx512_bf16 = 1u << 5;            /* leaf 7.1, eax */
    unsigned a, b, c, d;
    if (!has_avx512() || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !(c & vbmi2) || !(d & bf16) || !(d & tile))
        return false;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & avx512_bf16);
}

/* Whether the system saves the tiles' registers (XCR0; that it may be read is
   known from AVX), and lets this process use them: Linux does once it was
   asked, for all threads. */
static bool system_has_amx(void)
{
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    const unsigned tiles = 3u << 17;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & tiles) == tiles &&
           syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const mnist_tiles *mnist_tiles_now(const char **why)
{
    if (!has_amx())
        *why = "this processor has no AMX";
    else if (mnist_kernels_now() != &mnist_kernels_avx512)
        *why = "AMX goes with the kernels avx512 only";
    else if (!system_has_amx())
        *why = "the system does not let this process use AMX";
    else
        return &mnist_tiles_amx;
    return NULL;
}
#else
const mnist_tiles *mnist_tiles_now(const char **why)
{
    *why = "this build has no kernels for AMX";
    return NULL;
}
#endif

unsigned mnist_cpu_count(void)
{
    return mnist_processors();
}
