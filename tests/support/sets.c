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
