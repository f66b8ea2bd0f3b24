/*
 * How a training is going, on stderr: a bar that is drawn over itself on a
 * terminal, and one plain line an epoch.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/terminal.h"

#include <mnist.h>

typedef struct cli_progress {
    const cli_terminal *terminal;
    bool bar, lines;
    bool drawn;  /* the bar stands on the terminal */
    double last; /* when something was last written */
} cli_progress;

/* verbose: 0 shows nothing, 1 a bar where one can move, 2 lines only. The
   terminal must outlive the progress. */
cli_progress cli_progress_start(const cli_terminal *terminal, unsigned verbose);

/* To be called after each batch. */
void cli_progress_step(cli_progress *progress, const mnist_progress *at);

/* Takes the bar away, so that something else can be written. */
void cli_progress_clear(cli_progress *progress);

#endif
