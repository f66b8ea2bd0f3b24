#include "cli/drawing/braille.h"

/* Source: The Unicode Standard, Braille Patterns, U+2800 and these bits. */
unsigned cli_braille_dot(size_t x, size_t y)
{
    static const unsigned char bits[2][4] = {{0x01, 0x02, 0x04, 0x40},
                                             {0x08, 0x10, 0x20, 0x80}};
    return bits[x][y];
}

void cli_braille_put(FILE *out, unsigned dots)
{
    if (dots == 0)
        fputc(' ', out);
    else
        fprintf(out, "\xe2%c%c", 0xa0 + (int)(dots >> 6),
                0x80 + (int)(dots & 0x3f));
}
