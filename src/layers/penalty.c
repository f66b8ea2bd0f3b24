#include "layers/penalty.h"

bool mnist_has_penalty(const mnist_layer *layer)
{
    return layer->l1 > 0 || layer->l2 > 0;
}

double mnist_penalty(const mnist_kernels *kernels, const mnist_layer *layer)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    if (!mnist_has_penalty(layer))
        return 0;
    return kernels->penalty(kernel->count, kernel->data, layer->l1, layer->l2);
}
