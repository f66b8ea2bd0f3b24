/**
 * What runs of the program told: the lines that `mnist train --json` and `mnist
 * eval --json` print, read back to be compared.
 *
 * data/mnist.schema.json describes the lines. Of a training the last counts,
 * `"event":"done"`; those before it may be there or not. Lines of several runs
 * stand one after the other in a file.
 */
#ifndef MNIST_RUNS_H
#define MNIST_RUNS_H

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A figure by which runs can be compared. */
typedef struct mnist_metric {
    const char *name; /* as "test_accuracy" */
    int higher;       /* whether a higher one is better */
    const char *unit; /* "points", of which an accuracy of 1 has 100; "s"; "" */
} mnist_metric;

/** Metric number i, or NULL past the last; the first is the accuracy on the
    test images. */
MNIST_API const mnist_metric *mnist_metric_get(size_t i);

typedef struct mnist_run {
    double value;  /* of the metric; finite */
    uint64_t seed; /* if has_seed */
    int has_seed;  /* an evaluation has none */
    size_t line;   /* of the file, from 1 */
} mnist_run;

typedef struct mnist_runs {
    mnist_run *run;
    size_t count;      /* at least 1 */
    size_t unfinished; /* trainings that began there and did not end */
} mnist_runs;

/** A longer line is refused. */
#define MNIST_RUNS_MAX_LINE ((size_t)4 << 20)

/**
 * Reads the metric of that name from every run of a file; "-" is standard
 * input.
 *
 * out: written only on success; release it with mnist_runs_free.
 * Fails with MNIST_ERROR_DATA, naming the line (it is no JSON, of another
 * command or a later version, or has no such figure; or there is no run at
 * all), _ARGUMENT (no such metric), _SYSTEM or _MEMORY.
 */
MNIST_API mnist_status mnist_runs_read(mnist_runs *out, const char *path,
                                       const char *metric, mnist_error *err);

/** Releases what read gave. Fine on zeros. */
MNIST_API void mnist_runs_free(mnist_runs *runs);

#ifdef __cplusplus
}
#endif
#endif
