/* Between the order of parameters that everybody sees, row by row, and the one
   in which a network learns. */
#include "kernels/panels.h"
#include "model/chain.h"

#include <string.h>

/* Where few units make no panel, their product takes no packed rows either. */
static bool learns_in_panels(const mnist_layer *layer)
{
    return layer->kind->panels && layer->units > MNIST_NARROW_COLS;
}

bool mnist_network_has_panels(const mnist_network *net)
{
    for (size_t s = 0; s < net->stages; s++)
        if (learns_in_panels(&net->stage[s]))
            return true;
    return false;
}

void mnist_network_stages_on(const mnist_network *net, float *block,
                             mnist_layer *stage)
{
    for (size_t s = 0; s < net->stages; s++) {
        stage[s] = net->stage[s];
        stage[s].panels = learns_in_panels(&stage[s]);
        for (size_t t = 0; t < stage[s].tensors; t++) {
            mnist_tensor *tensor = &stage[s].tensor[t];
            tensor->data = block + (tensor->data - net->block);
        }
    }
}

/* Every row of every panel is one stretch in both. */
static void copy_kernel(const mnist_matrix *from, const mnist_matrix *to)
{
    for (size_t j = 0; j < from->cols;) {
        mnist_columns part = mnist_matrix_columns(from, j, from->cols);
        mnist_columns place = mnist_matrix_columns(to, j, to->cols);
        for (size_t i = 0; i < from->rows; i++)
            memcpy(place.at + i * place.row, part.at + i * part.row,
                   part.cols * sizeof(float));
        j += part.cols;
    }
}

void mnist_network_arrange(const mnist_network *net, bool panels, float *from,
                           float *to)
{
    memcpy(to, from, net->size * sizeof *to);
    for (size_t s = 0; s < net->stages; s++) {
        const mnist_tensor *kernel = &net->stage[s].tensor[MNIST_KERNEL];
        if (!learns_in_panels(&net->stage[s]))
            continue;
        size_t at = (size_t)(kernel->data - net->block);
        size_t cols = net->stage[s].units, rows = kernel->count / cols;
        const mnist_matrix there = {to + at, rows, cols, panels};
        const mnist_matrix here = {from + at, rows, cols, !panels};
        copy_kernel(&here, &there);
    }
}
