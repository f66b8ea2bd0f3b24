#include "cli/invert.h"

#include <stdlib.h>

uint8_t *cli_invert(mnist_dataset *data)
{
    /* These bytes are in memory once, so their count fits. */
    size_t bytes = data->count * data->rows * data->cols;
    uint8_t *copy = malloc(bytes);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < bytes; i++)
        copy[i] = (uint8_t)(255 - data->pixels[i]);
    data->pixels = copy;
    return copy;
}

bool cli_looks_inverted(const mnist_dataset *data, size_t i)
{
    size_t rows = data->rows, cols = data->cols, sum = 0, count = 0;
    const uint8_t *pixels = data->pixels + i * rows * cols;
    for (size_t y = 0; y < rows; y++) {
        bool whole = y == 0 || y == rows - 1;
        size_t step = whole || cols == 1 ? 1 : cols - 1;
        for (size_t x = 0; x < cols; x += step)
            sum += pixels[y * cols + x], count++;
    }
    return 2 * sum > 255 * count;
}
