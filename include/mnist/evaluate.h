/**
 * Loss and accuracy on a dataset, and predictions for single images.
 */
#ifndef MNIST_EVALUATE_H
#define MNIST_EVALUATE_H

#include <mnist/api.h>
#include <mnist/dataset.h>
#include <mnist/error.h>
#include <mnist/network.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mnist_evaluation {
    size_t count;          /* images */
    size_t correct;        /* of them, largest probability at the label */
    double loss;           /* mean cross-entropy plus the penalty (as Keras) */
    double cross_entropy;  /* mean, nats */
    double loss_error;     /* standard error of that mean */
    double accuracy;       /* correct / count */
    double accuracy_error; /* its standard error, sqrt(a (1-a) / count) */
} mnist_evaluation;

/**
 * Evaluates the workspace's network on a labelled dataset.
 *
 * confusion: unless NULL, classes x classes counts, row = label, column =
 * predicted; written.
 * Fails with MNIST_ERROR_DATA when the dataset does not fit the network: other
 * image size, no labels, a label that the network has no output for.
 */
MNIST_API mnist_status mnist_evaluate(mnist_workspace *ws,
                                      const mnist_dataset *data,
                                      mnist_evaluation *out, size_t *confusion,
                                      mnist_error *err);

/** What the counts of a confusion say of one class. A figure is NAN where there
    is nothing to divide by: no image of the class, or none taken for it. */
typedef struct mnist_class_figures {
    size_t count;     /* images with this label */
    size_t predicted; /* images taken for it */
    size_t correct;   /* both */
    double precision; /* correct / predicted */
    double recall;    /* correct / count */
    double f1;        /* 2 precision recall / (precision + recall) */
} mnist_class_figures;

/** Of class k, below `classes`, of the counts that mnist_evaluate gave. */
MNIST_API mnist_class_figures mnist_class_evaluate(const size_t *confusion,
                                                   size_t classes, size_t k);

/**
 * The probabilities of images first..first+count-1 of a dataset, which must lie
 * inside.
 *
 * probabilities: count x classes, written.
 * Fails with MNIST_ERROR_DATA when the images have another size.
 */
MNIST_API mnist_status mnist_predict(mnist_workspace *ws,
                                     const mnist_dataset *data, size_t first,
                                     size_t count, float *probabilities,
                                     mnist_error *err);

/**
 * MNIST_ERROR_DATA unless the images have the network's size and every label
 * (where there are labels) is below its classes; names the first that is not.
 */
MNIST_API mnist_status mnist_network_fits(const mnist_network *net,
                                          const mnist_dataset *data,
                                          mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
