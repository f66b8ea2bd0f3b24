/* Every set of kernels that this processor can run, one after the other. */
#ifndef SUPPORT_SETS_H
#define SUPPORT_SETS_H

#include "kernels/engine.h"

#include <stddef.h>

/* Puts usable set number i into use and returns its name; past the last, goes
   back to the fastest and returns NULL:

       for (size_t i = 0; (name = use_kernel_set(i)); i++) */
const char *use_kernel_set(size_t i);

/* An engine with the set in use; stop it when done. */
mnist_engine start_engine(unsigned threads);
void stop_engine(const mnist_engine *engine);

/* Calls check with an engine of every set with 1, 2, 3 and 8 threads. */
void on_every_engine(void (*check)(const mnist_engine *engine));

#endif
