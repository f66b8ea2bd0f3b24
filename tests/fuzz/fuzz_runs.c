/*
 * What runs told, to be compared. What is accepted has a run, in the order of
 * its lines, and no figure that is not finite; put twice into one file it has
 * every run twice. Whatever the metric, a line is JSON or is refused.
 */
#include "fuzz/fuzz.h"

#include <mnist/runs.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_accepted(const mnist_runs *runs)
{
    fuzz_require(runs->count >= 1);
    for (size_t i = 0; i < runs->count; i++) {
        fuzz_require(isfinite(runs->run[i].value));
        fuzz_require(i == 0 || runs->run[i].line > runs->run[i - 1].line);
    }
}

static void check_twice(const mnist_runs *runs, const char *metric,
                        const uint8_t *bytes, size_t length)
{
    mnist_runs again;
    uint8_t *twice = malloc(2 * length + 1);
    fuzz_require(twice);
    memcpy(twice, bytes, length);
    twice[length] = '\n';
    memcpy(twice + length + 1, bytes, length);
    fuzz_require(!mnist_runs_read(&again, fuzz_file(twice, 2 * length + 1),
                                  metric, NULL));
    free(twice);
    fuzz_require(again.count == 2 * runs->count);
    for (size_t i = 0; i < again.count; i++) {
        const mnist_run *run = &again.run[i];
        const mnist_run *once = &runs->run[i % runs->count];
        fuzz_require(run->value == once->value && run->seed == once->seed &&
                     run->has_seed == once->has_seed);
    }
    mnist_runs_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const mnist_metric *metric;
    for (size_t i = 0; (metric = mnist_metric_get(i)); i++) {
        mnist_runs runs;
        mnist_error err = {.status = MNIST_OK};
        mnist_status status = mnist_runs_read(&runs, fuzz_file(bytes, length),
                                              metric->name, &err);
        if (status) {
            fuzz_require(status == MNIST_ERROR_DATA);
            fuzz_require_refusal(status, &err);
            continue;
        }
        check_accepted(&runs);
        check_twice(&runs, metric->name, bytes, length);
        mnist_runs_free(&runs);
    }
    return 0;
}
