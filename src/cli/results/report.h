/*
 * What --report of train and eval writes: gathered here, drawn by the library.
 *
 * The page tells no time and no folder, as the notes in a weights file do not:
 * the same training gives the same page wherever it runs.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/results/mistakes.h"

#include <mnist.h>

/* Mistakes that are drawn if nobody says how many. */
enum { CLI_REPORT_MISTAKES = 24, CLI_REPORT_FACTS = 128 };

/* Begins as {0}; release it with cli_report_free. */
typedef struct cli_report {
    mnist_report page; /* what is on it */
    mnist_report_fact facts[CLI_REPORT_FACTS];
    mnist_report_mistake *drawn;
    size_t *confusion;
    float *probabilities;
    cli_mistakes mistakes;
} cli_report;

void cli_report_free(cli_report *report);

/* Adds a row of settings: a note of a weights file, with its meaning, unless it
   is the library's own. The text is lent. */
void cli_report_add_note(cli_report *report, const mnist_note *note);

/* Evaluates the workspace's network for the report, with up to `most` mistakes;
   the figures are then in report->page. `data` is lent. */
mnist_status cli_report_evaluate(cli_report *report, mnist_workspace *ws,
                                 const mnist_dataset *data, size_t most,
                                 mnist_error *err);

#endif
