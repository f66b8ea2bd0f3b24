#include "cli/drawing/plot.h"

#include "cli/drawing/braille.h"

#include <math.h>
#include <string.h>

enum { NOTHING, TRAINING, VALIDATION, MARK };

/* Of the 256-colour palette: seen on light and on dark. */
enum { BLUE = 33, ORANGE = 208, GREY = 244 };

static const unsigned char colors[] = {GREY, BLUE, ORANGE, ORANGE};

enum { MOST_DOTS = CLI_BRAILLE_WIDE * CLI_PLOT_WIDEST };

static size_t dots_across(const cli_plot *plot)
{
    return CLI_BRAILLE_WIDE * plot->wide;
}

static size_t dots_down(const cli_plot *plot)
{
    return CLI_BRAILLE_HIGH * plot->high;
}

/* ---- From values to columns of dots ---- */

/* The mean of the values that fall into each column; NaN where none does. */
static void gather(const cli_plot *plot, const cli_curve *curve,
                   double mean[MOST_DOTS])
{
    size_t count[MOST_DOTS] = {0}, columns = dots_across(plot);
    double left = plot->content.left, span = plot->content.right - left;
    for (size_t c = 0; c < columns; c++)
        mean[c] = 0;
    for (size_t i = 0; i < curve->count; i++) {
        double x = curve->first + (double)i * curve->step;
        double at = (x - left) / span * (double)(columns - 1);
        if (!(at >= 0) || !isfinite(curve->value[i]))
            continue;
        size_t c = (size_t)(at + 0.5);
        c = c < columns ? c : columns - 1;
        mean[c] += curve->value[i];
        count[c]++;
    }
    for (size_t c = 0; c < columns; c++)
        mean[c] = count[c] ? mean[c] / (double)count[c] : NAN;
}

static size_t last_column(const cli_plot *plot, const double mean[MOST_DOTS])
{
    size_t last = 0;
    for (size_t c = 0; c < dots_across(plot); c++)
        if (!isnan(mean[c]))
            last = c;
    return last;
}

/* ---- The y axis ---- */

/* 1, 2 or 5 times a power of ten, and not below `least`. */
static double round_tick(double least)
{
    double power = pow(10, floor(log10(least)));
    double part = least / power;
    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static int label_text(const cli_plot *plot, char out[CLI_PLOT_LABEL + 1],
                      double y)
{
    int length =
        snprintf(out, CLI_PLOT_LABEL + 1, "%.*f", plot->decimals, y + 0.0);
    for (int digits = 1; length > CLI_PLOT_LABEL && digits >= 0; digits--)
        length = snprintf(out, CLI_PLOT_LABEL + 1, "%.*e", digits, y);
    return length;
}

static size_t label_columns(const cli_plot *plot)
{
    char text[CLI_PLOT_LABEL + 1];
    int longest = 0;
    for (size_t i = 0;
         plot->low + (double)i * plot->tick < plot->top + plot->tick / 2; i++) {
        int length = label_text(plot, text, plot->low + (double)i * plot->tick);
        longest = length > longest ? length : longest;
    }
    return (size_t)longest;
}

/* An axis from label to label that holds low..high. */
static void set_axis(cli_plot *plot, double low, double high)
{
    double size = fmax(fmax(fabs(low), fabs(high)), 1e-3);
    double span = fmax(high - low, 1e-3 * size);
    double spaces = plot->high < 6 ? 2 : plot->high < 8 ? 3 : 4;
    plot->tick = round_tick(span / spaces);
    plot->low = plot->tick * floor(low / plot->tick + 1e-6);
    plot->top = plot->tick * ceil(high / plot->tick - 1e-6);
    if (plot->top - plot->low < plot->tick / 2)
        plot->top = plot->low + plot->tick;
    plot->decimals = (int)fmax(0, -floor(log10(plot->tick) + 1e-6));
    plot->label = label_columns(plot);
}

static void fit_axis(cli_plot *plot, const double training[MOST_DOTS],
                     const double validation[MOST_DOTS])
{
    size_t first = (last_column(plot, training) + 19) / 20;
    double low = INFINITY, high = -INFINITY;
    for (size_t c = first; c < dots_across(plot); c++) {
        low = fmin(low, fmin(training[c], validation[c]));
        high = fmax(high, fmax(training[c], validation[c]));
    }
    if (low <= high)
        set_axis(plot, low, high);
    else
        set_axis(plot, 0, 1);
}

/* Counted from above, and beyond 0..dots_down - 1 for what the axis lacks. */
static long dot_of(const cli_plot *plot, double y)
{
    double down = (plot->top - y) / (plot->top - plot->low);
    double at = round(down * (double)(dots_down(plot) - 1));
    return (long)fmax(-1, fmin(at, (double)dots_down(plot)));
}

/* ---- Drawing ---- */

static void put_dot(cli_plot *plot, size_t x, long y, unsigned char ink)
{
    if (y < 0 || y >= (long)dots_down(plot))
        return;
    size_t column = x / CLI_BRAILLE_WIDE;
    size_t row = (size_t)y / CLI_BRAILLE_HIGH;
    plot->dots[row][column] |= (unsigned char)cli_braille_dot(
        x % CLI_BRAILLE_WIDE, (size_t)y % CLI_BRAILLE_HIGH);
    plot->ink[row][column] = ink;
}

/* The dots of a column from one height to just before the other. */
static void put_run(cli_plot *plot, size_t x, long from, long to,
                    unsigned char ink)
{
    long step = to < from ? -1 : 1;
    put_dot(plot, x, from, ink);
    for (long y = from; y != to; y += step)
        put_dot(plot, x, y, ink);
}

/* From column to column; those without a value are on the line between. */
static void draw_curve(cli_plot *plot, const double mean[MOST_DOTS],
                       unsigned char ink)
{
    size_t last = MOST_DOTS; /* none yet */
    long above = 0;
    for (size_t c = 0; c < dots_across(plot); c++) {
        if (isnan(mean[c]))
            continue;
        if (last == MOST_DOTS)
            above = dot_of(plot, mean[last = c]);
        for (size_t x = last + 1; x <= c; x++) {
            double part = (double)(x - last) / (double)(c - last);
            long y = dot_of(plot, mean[last] + part * (mean[c] - mean[last]));
            put_run(plot, x, y, above, ink);
            above = y;
        }
        put_dot(plot, c, above, ink);
        last = c;
    }
}

static void draw_marks(cli_plot *plot, const double mean[MOST_DOTS])
{
    for (size_t c = 0; c < dots_across(plot); c++) {
        long y = isnan(mean[c]) ? -1 : dot_of(plot, mean[c]);
        put_dot(plot, c, y, MARK);
    }
}

void cli_plot_make(cli_plot *plot, const cli_terminal *terminal,
                   const cli_plot_content *content)
{
    double training[MOST_DOTS], validation[MOST_DOTS];
    size_t high = content->lines - CLI_PLOT_FURTHER;
    size_t wide = content->columns - CLI_PLOT_MARGIN;
    *plot = (cli_plot){.content = *content, .terminal = terminal};
    plot->high = high < CLI_PLOT_HIGHEST ? high : CLI_PLOT_HIGHEST;
    plot->wide = wide < CLI_PLOT_WIDEST ? wide : CLI_PLOT_WIDEST;
    gather(plot, &content->training, training);
    gather(plot, &content->validation, validation);
    fit_axis(plot, training, validation);
    draw_curve(plot, training, TRAINING);
    if (terminal->color)
        draw_curve(plot, validation, VALIDATION);
    else
        draw_marks(plot, validation);
}

/* ---- Lines ---- */

static void set_color(FILE *out, const cli_plot *plot, unsigned ink)
{
    if (plot->terminal->color)
        fprintf(out, "\x1b[38;5;%dm", colors[ink]);
}

static void reset_color(FILE *out, const cli_plot *plot)
{
    if (plot->terminal->color)
        fputs("\x1b[0m", out);
}

static const char *sign(const cli_plot *plot, const char *utf8,
                        const char *ascii)
{
    return plot->terminal->utf8 ? utf8 : ascii;
}

/* Columns left of the drawing: a label, a blank, the axis. */
static size_t margin(const cli_plot *plot)
{
    return plot->label + 2;
}

static void pad(FILE *out, const cli_plot *plot, size_t columns)
{
    if (columns < plot->content.columns)
        fprintf(out, "%*s", (int)(plot->content.columns - columns), "");
}

static void print_title(FILE *out, const cli_plot *plot)
{
    size_t columns = margin(plot) - 1 + strlen(plot->content.title);
    const char *line = sign(plot, "━", "-");
    bool legend =
        plot->content.validates && columns + 26 <= margin(plot) + plot->wide;
    fprintf(out, "%*s%s", (int)margin(plot) - 1, "", plot->content.title);
    if (legend) {
        fputs("  ", out);
        set_color(out, plot, TRAINING);
        fputs(line, out);
        reset_color(out, plot);
        fputs(" training  ", out);
        set_color(out, plot, VALIDATION);
        fputs(plot->terminal->color ? line : sign(plot, "×", "x"), out);
        reset_color(out, plot);
        fputs(" validation", out);
        columns += 2 + 1 + 11 + 1 + 11;
    }
    pad(out, plot, columns);
}

/* A cell's dots, as near as one character comes. */
static char ascii_of(unsigned dots)
{
    static const char by_rows[] = {' ', '\'', '-', '\'', '-', '|', '-', '|',
                                   '.', '|',  '|', '|',  '.', '|', '|', '|'};
    unsigned rows = 0;
    for (unsigned i = 0; i < 8; i++)
        if (dots & cli_braille_dot(i % 2, i / 2))
            rows |= 1u << i / 2;
    return by_rows[rows];
}

static void print_cell(FILE *out, const cli_plot *plot, unsigned dots,
                       unsigned ink)
{
    if (ink == MARK)
        fputs(sign(plot, "×", "x"), out);
    else if (plot->terminal->utf8)
        cli_braille_put(out, dots);
    else
        fputc(ascii_of(dots), out);
}

/* The label whose height is in that row of cells, or "". */
static void print_label(FILE *out, const cli_plot *plot, size_t row)
{
    char text[CLI_PLOT_LABEL + 1] = "";
    bool labelled = false;
    for (size_t i = 0; !labelled && i < 2 * CLI_PLOT_HIGHEST; i++) {
        double y = plot->low + (double)i * plot->tick;
        long dot = dot_of(plot, y);
        labelled = dot >= 0 && (size_t)dot / CLI_BRAILLE_HIGH == row;
        if (labelled)
            label_text(plot, text, y);
    }
    set_color(out, plot, NOTHING);
    fprintf(out, "%*s %s", (int)plot->label, text,
            labelled ? sign(plot, "┤", "+") : sign(plot, "│", "|"));
    reset_color(out, plot);
}

static void print_row(FILE *out, const cli_plot *plot, size_t row)
{
    unsigned last = NOTHING;
    print_label(out, plot, row);
    for (size_t x = 0; x < plot->wide; x++) {
        unsigned ink = plot->ink[row][x];
        if (ink && ink != last) {
            set_color(out, plot, ink);
            last = ink;
        }
        print_cell(out, plot, plot->dots[row][x], ink);
    }
    if (last)
        reset_color(out, plot);
    pad(out, plot, margin(plot) + plot->wide);
}

static void print_axis(FILE *out, const cli_plot *plot)
{
    set_color(out, plot, NOTHING);
    fprintf(out, "%*s%s", (int)margin(plot) - 1, "", sign(plot, "└", "+"));
    for (size_t x = 0; x < plot->wide; x++)
        fputs(sign(plot, "─", "-"), out);
    reset_color(out, plot);
    pad(out, plot, margin(plot) + plot->wide);
}

static void print_x_labels(FILE *out, const cli_plot *plot)
{
    static const char name[] = "epoch";
    char left[24], right[24];
    size_t wide = plot->wide;
    size_t m = (size_t)snprintf(left, sizeof left, "%.0f", plot->content.left);
    size_t n =
        (size_t)snprintf(right, sizeof right, "%.0f", plot->content.right);
    size_t middle = (wide - (sizeof name - 1)) / 2;
    set_color(out, plot, NOTHING);
    fprintf(out, "%*s%s", (int)margin(plot), "", left);
    if (m < middle && middle + sizeof name + n <= wide) {
        fprintf(out, "%*s%s", (int)(middle - m), "", name);
        m = middle + sizeof name - 1;
    }
    if (m + n < wide) {
        fprintf(out, "%*s", (int)(wide - m), right);
        m = wide;
    }
    reset_color(out, plot);
    pad(out, plot, margin(plot) + m);
}

void cli_plot_line(FILE *out, const cli_plot *plot, size_t line)
{
    if (line == 0)
        print_title(out, plot);
    else if (line <= plot->high)
        print_row(out, plot, line - 1);
    else if (line == plot->high + 1)
        print_axis(out, plot);
    else
        print_x_labels(out, plot);
}
