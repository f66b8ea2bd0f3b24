/*
 * Two curves over one axis, as lines of text:
 *
 *          loss  - training  - validation
 *     0.40 |.
 *          | '.
 *     0.20 |   '-.
 *          |      '--..__
 *     0.00 |
 *          +----------------
 *           0    epoch     5
 *
 * In UTF-8 they are braille, 2 x 4 dots a cell, else ASCII. Without colour the
 * second is a mark at each of its points.
 */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include "cli/terminal/terminal.h"

enum {
    CLI_PLOT_WIDEST = 60, /* cells of the drawing itself */
    CLI_PLOT_HIGHEST = 10,
    CLI_PLOT_LABEL = 7, /* columns of a label at most */
    CLI_PLOT_MARGIN = CLI_PLOT_LABEL + 2,
    CLI_PLOT_FURTHER = 3, /* lines that are not the drawing's */
    CLI_PLOT_NARROWEST = CLI_PLOT_MARGIN + 16, /* the least that there may be */
    CLI_PLOT_LOWEST = CLI_PLOT_FURTHER + 4
};

/* Value i stands at x = first + i * step. */
typedef struct cli_curve {
    const double *value;
    size_t count;
    double first, step;
} cli_curve;

/* What is plotted, and in how much room. */
typedef struct cli_plot_content {
    const char *title;
    cli_curve training, validation; /* the latter may be empty, to the end: */
    bool validates;                 /* this tells whether there will be one */
    double left, right;             /* x at the edges, whole numbers */
    size_t columns, lines;          /* of the terminal */
} cli_plot_content;

/* It, drawn. */
typedef struct cli_plot {
    cli_plot_content content;
    const cli_terminal *terminal;
    size_t wide, high;     /* cells of the drawing */
    double low, top, tick; /* y at the edges, and between two labels */
    int decimals;          /* of the labels */
    size_t label;          /* columns of the longest */
    unsigned char dots[CLI_PLOT_HIGHEST][CLI_PLOT_WIDEST]; /* braille */
    unsigned char ink[CLI_PLOT_HIGHEST][CLI_PLOT_WIDEST];  /* whose they are */
} cli_plot;

/*
 * The y axis spans all values but those of the first twentieth, where a
 * training falls or climbs so steeply that nothing else would be seen.
 */
void cli_plot_make(cli_plot *plot, const cli_terminal *terminal,
                   const cli_plot_content *content);

/* Prints line 0..lines-1, all of its columns and no end. */
void cli_plot_line(FILE *out, const cli_plot *plot, size_t line);

#endif
