/**
 * A report: what a network is, how it was trained and how good it is, as one
 * HTML page to open in a browser or to send.
 *
 * The page holds everything itself, in UTF-8: no script, and nothing that a
 * browser would have to fetch. The same report gives the same bytes. What is
 * not given is said to be missing, and what it would take to have it.
 */
#ifndef MNIST_REPORT_H
#define MNIST_REPORT_H

#include <mnist/dataset.h>
#include <mnist/error.h>
#include <mnist/evaluate.h>
#include <mnist/network.h>
#include <mnist/train.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A row of the table of settings. */
typedef struct mnist_report_fact {
    const char *name;
    const char *value;
    const char *meaning; /* in a few words; NULL for none */
} mnist_report_fact;

/** An image that was taken for another class. */
typedef struct mnist_report_mistake {
    size_t index;               /* in the data */
    const float *probabilities; /* of the network's classes */
} mnist_report_mistake;

/**
 * All pointers are lent for the time of a call. Text may be any bytes: what
 * would be markup is escaped, what does not print is shown as \xNN.
 */
typedef struct mnist_report {
    const char *title;        /* the weights' file, say */
    const char *notice;       /* what must be known first; NULL for nothing */
    const mnist_network *net; /* with parameters that are finite */

    /* The settings, in this order. */
    const mnist_report_fact *facts;
    size_t fact_count;

    /* The epochs that are complete, by number, for the curves; what to say
       where there are none, and where there is no validation set (or NULL). The
       best epoch, 0 for none, is marked. */
    const mnist_progress *epochs;
    size_t epoch_count, best_epoch;
    const char *without_epochs, *without_validation;

    /* What the network was evaluated on and what came of it: labelled images
       that fit the network, or NULL, and then what to say instead. Where they
       are not for validation, the curves show their figures too. */
    int is_validation;
    const mnist_dataset *data;
    const char *without_data;
    mnist_evaluation figures;
    const size_t *confusion; /* classes x classes, as mnist_evaluate gives it */
    const mnist_report_mistake *mistakes; /* of all, those to be drawn */
    size_t mistake_count;
} mnist_report;

/**
 * Writes the page. The file is at every moment the old one or the new one,
 * whole, as with mnist_weights_save.
 * Fails with MNIST_ERROR_SYSTEM or _MEMORY.
 */
MNIST_API mnist_status mnist_report_write(const mnist_report *report,
                                          const char *path, mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
