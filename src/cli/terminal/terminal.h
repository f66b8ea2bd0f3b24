/* What a stream can show: width, colour, characters beyond ASCII. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "cli/options/options.h"

#include <stdbool.h>
#include <stdio.h>

typedef enum cli_color {
    CLI_COLOR_NONE,
    CLI_COLOR_256, /* the 24 greys of the 256-colour palette */
    CLI_COLOR_TRUE /* any grey */
} cli_color;

/* How an image is drawn: see picture.h. */
typedef enum cli_style {
    CLI_STYLE_HALF = 1,
    CLI_STYLE_BRAILLE,
    CLI_STYLE_ASCII,
    CLI_STYLE_NUMBERS
} cli_style;

typedef struct cli_terminal {
    FILE *out;
    bool person; /* a terminal, so a person looks at it */
    bool moves;  /* and a line can be written over */
    bool utf8;
    cli_color color;
    cli_style style; /* the one that shows most there */
    size_t width;    /* columns; 80 where nothing tells */
} cli_terminal;

/* Each stream by itself: stdout may be a file while stderr is a terminal. */
cli_terminal cli_terminal_of(FILE *out, const cli_common *common);

/* Columns and lines now: a window can be resized. 24 lines where nothing
   tells. */
size_t cli_terminal_width(const cli_terminal *terminal);
size_t cli_terminal_height(const cli_terminal *terminal);

/* The width that text has to keep to. Some terminals break a line when its last
   column is written, so that one stays free. 0, none, where nobody looks: what
   a program reads must not depend on a window. */
size_t cli_terminal_room(const cli_terminal *terminal);

/* A horizontal bar of `fraction` (0..1) of `cells`, two blanks before it, or
   nothing where it would be empty: eighths of a block in UTF-8, '#' otherwise.
 */
void cli_terminal_bar(const cli_terminal *terminal, double fraction,
                      size_t cells);

#endif
