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

void on_every_engine(void (*check)(const mnist_engine *engine))
{
    const unsigned threads[] = {1, 2, 3, 8};
    for (size_t i = 0; use_kernel_set(i); i++)
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            mnist_engine engine;
            assert_int_equal(mnist_engine_start(&engine, threads[t], NULL),
                             MNIST_OK);
            check(&engine);
            mnist_engine_stop(&engine);
        }
}
