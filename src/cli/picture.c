#include "cli/picture.h"

#include <string.h>

enum { GAP = 2 };

/* An image as it will be drawn: averaged over squares of step x step. */
typedef struct canvas {
    size_t rows, cols; /* of the image */
    size_t step;
    size_t high, wide; /* in squares */
    size_t cells;      /* columns of the terminal that it takes */
} canvas;

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static canvas fit(const cli_terminal *terminal, size_t rows, size_t cols)
{
    size_t cells = terminal->utf8 ? 1 : 2; /* a pixel's width */
    size_t room = terminal->width / cells;
    size_t step = room ? divide_up(cols, room) : cols;
    size_t wide = divide_up(cols, step);
    return (canvas){rows, cols,        step, divide_up(rows, step),
                    wide, wide * cells};
}

size_t cli_picture_columns(const cli_terminal *terminal, size_t cols,
                           size_t caption)
{
    canvas c = fit(terminal, 1, cols);
    size_t cells = caption > c.cells ? caption : c.cells;
    size_t columns = (terminal->width + GAP) / (cells + GAP);
    return columns ? columns : 1;
}

/* The mean brightness of a square; outside of the image it is black. */
static unsigned shade(const canvas *c, const uint8_t *pixels, size_t y,
                      size_t x)
{
    size_t sum = 0, count = 0;
    for (size_t i = y * c->step; i < (y + 1) * c->step && i < c->rows; i++)
        for (size_t j = x * c->step; j < (x + 1) * c->step && j < c->cols; j++)
            sum += pixels[i * c->cols + j], count++;
    return count ? (unsigned)((sum + count / 2) / count) : 0;
}

/* Palette entry: 16 is black, 231 white, 232..255 the greys 8, 18, ... 238. */
static unsigned palette_grey(unsigned value)
{
    if (value < 4)
        return 16;
    if (value > 246)
        return 231;
    return 232 + (value < 8 ? 0 : (value - 8 + 5) / 10);
}

static void set_grey(const cli_terminal *terminal, unsigned layer,
                     unsigned value)
{
    if (terminal->color == CLI_COLOR_TRUE)
        fprintf(terminal->out, "\x1b[%u;2;%u;%u;%um", layer, value, value,
                value);
    else
        fprintf(terminal->out, "\x1b[%u;5;%um", layer, palette_grey(value));
}

/* One line of cells, each two squares high. */
static void draw_colored(const cli_terminal *terminal, const canvas *c,
                         const uint8_t *pixels, size_t line)
{
    unsigned last_upper = 256, last_lower = 256;
    for (size_t x = 0; x < c->wide; x++) {
        unsigned upper = shade(c, pixels, 2 * line, x);
        unsigned lower = shade(c, pixels, 2 * line + 1, x);
        if (upper != last_upper)
            set_grey(terminal, 38, upper);
        if (lower != last_lower)
            set_grey(terminal, 48, lower);
        fputs("▀", terminal->out);
        last_upper = upper;
        last_lower = lower;
    }
    fputs("\x1b[0m", terminal->out);
}

static void draw_ink(const cli_terminal *terminal, const canvas *c,
                     const uint8_t *pixels, size_t line)
{
    static const char *const blocks[] = {" ", "▀", "▄", "█"};
    for (size_t x = 0; x < c->wide; x++) {
        unsigned upper = shade(c, pixels, 2 * line, x) >= 128;
        unsigned lower = shade(c, pixels, 2 * line + 1, x) >= 128;
        fputs(blocks[upper + 2 * lower], terminal->out);
    }
}

static void draw_ascii(const cli_terminal *terminal, const canvas *c,
                       const uint8_t *pixels, size_t line)
{
    static const char ramp[] = " .:-=+*#%@";
    for (size_t x = 0; x < c->wide; x++) {
        char mark = ramp[shade(c, pixels, line, x) * 9 / 255];
        fputc(mark, terminal->out);
        fputc(mark, terminal->out);
    }
}

static void draw_line(const cli_terminal *terminal, const canvas *c,
                      const uint8_t *pixels, size_t line)
{
    if (!terminal->utf8)
        draw_ascii(terminal, c, pixels, line);
    else if (terminal->color)
        draw_colored(terminal, c, pixels, line);
    else
        draw_ink(terminal, c, pixels, line);
}

/* Each picture's columns, those of the widest caption at least, and the gap. */
static size_t stride(const canvas *c, const cli_picture *pictures, size_t count)
{
    size_t cells = c->cells;
    for (size_t i = 0; i < count; i++)
        if (strlen(pictures[i].caption) > cells)
            cells = strlen(pictures[i].caption);
    return cells + GAP;
}

void cli_picture_draw(const cli_terminal *terminal, const cli_picture *pictures,
                      size_t count, size_t rows, size_t cols)
{
    canvas c = fit(terminal, rows, cols);
    size_t lines = terminal->utf8 ? divide_up(c.high, 2) : c.high;
    size_t next = stride(&c, pictures, count);
    for (size_t line = 0; line < lines; line++) {
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                fprintf(terminal->out, "%*s", (int)(next - c.cells), "");
            draw_line(terminal, &c, pictures[i].pixels, line);
        }
        fputc('\n', terminal->out);
    }
    if (pictures[0].caption[0] == '\0')
        return;
    for (size_t i = 0; i < count; i++)
        fprintf(terminal->out, "%-*s%s", i + 1 < count ? (int)next : 0,
                pictures[i].caption, i + 1 < count ? "" : "\n");
}
