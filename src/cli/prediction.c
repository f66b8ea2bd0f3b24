#include "cli/prediction.h"

#include "cli/picture.h"
#include "cli/report.h"

#include <stdlib.h>

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

static void print_bar(const cli_predictions *style, size_t label, bool best,
                      double probability)
{
    const cli_terminal *terminal = style->terminal;
    bool bold = best && terminal->color;
    int digits = style->classes > 100 ? 3 : style->classes > 10 ? 2 : 1;
    /* label, two blanks, 0.1234, two blanks, and the last column free */
    size_t taken = (size_t)digits + 2 + 6 + 2 + 1;
    size_t room = terminal->width > taken ? terminal->width - taken : 0;
    fprintf(terminal->out, "%s%*zu  %.4f", bold ? "\x1b[1m" : "", digits, label,
            probability);
    cli_terminal_bar(terminal, probability,
                     room < LONGEST_BAR ? room : LONGEST_BAR);
    fprintf(terminal->out, "%s\n", bold ? "\x1b[0m" : "");
}

static void draw(const cli_predictions *style, const mnist_dataset *data,
                 size_t i, const float *p)
{
    FILE *out = style->terminal->out;
    size_t label = mnist_argmax(p, style->classes);
    cli_picture picture = {data->pixels + i * data->rows * data->cols, ""};
    cli_picture_draw(style->terminal, &picture, 1, data->rows, data->cols);
    if (style->file)
        cli_print_name(out, style->file);
    if (!style->file || !data->is_picture)
        fprintf(out, "%simage %zu", style->file ? " " : "", i);
    fprintf(out, ": %zu", label);
    if (data->labels && data->labels[i] != label)
        fprintf(out, ", its label says %u", (unsigned)data->labels[i]);
    else if (data->labels)
        fputs(", as its label says", out);
    fputs("\n\n", out);
    for (size_t place = 0; place < shown(style); place++) {
        size_t k = style->top ? style->order[place] : place;
        print_bar(style, k, k == label, (double)p[k]);
    }
    fputc('\n', out);
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
