/* Two sets of runs side by side, and what may be concluded. */
#ifndef CLI_COMPARISON_H
#define CLI_COMPARISON_H

#include <mnist.h>

#include <stdbool.h>

typedef enum cli_better {
    CLI_BETTER_UNKNOWN, /* too few runs, or none that vary */
    CLI_BETTER_NEITHER, /* the difference may be chance, or there is none */
    CLI_BETTER_A,
    CLI_BETTER_B
} cli_better;

typedef struct cli_comparison {
    /* What is asked for. */
    const mnist_metric *metric;
    double alpha;
    const char *path[2];
    /* What came of it. */
    mnist_sample sample[2];         /* A, B */
    mnist_difference welch, paired; /* B - A; paired if `pairs` */
    bool pairs;                     /* both have the same seeds, each once */
    bool repeats[2];                /* a seed is there more than once: */
    uint64_t repeated[2];
    cli_better better; /* by the paired test, or else by Welch's */
} cli_comparison;

/* The metric of that name, which there is. */
const mnist_metric *cli_comparison_metric(const char *name);

/* Fills in what comes of the runs. False if there is no memory. */
bool cli_comparison_make(cli_comparison *c, const mnist_runs *a,
                         const mnist_runs *b);

/* On stdout: as a table and a sentence, or as a line of JSON. */
void cli_comparison_print(const cli_comparison *c);
void cli_comparison_json(const cli_comparison *c);

#endif
