/*
 * Images drawn with characters, several side by side.
 *
 * In UTF-8 a cell is an upper half block, whose foreground is one pixel and
 * whose background the pixel below; without colour, whatever is at least half
 * as bright as it can be is ink. Otherwise a pixel is two characters of an
 * ASCII ramp. An image wider than the window is averaged down to fit.
 */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "cli/terminal.h"

#include <stddef.h>
#include <stdint.h>

typedef struct cli_picture {
    const uint8_t *pixels; /* rows x cols, 0 is black */
    char caption[40];      /* a line below it; "" for none */
} cli_picture;

/* How many images of that width, with captions of up to that length, fit side
   by side; at least 1. */
size_t cli_picture_columns(const cli_terminal *terminal, size_t cols,
                           size_t caption);

/* Draws them side by side. */
void cli_picture_draw(const cli_terminal *terminal, const cli_picture *pictures,
                      size_t count, size_t rows, size_t cols);

#endif
