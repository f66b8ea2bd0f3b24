/**
 * Which kernels (arithmetic on arrays) run on this processor.
 *
 * The library holds one set for each instruction set and picks the fastest
 * that the processor has, once. All of them give the same bytes, so a choice is
 * only ever about speed.
 */
#ifndef MNIST_CPU_H
#define MNIST_CPU_H

#include <mnist/api.h>
#include <mnist/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Name of the set in use: "portable", "avx2" or "avx512". */
MNIST_API const char *mnist_cpu_kernels(void);

/**
 * Uses the set of that name from now on, for networks made later; "auto" is the
 * fastest one again. Not to be called while another thread uses the library.
 * Fails with MNIST_ERROR_ARGUMENT for an unknown name (the message lists them)
 * or one that this processor cannot run.
 */
MNIST_API mnist_status mnist_cpu_use(const char *name, mnist_error *err);

/**
 * Name of set number i of this build, slowest first, and whether the processor
 * can run it (written to *usable unless NULL); NULL past the last.
 */
MNIST_API const char *mnist_cpu_list(size_t i, int *usable);

/** Processors that this process may run on, at least 1. */
MNIST_API unsigned mnist_cpu_count(void);

#ifdef __cplusplus
}
#endif
#endif
