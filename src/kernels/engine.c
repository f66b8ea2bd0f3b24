#include "kernels/engine.h"

#include "base/memory.h"
#include "kernels/gemm.h"

#include <mnist/cpu.h>

mnist_status mnist_engine_start(mnist_engine *engine, unsigned threads,
                                mnist_error *err)
{
    const mnist_kernels *kernels = mnist_kernels_now();
    mnist_pool *pool = mnist_pool_new(threads ? threads : mnist_cpu_count());
    if (!pool)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for a pool of threads");
    size_t size = mnist_gemm_packing(kernels);
    float *packing = mnist_alloc(mnist_pool_size(pool), size * sizeof *packing);
    if (!packing) {
        mnist_pool_free(pool);
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for packing matrices");
    }
    *engine = (mnist_engine){kernels, pool, packing, size};
    return MNIST_OK;
}

void mnist_engine_stop(mnist_engine *engine)
{
    mnist_pool_free(engine->pool);
    mnist_free(engine->packing);
    *engine = (mnist_engine){0};
}
