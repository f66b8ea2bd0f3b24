#include "support/sets.h"

#include <mnist/cpu.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

const char *use_kernel_set(size_t i)
{
    const char *name;
    int usable;
    for (size_t at = 0; (name = mnist_cpu_list(at, &usable)); at++)
        if (usable && i-- == 0) {
            assert_int_equal(mnist_cpu_use(name, NULL), MNIST_OK);
            return name;
        }
    assert_int_equal(mnist_cpu_use("auto", NULL), MNIST_OK);
    return NULL;
}

mnist_engine start_engine(unsigned threads)
{
    const mnist_engine engine = {mnist_kernels_now(), mnist_pool_new(threads)};
    assert_non_null(engine.pool);
    return engine;
}

void stop_engine(const mnist_engine *engine)
{
    mnist_pool_free(engine->pool);
}

void on_every_engine(void (*check)(const mnist_engine *engine))
{
    const unsigned threads[] = {1, 2, 3, 8};
    for (size_t i = 0; use_kernel_set(i); i++)
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            const mnist_engine engine = start_engine(threads[t]);
            check(&engine);
            stop_engine(&engine);
        }
}
