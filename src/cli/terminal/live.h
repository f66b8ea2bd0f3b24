/*
 * Lines at the foot of a terminal that are drawn over themselves.
 *
 * Between two drawings the cursor rests where the first of them begins. So
 * they are found again after the window has got another width, and lines were
 * broken by it; a "^C" that the terminal shows stands on what is drawn over;
 * and whatever else is printed begins at a line's start. Each change is one
 * write, and what is drawn over is not erased first: nothing flickers.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/terminal/terminal.h"

enum { CLI_LIVE_ROOM = 32768 };

/* It stays where it is. */
typedef struct cli_live {
    const cli_terminal *terminal;
    FILE *page;                   /* to `text`, where lines are put together */
    char text[CLI_LIVE_ROOM];     /* as they are drawn, */
    char sent[2 * CLI_LIVE_ROOM]; /* and with what moves the cursor */
    size_t lines;                 /* that stand; 0: none */
} cli_live;

/* The terminal must outlive it. Nothing is ever drawn on one that does not
   move, nor without memory. */
void cli_live_open(cli_live *live, const cli_terminal *terminal);

/* Takes the lines away, and releases what there is. */
void cli_live_close(cli_live *live);

/* Where to print the lines that are to stand: fewer than the window has, each
   ended, narrower than it. NULL: nothing will be drawn. */
FILE *cli_live_begin(cli_live *live);

/* Draws them, in place of those that stand. */
void cli_live_draw(cli_live *live);

/* The same for good: they are text like any other from then on. */
void cli_live_keep(cli_live *live);

/* Prints whole lines above those that stand. */
void cli_live_above(cli_live *live, const char *text);

/* Takes the lines away, so that something else can be printed. */
void cli_live_clear(cli_live *live);

#endif
