#include "layers/penalty.h"

static bool has_penalty(const mnist_layer *layer)
{
    return layer->l1 > 0 || layer->l2 > 0;
}

double mnist_penalty(const mnist_kernels *kernels, const mnist_layer *layer)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    if (!has_penalty(layer))
        return 0;
    return kernels->penalty(kernel->count, kernel->data, layer->l1, layer->l2);
}

void mnist_penalty_backward(const mnist_kernels *kernels,
                            const mnist_layer *layer, size_t count,
                            const float *w, float *dw)
{
    if (has_penalty(layer))
        kernels->penalty_backward(count, w, layer->l1, layer->l2, dw);
}
