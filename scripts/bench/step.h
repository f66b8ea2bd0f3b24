/* Times each part of a step of training. */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include <stddef.h>

/* Trains a network (a name or a line) on the images of a data folder for so
   many steps of 128, part by part, and prints the parts as lines of JSON. */
void bench_step(unsigned threads, size_t steps, const char *data,
                const char *net);

#endif
