#include "cli/drawing/picture.h"

#include "cli/drawing/braille.h"

#include <string.h>

enum { GAP = 2 };

const char *const cli_picture_styles[] = {"auto",
                                          [CLI_STYLE_HALF] = "half",
                                          [CLI_STYLE_BRAILLE] = "braille",
                                          [CLI_STYLE_ASCII] = "ascii",
                                          [CLI_STYLE_NUMBERS] = "numbers",
                                          NULL};

void cli_picture_choose(cli_terminal *terminal, const char *style)
{
    for (size_t i = CLI_STYLE_HALF; cli_picture_styles[i]; i++)
        if (strcmp(style, cli_picture_styles[i]) == 0)
            terminal->style = (cli_style)i;
}

/* What a style makes of pixels: a cell stands for `across` x `down` of them, or
   a pixel is `cells` wide. */
typedef struct grain {
    size_t across, down, cells;
} grain;

static const grain grains[] = {[CLI_STYLE_HALF] = {1, 2, 1},
                               [CLI_STYLE_BRAILLE] = {2, 4, 1},
                               [CLI_STYLE_ASCII] = {1, 1, 2},
                               [CLI_STYLE_NUMBERS] = {1, 1, 4}};

/* An image as it will be drawn: averaged over squares of step x step. */
typedef struct canvas {
    const uint8_t *pixels;
    size_t rows, cols; /* of the image */
    size_t step;
    size_t high, wide;     /* in squares */
    size_t lines, columns; /* of the terminal that it takes */
} canvas;

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static canvas fit(const cli_terminal *terminal, const uint8_t *pixels,
                  size_t rows, size_t cols)
{
    const grain *g = &grains[terminal->style];
    size_t room = terminal->width / g->cells * g->across;
    size_t step = room ? divide_up(cols, room) : cols;
    if (terminal->style == CLI_STYLE_NUMBERS)
        step = 1;
    size_t high = divide_up(rows, step), wide = divide_up(cols, step);
    return (canvas){.pixels = pixels,
                    .rows = rows,
                    .cols = cols,
                    .step = step,
                    .high = high,
                    .wide = wide,
                    .lines = divide_up(high, g->down),
                    .columns = divide_up(wide, g->across) * g->cells};
}

cli_picture_size cli_picture_measure(const cli_terminal *terminal, size_t rows,
                                     size_t cols)
{
    canvas c = fit(terminal, NULL, rows, cols);
    return (cli_picture_size){c.lines, c.columns};
}

size_t cli_picture_columns(const cli_terminal *terminal, size_t cols,
                           size_t caption)
{
    size_t cells = cli_picture_measure(terminal, 1, cols).columns;
    if (cells < caption)
        cells = caption;
    size_t columns = (terminal->width + GAP) / (cells + GAP);
    return columns ? columns : 1;
}

/* The mean brightness of a square; outside of the image it is black. */
static unsigned shade(const canvas *c, size_t y, size_t x)
{
    size_t sum = 0, count = 0;
    for (size_t i = y * c->step; i < (y + 1) * c->step && i < c->rows; i++)
        for (size_t j = x * c->step; j < (x + 1) * c->step && j < c->cols; j++)
            sum += c->pixels[i * c->cols + j], count++;
    return count ? (unsigned)((sum + count / 2) / count) : 0;
}

static bool is_ink(const canvas *c, size_t y, size_t x)
{
    return shade(c, y, x) >= 128;
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

/* layer: 38 is the foreground, 48 the background. */
static void set_grey(const cli_terminal *terminal, unsigned layer,
                     unsigned value)
{
    if (terminal->color == CLI_COLOR_TRUE)
        fprintf(terminal->out, "\x1b[%u;2;%u;%u;%um", layer, value, value,
                value);
    else
        fprintf(terminal->out, "\x1b[%u;5;%um", layer, palette_grey(value));
}

/* A cell of one shade is a blank, so that text copied from the terminal has
   blocks only where the picture has edges. */
static void draw_colored(const cli_terminal *terminal, const canvas *c,
                         size_t line)
{
    unsigned last_upper = 256, last_lower = 256;
    for (size_t x = 0; x < c->wide; x++) {
        unsigned upper = shade(c, 2 * line, x);
        unsigned lower = shade(c, 2 * line + 1, x);
        if (upper != last_upper && upper != lower) {
            set_grey(terminal, 38, upper);
            last_upper = upper;
        }
        if (lower != last_lower)
            set_grey(terminal, 48, lower);
        fputs(upper == lower ? " " : "▀", terminal->out);
        last_lower = lower;
    }
    fputs("\x1b[0m", terminal->out);
}

static void draw_ink(FILE *out, const canvas *c, size_t line)
{
    static const char *const blocks[] = {" ", "▀", "▄", "█"};
    for (size_t x = 0; x < c->wide; x++)
        fputs(blocks[is_ink(c, 2 * line, x) + 2 * is_ink(c, 2 * line + 1, x)],
              out);
}

static void draw_braille(FILE *out, const canvas *c, size_t line)
{
    for (size_t x = 0; x < c->wide; x += 2) {
        unsigned dots = 0;
        for (unsigned i = 0; i < 8; i++)
            if (is_ink(c, 4 * line + i / 2, x + i % 2))
                dots |= cli_braille_dot(i % 2, i / 2);
        cli_braille_put(out, dots);
    }
}

static void draw_ascii(FILE *out, const canvas *c, size_t line)
{
    static const char ramp[] = " .:-=+*#%@";
    for (size_t x = 0; x < c->wide; x++) {
        char mark = ramp[shade(c, line, x) * 9 / 255];
        fputc(mark, out);
        fputc(mark, out);
    }
}

/* With colour, on the grey that they stand for. */
static void draw_numbers(const cli_terminal *terminal, const canvas *c,
                         size_t line)
{
    unsigned last = 256;
    for (size_t x = 0; x < c->wide; x++) {
        unsigned value = shade(c, line, x);
        if (terminal->color && value != last) {
            set_grey(terminal, 48, value);
            set_grey(terminal, 38, value < 128 ? value / 2 + 128 : 0);
        }
        fprintf(terminal->out, "%4u", value);
        last = value;
    }
    if (terminal->color)
        fputs("\x1b[0m", terminal->out);
}

static void draw_line(const cli_terminal *terminal, const canvas *c,
                      size_t line)
{
    switch (terminal->style) {
    case CLI_STYLE_HALF:
        if (terminal->color)
            draw_colored(terminal, c, line);
        else
            draw_ink(terminal->out, c, line);
        break;
    case CLI_STYLE_BRAILLE:
        draw_braille(terminal->out, c, line);
        break;
    case CLI_STYLE_ASCII:
        draw_ascii(terminal->out, c, line);
        break;
    case CLI_STYLE_NUMBERS:
        draw_numbers(terminal, c, line);
        break;
    }
}

void cli_picture_line(const cli_terminal *terminal, const uint8_t *pixels,
                      size_t rows, size_t cols, size_t line)
{
    canvas c = fit(terminal, pixels, rows, cols);
    draw_line(terminal, &c, line);
}

/* Each picture's columns, those of the widest caption at least, and the gap. */
static size_t stride(size_t columns, const cli_picture *pictures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(pictures[i].caption) > columns)
            columns = strlen(pictures[i].caption);
    return columns + GAP;
}

void cli_picture_draw(const cli_terminal *terminal, const cli_picture *pictures,
                      size_t count, size_t rows, size_t cols)
{
    cli_picture_size size = cli_picture_measure(terminal, rows, cols);
    size_t next = stride(size.columns, pictures, count);
    for (size_t line = 0; line < size.lines; line++) {
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                fprintf(terminal->out, "%*s", (int)(next - size.columns), "");
            cli_picture_line(terminal, pictures[i].pixels, rows, cols, line);
        }
        fputc('\n', terminal->out);
    }
    if (pictures[0].caption[0] == '\0')
        return;
    for (size_t i = 0; i < count; i++)
        fprintf(terminal->out, "%-*s%s", i + 1 < count ? (int)next : 0,
                pictures[i].caption, i + 1 < count ? "" : "\n");
}
