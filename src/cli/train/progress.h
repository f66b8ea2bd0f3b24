/*
 * How a training is going, on stderr: a bar that is drawn over itself on a
 * terminal, with the curves below it if they are asked for, and one plain line
 * an epoch.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/drawing/curves.h"
#include "cli/terminal/live.h"
#include "cli/terminal/terminal.h"

#include <mnist.h>

/* It stays where it is. */
typedef struct cli_progress {
    const cli_terminal *terminal;
    bool bar, lines, plot, rates;
    double last; /* when something was last written */
    cli_curves curves;
    cli_live live;
} cli_progress;

/* verbose: 0 shows nothing, 1 a bar where one can move, 2 lines only; plot:
   curves below the bar; rates: the learning rate in the lines. The terminal
   must outlive the progress. */
void cli_progress_start(cli_progress *progress, const cli_terminal *terminal,
                        unsigned verbose, bool plot, bool rates);

/* To be called after each batch. */
void cli_progress_step(cli_progress *progress, const mnist_progress *at);

/* Takes away what moves, so that something else can be written. */
void cli_progress_clear(cli_progress *progress);

/* The end, to be called in any case: takes the bar away; if what was trained is
   of use, the curves stay, and a terminal gets a summary. */
void cli_progress_end(cli_progress *progress, bool useful);

#endif
