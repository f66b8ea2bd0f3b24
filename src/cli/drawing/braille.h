/* Braille characters: cells of 2 x 4 dots, to draw finer than cells. */
#ifndef CLI_BRAILLE_H
#define CLI_BRAILLE_H

#include <stdio.h>

enum { CLI_BRAILLE_WIDE = 2, CLI_BRAILLE_HIGH = 4 };

/* The bit of a dot in its cell: x 0..1 from the left, y 0..3 from above. */
unsigned cli_braille_dot(size_t x, size_t y);

/* Prints the cell with these dots in UTF-8; one without any as a blank, which
   every font has. */
void cli_braille_put(FILE *out, unsigned dots);

#endif
