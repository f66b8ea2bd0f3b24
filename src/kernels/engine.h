/* What arithmetic runs on: a set of kernels and a pool of threads. */
#ifndef KERNELS_ENGINE_H
#define KERNELS_ENGINE_H

#include "base/threads.h"
#include "kernels/kernels.h"

typedef struct mnist_engine {
    const mnist_kernels *kernels;
    mnist_pool *pool;
} mnist_engine;

#endif
