/*
 * Images drawn with characters, several side by side. The styles, and what a
 * pixel is in each:
 *
 *     half     half a cell: an upper half block, whose foreground is one pixel
 *              and whose background the pixel below; without colour, whatever
 *              is at least half as bright as it can be is ink
 *     braille  a dot of eight in a cell, where it would be ink
 *     ascii    two characters of a ramp
 *     numbers  its value
 *
 * An image wider than the window is averaged down to fit, but for numbers.
 */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "cli/terminal/terminal.h"

#include <stddef.h>
#include <stdint.h>

typedef struct cli_picture {
    const uint8_t *pixels; /* rows x cols, 0 is black */
    char caption[40];      /* a line below it; "" for none */
} cli_picture;

/* The values of an option --style, up to a NULL; the first leaves a terminal's
   style as it is. */
extern const char *const cli_picture_styles[];

/* Its row in a command's table; `how` begins the help: "how to draw them". */
#define CLI_PICTURE_STYLE(args, field, how)                                    \
    {                                                                          \
        .name = "style", .kind = CLI_CHOICE, .at = offsetof(args, field),      \
        .value = "NAME", .choices = cli_picture_styles,                        \
        .help = how ": half (blocks, shaded where there is colour), braille, " \
                    "ascii or numbers; auto is what the terminal shows best"   \
    }

void cli_picture_choose(cli_terminal *terminal, const char *style);

/* Lines and columns that an image takes without its caption. */
typedef struct cli_picture_size {
    size_t lines, columns;
} cli_picture_size;

cli_picture_size cli_picture_measure(const cli_terminal *terminal, size_t rows,
                                     size_t cols);

/* One of these lines, without its end. */
void cli_picture_line(const cli_terminal *terminal, const uint8_t *pixels,
                      size_t rows, size_t cols, size_t line);

/* How many images of that width, with captions of up to that length, fit side
   by side; at least 1. */
size_t cli_picture_columns(const cli_terminal *terminal, size_t cols,
                           size_t caption);

/* Draws them side by side. */
void cli_picture_draw(const cli_terminal *terminal, const cli_picture *pictures,
                      size_t count, size_t rows, size_t cols);

#endif
