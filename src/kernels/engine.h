/* What arithmetic runs on: a set of kernels, a pool of threads, and the memory
   in which each thread packs the operands of a product. */
#ifndef KERNELS_ENGINE_H
#define KERNELS_ENGINE_H

#include "base/threads.h"
#include "kernels/kernels.h"

#include <mnist/error.h>

typedef struct mnist_engine {
    const mnist_kernels *kernels;
    mnist_pool *pool;
    float *packing; /* a part of `packing_size` floats for each thread */
    size_t packing_size;
} mnist_engine;

/* threads: 0 means one a processor. On failure (MNIST_ERROR_MEMORY) there is
   nothing to release. */
mnist_status mnist_engine_start(mnist_engine *engine, unsigned threads,
                                mnist_error *err);

/* An engine that is all zero is fine. */
void mnist_engine_stop(mnist_engine *engine);

#endif
