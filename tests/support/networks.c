#include "support/networks.h"

#include "support/compare.h"

#include <mnist/random.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

mnist_dataset borrow_dataset(const uint8_t *pixels, const uint8_t *labels,
                             size_t count, size_t rows, size_t cols)
{
    mnist_dataset data = {.count = count,
                          .rows = rows,
                          .cols = cols,
                          .pixels = pixels,
                          .labels = labels};
    for (size_t i = 0; labels && i < count; i++)
        if (labels[i] >= data.classes)
            data.classes = labels[i] + (size_t)1;
    strcpy(data.images_name, "pictures");
    strcpy(data.labels_name, "names");
    return data;
}

mnist_dataset make_dataset(size_t count, size_t rows, size_t cols,
                           size_t classes, uint64_t seed)
{
    const size_t size = rows * cols;
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, 0);
    uint8_t *pixels = malloc(count * size), *labels = malloc(count);
    uint8_t *patterns = malloc(classes * size);
    assert_true(pixels && labels && patterns);
    for (size_t i = 0; i < classes * size; i++)
        patterns[i] = (uint8_t)mnist_random_below(&r, 100);
    for (size_t n = 0; n < count; n++) {
        labels[n] = (uint8_t)mnist_random_below(&r, (uint32_t)classes);
        for (size_t i = 0; i < size; i++)
            pixels[n * size + i] = (uint8_t)(patterns[labels[n] * size + i] +
                                             mnist_random_below(&r, 156));
    }
    free(patterns);
    mnist_dataset data = borrow_dataset(pixels, labels, count, rows, cols);
    data.classes = classes;
    return data;
}

void release_dataset(mnist_dataset *dataset)
{
    free((void *)(uintptr_t)dataset->pixels);
    free((void *)(uintptr_t)dataset->labels);
    *dataset = (mnist_dataset){0};
}

mnist_network *make_network(const char *line, size_t rows, size_t cols,
                            float scale, uint64_t seed)
{
    mnist_network *net = NULL;
    mnist_error err = {.status = MNIST_OK};
    if (mnist_network_new(&net, line, rows, cols, scale, &err))
        fail_msg("%s: %s", line, err.message);
    mnist_network_init(net, seed);
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, 1);
    const mnist_tensor *t;
    for (size_t i = 0; (t = mnist_network_tensor(net, i)); i++)
        for (size_t j = 0; t->dims == 1 && j < t->count; j++)
            t->data[j] = mnist_random_float(&r) / 4 - 0.125f;
    return net;
}

mnist_network *load_network(const char *path, mnist_notes **notes)
{
    mnist_network *net;
    mnist_error err;
    if (mnist_weights_load(&net, notes, path, &err) != MNIST_OK)
        fail_msg("%s", err.message);
    return net;
}

void assert_same_parameters(const char *what, const mnist_network *got,
                            const mnist_network *want)
{
    const mnist_tensor *a, *b;
    assert_string_equal(mnist_network_line(got), mnist_network_line(want));
    for (size_t i = 0; (b = mnist_network_tensor(want, i)); i++) {
        char name[120];
        a = mnist_network_tensor(got, i);
        assert_non_null(a);
        assert_int_equal(a->count, b->count);
        snprintf(name, sizeof name, "%s: %s", what, b->name);
        assert_same_floats(name, a->data, b->data, b->count);
    }
}
