/* Small networks and datasets for tests of what runs on them. */
#ifndef SUPPORT_NETWORKS_H
#define SUPPORT_NETWORKS_H

#include <mnist/dataset.h>
#include <mnist/network.h>
#include <mnist/weights.h>

#include <stddef.h>
#include <stdint.h>

/* A dataset that borrows its arrays; labels may be NULL. */
mnist_dataset borrow_dataset(const uint8_t *pixels, const uint8_t *labels,
                             size_t count, size_t rows, size_t cols);

/*
 * A labelled dataset for training: one faint pattern a class under noise.
 * Release it with release_dataset.
 */
mnist_dataset make_dataset(size_t count, size_t rows, size_t cols,
                           size_t classes, uint64_t seed);
void release_dataset(mnist_dataset *dataset);

/* A network that must be right, with Glorot's kernels and small biases. */
mnist_network *make_network(const char *line, size_t rows, size_t cols,
                            float scale, uint64_t seed);

/* The network of a weights file that must be right; notes may be NULL. */
mnist_network *load_network(const char *path, mnist_notes **notes);

/* Fails the running test unless both have the same line and the same bits. */
void assert_same_parameters(const char *what, const mnist_network *got,
                            const mnist_network *want);

#endif
