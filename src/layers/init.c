#include "layers/init.h"

#include <math.h>

void mnist_init_glorot(mnist_tensor *kernel, size_t fan_in, size_t fan_out,
                       mnist_random *random)
{
    /* sqrt and the division are correctly rounded: the same on every machine.
     */
    float limit = (float)sqrt(6.0 / (double)(fan_in + fan_out));
    for (size_t i = 0; i < kernel->count; i++)
        kernel->data[i] = limit * (2 * mnist_random_float(random) - 1);
}
