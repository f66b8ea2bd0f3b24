/* Every set of kernels that this processor can run, one after the other. */
#ifndef SUPPORT_SETS_H
#define SUPPORT_SETS_H

#include <stddef.h>

/* Puts usable set number i into use and returns its name; past the last, goes
   back to the fastest and returns NULL:

       for (size_t i = 0; (name = use_kernel_set(i)); i++) */
const char *use_kernel_set(size_t i);

#endif
