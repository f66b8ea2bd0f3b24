/*
 * How loss and accuracy have gone in a training: kept while it runs, drawn as
 * two plots, or as a line of eight levels.
 */
#ifndef CLI_CURVES_H
#define CLI_CURVES_H

#include "cli/drawing/series.h"
#include "cli/terminal/terminal.h"

#include <mnist.h>

/* One figure: of each batch, of each epoch, and of each epoch's validation. */
typedef struct cli_figure {
    cli_series batches, epochs, validation;
    double sum; /* over the batches of the epoch so far */
} cli_figure;

/* {0} before the first batch. */
typedef struct cli_curves {
    cli_figure loss, accuracy;
    double start; /* in epochs */
    mnist_progress last;
    size_t epochs;  /* complete, */
    double seconds; /* and their time */
} cli_curves;

/* To be called after each batch. */
void cli_curves_add(cli_curves *curves, const mnist_progress *at);

/* Plots them in a window of so many columns and lines, as lines that fit;
   false, and nothing is printed, where it is too small. */
bool cli_curves_plot(FILE *out, const cli_curves *curves,
                     const cli_terminal *terminal, size_t columns,
                     size_t lines);

/* "5 epochs  1.5 s  loss 0.2629 @o... 0.0395  acc ...", a level an epoch, as
   far as that fits; with the validation's loss, where there is one, in place of
   the accuracy. Nothing before the second epoch, nor without UTF-8. */
void cli_curves_summary(FILE *out, const cli_curves *curves,
                        const cli_terminal *terminal, size_t columns);

#endif
