/* A network with a batch to learn: what a test of a layer asks of both. */
#ifndef SUPPORT_PROBLEM_H
#define SUPPORT_PROBLEM_H

#include <mnist/network.h>

#include <stddef.h>
#include <stdint.h>

typedef struct problem {
    mnist_workspace *ws;
    mnist_batch batch; /* what it points to is the caller's */
    float *losses, *dlogits;
    uint64_t seed, epoch; /* of dropout */
} problem;

/* Works on the network until problem_release; images: numbers, or NULL for the
   first `count`. */
problem problem_make(mnist_network *net, const mnist_dataset *data,
                     const uint32_t *images, size_t count, unsigned threads);
void problem_release(problem *p);

/* Forward as a step of training, and the loss with the penalty; context is a
   problem. */
double problem_loss(void *context);

/* The same, then backward: gradients are in the workspace. */
double problem_gradients(problem *p);

/* Fails the running test unless about `some` elements of each tensor's gradient
   equal central differences; tolerance: see gradcheck.h. */
void problem_check_differences(const char *name, problem *p, size_t some,
                               double tolerance);

/*
 * Fails the running test unless a network of this line, on `count` made-up
 * pictures of 10 classes, gives the same logits and gradients with every set of
 * kernels and with 1, 2, 3 and 8 threads.
 */
void check_same_everywhere(const char *line, size_t rows, size_t cols,
                           size_t count);

/* Fails the running test unless the line is refused for pictures of rows x cols
   with a message of one line that holds all words, which end with NULL. */
void check_line_refused(const char *line, size_t rows, size_t cols,
                        const char *const *words);

#endif
