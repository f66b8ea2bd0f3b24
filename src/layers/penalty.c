#include "layers/penalty.h"

#include "kernels/panels.h"

bool mnist_has_penalty(const mnist_layer *layer)
{
    return layer->l1 > 0 || layer->l2 > 0;
}

double mnist_penalty(const mnist_kernels *kernels, const mnist_layer *layer)
{
    const mnist_tensor *kernel = &layer->tensor[MNIST_KERNEL];
    if (!mnist_has_penalty(layer))
        return 0;
    if (!layer->kind->panels)
        return kernels->penalty(kernel->count, kernel->data, layer->l1,
                                layer->l2);
    /* Panel by panel, in whichever order they lie. */
    const mnist_matrix w = {kernel->data, kernel->count / layer->units,
                            layer->units, layer->panels};
    double sum = 0;
    for (size_t j = 0; j < w.cols;) {
        mnist_columns part = mnist_matrix_columns(&w, j, w.cols);
        for (size_t i = 0; i < w.rows; i++)
            sum += kernels->penalty(part.cols, part.at + i * part.row,
                                    layer->l1, layer->l2);
        j += part.cols;
    }
    return sum;
}
