#include "cli/results/prediction.h"

#include "cli/drawing/picture.h"
#include "cli/text/json.h"
#include "cli/text/text.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_BAR = 40 };

bool cli_predictions_start(cli_predictions *style)
{
    style->order = calloc(style->classes, sizeof *style->order);
    return style->order != NULL;
}

void cli_predictions_end(cli_predictions *style)
{
    free(style->order);
}

/* Whether label a comes before b: of equal ones the smaller. */
static bool before(const float *p, size_t a, size_t b)
{
    return p[a] > p[b] || (p[a] == p[b] && a < b);
}

/* Puts the `wanted` likeliest labels first, in order. */
static void rank(size_t *order, const float *p, size_t classes, size_t wanted)
{
    for (size_t k = 0; k < classes; k++)
        order[k] = k;
    for (size_t place = 0; place < wanted; place++) {
        size_t best = place;
        for (size_t k = place + 1; k < classes; k++)
            if (before(p, order[k], order[best]))
                best = k;
        size_t label = order[best];
        order[best] = order[place];
        order[place] = label;
    }
}

static size_t shown(const cli_predictions *style)
{
    return style->top && style->top < style->classes ? style->top
                                                     : style->classes;
}

static void print_json(const cli_predictions *style, const mnist_dataset *data,
                       size_t i, const float *p)
{
    cli_json json = cli_json_line("predict");
    if (style->file)
        cli_json_text(&json, "file", style->file);
    cli_json_count(&json, "index", i);
    cli_json_count(&json, "label", mnist_argmax(p, style->classes));
    if (data->labels)
        cli_json_count(&json, "true_label", data->labels[i]);
    cli_json_begin(&json, "probabilities", '[');
    for (size_t k = 0; k < style->classes; k++)
        cli_json_float(&json, NULL, p[k]);
    cli_json_end(&json, ']');
    if (style->top) {
        cli_json_begin(&json, "top", '[');
        for (size_t place = 0; place < shown(style); place++) {
            cli_json_begin(&json, NULL, '{');
            cli_json_count(&json, "label", style->order[place]);
            cli_json_float(&json, "probability", p[style->order[place]]);
            cli_json_end(&json, '}');
        }
        cli_json_end(&json, ']');
    }
    cli_json_close(&json);
}

/* The file, where there are several, index, label, probability and, with --top,
   more of these; then the true label. Tabs between them, for cut and awk. */
static void print_line(const cli_predictions *style, const mnist_dataset *data,
                       size_t i, const float *p)
{
    FILE *out = style->terminal->out;
    if (style->file) {
        cli_print_name(out, style->file);
        fputc('\t', out);
    }
    fprintf(out, "%zu", i);
    if (style->top) {
        for (size_t place = 0; place < shown(style); place++)
            fprintf(out, "\t%zu\t%.4f", style->order[place],
                    (double)p[style->order[place]]);
    } else {
        size_t label = mnist_argmax(p, style->classes);
        fprintf(out, "\t%zu\t%.4f", label, (double)p[label]);
    }
    if (data->labels)
        fprintf(out, "\t%u", (unsigned)data->labels[i]);
    fputc('\n', out);
}

/* ---- Drawn ---- */

/* Columns between the picture and what is beside it; of a bar at least. */
enum { BESIDE = 3, SHORTEST_BAR = 16 };

/* A prediction as lines of text: what it is, a blank line, a bar a label. */
typedef struct drawing {
    const cli_predictions *style;
    const float *p;
    size_t best; /* the likeliest label */
    char title[sizeof((mnist_dataset *)0)->images_name + 104]; /* what it is */
    int digits;                                                /* of a label */
    size_t lines;
    size_t bar; /* columns of the longest bar */
} drawing;

enum { BARS_FROM = 2 }; /* the first line of a bar */

static void write_title(drawing *d, const mnist_dataset *data, size_t i)
{
    char truth[40] = "";
    if (data->labels && data->labels[i] != d->best)
        snprintf(truth, sizeof truth, ", its label says %u",
                 (unsigned)data->labels[i]);
    else if (data->labels)
        snprintf(truth, sizeof truth, ", as its label says");
    char number[40] = "", file[sizeof data->images_name] = "";
    bool one = d->style->file && data->is_picture;
    if (d->style->file)
        snprintf(file, sizeof file, "%s", data->images_name);
    if (!one)
        snprintf(number, sizeof number, "%simage %zu", *file ? " " : "", i);
    snprintf(d->title, sizeof d->title, "%s%s: %zu%s", file, number, d->best,
             truth);
}

/* Columns of a line but for its bar: the label, two blanks, 0.1234, two blanks,
   and the last column of the window is left free. */
static size_t columns_of_figures(const drawing *d)
{
    return (size_t)d->digits + 2 + 6 + 2 + 1;
}

static size_t shorter(size_t bar)
{
    return bar < LONGEST_BAR ? bar : LONGEST_BAR;
}

static void print_bar(const drawing *d, size_t place)
{
    const cli_terminal *terminal = d->style->terminal;
    size_t label = d->style->top ? d->style->order[place] : place;
    bool bold = label == d->best && terminal->color;
    double probability = (double)d->p[label];
    fprintf(terminal->out, "%s%*zu  %.4f", bold ? "\x1b[1m" : "", d->digits,
            label, probability);
    cli_terminal_bar(terminal, probability, d->bar);
    fputs(bold ? "\x1b[0m" : "", terminal->out);
}

static bool is_blank(const drawing *d, size_t line)
{
    return line >= d->lines || line == 1;
}

static void print_text(const drawing *d, size_t line)
{
    if (is_blank(d, line))
        return;
    if (line == 0)
        fputs(d->title, d->style->terminal->out);
    else
        print_bar(d, line - BARS_FROM);
}

/* The room that is left in the window is the bars'. */
static bool fits_beside(drawing *d, size_t columns)
{
    size_t width = d->style->terminal->width, taken = columns + BESIDE;
    size_t figures = columns_of_figures(d);
    if (taken + strlen(d->title) >= width ||
        taken + figures + SHORTEST_BAR > width)
        return false;
    d->bar = shorter(width - taken - figures);
    return true;
}

/* The text in the middle of the picture's height. */
static void draw_beside(const drawing *d, const mnist_dataset *data,
                        const uint8_t *pixels, cli_picture_size size)
{
    FILE *out = d->style->terminal->out;
    size_t above = size.lines > d->lines ? (size.lines - d->lines) / 2 : 0;
    size_t lines = size.lines > d->lines ? size.lines : d->lines;
    for (size_t line = 0; line < lines; line++) {
        size_t text = line - above; /* above it, more than there are */
        if (line < size.lines)
            cli_picture_line(d->style->terminal, pixels, data->rows, data->cols,
                             line);
        if (!is_blank(d, text))
            fprintf(out, "%*s",
                    (int)(BESIDE + (line < size.lines ? 0 : size.columns)), "");
        print_text(d, text);
        fputc('\n', out);
    }
}

static void draw_below(drawing *d, const mnist_dataset *data,
                       const uint8_t *pixels)
{
    const cli_terminal *terminal = d->style->terminal;
    cli_picture picture = {pixels, ""};
    size_t figures = columns_of_figures(d);
    d->bar = shorter(terminal->width > figures ? terminal->width - figures : 0);
    cli_picture_draw(terminal, &picture, 1, data->rows, data->cols);
    for (size_t line = 0; line < d->lines; line++) {
        print_text(d, line);
        fputc('\n', terminal->out);
    }
}

static void draw(const cli_predictions *style, const mnist_dataset *data,
                 size_t i, const float *p)
{
    const uint8_t *pixels = data->pixels + i * data->rows * data->cols;
    cli_picture_size size =
        cli_picture_measure(style->terminal, data->rows, data->cols);
    drawing d = {.style = style,
                 .p = p,
                 .best = mnist_argmax(p, style->classes),
                 .digits = style->classes > 100  ? 3
                           : style->classes > 10 ? 2
                                                 : 1,
                 .lines = BARS_FROM + shown(style)};
    write_title(&d, data, i);
    if (fits_beside(&d, size.columns))
        draw_beside(&d, data, pixels, size);
    else
        draw_below(&d, data, pixels);
    fputc('\n', style->terminal->out);
}

void cli_prediction_print(const cli_predictions *style,
                          const mnist_dataset *data, size_t i,
                          const float *probabilities)
{
    if (style->top)
        rank(style->order, probabilities, style->classes, shown(style));
    if (style->json)
        print_json(style, data, i, probabilities);
    else if (style->draw)
        draw(style, data, i, probabilities);
    else
        print_line(style, data, i, probabilities);
}
