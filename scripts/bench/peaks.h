/* What the processor can do at most: multiplications and additions of each
   instruction set, and reading of memory. */
#ifndef BENCH_PEAKS_H
#define BENCH_PEAKS_H

#include <stdbool.h>
#include <stddef.h>

/* One instruction on registers alone, again and again. */
typedef struct bench_peak {
    const char *set; /* as kernels are named */
    const char *instruction;
    bool (*usable)(void);
    void (*run)(size_t times); /* in each, `flop` are done */
    double flop;
} bench_peak;

/* Peak number i, or NULL past the last. */
const bench_peak *bench_peak_at(size_t i);

/* Reads a block of memory, 64-byte aligned and of whole 256 bytes, with the
   widest loads there are. */
void bench_read(const void *block, size_t bytes);

#endif
