#include "cli/drawing/curves.h"

#include "cli/drawing/plot.h"
#include "cli/drawing/sparkline.h"
#include "cli/text/text.h"

#include <math.h>
#include <string.h>

enum { GAP = 2 }; /* columns between two plots */

/* ---- Keeping ---- */

/* What is told is the mean over the epoch so far; the batch's own figure is
   what it changed. A last batch that is smaller counts as if it were not, which
   brings its figure nearer to the mean. */
static void add_batch(cli_figure *figure, const mnist_progress *at, double mean)
{
    double sum = mean * (double)at->step;
    cli_series_add(&figure->batches, sum - figure->sum);
    figure->sum = at->step == at->steps ? 0 : sum;
}

/* A training may be gone on with in the middle of an epoch, whose mean is then
   the best that is known of the first batch. */
static void begin(cli_curves *c, const mnist_progress *at)
{
    size_t before = at->step - 1;
    c->start = (double)(at->epoch - 1) + (double)before / (double)at->steps;
    c->loss.sum = at->loss * (double)before;
    c->accuracy.sum = at->accuracy * (double)before;
}

void cli_curves_add(cli_curves *c, const mnist_progress *at)
{
    if (c->last.steps == 0)
        begin(c, at);
    c->last = *at;
    add_batch(&c->loss, at, at->loss);
    add_batch(&c->accuracy, at, at->accuracy);
    if (at->step < at->steps)
        return;
    c->epochs++;
    c->seconds += at->seconds;
    cli_series_add(&c->loss.epochs, at->loss);
    cli_series_add(&c->accuracy.epochs, at->accuracy);
    if (at->validated) {
        cli_series_add(&c->loss.validation, at->validation_loss);
        cli_series_add(&c->accuracy.validation, at->validation_accuracy);
    }
}

/* ---- Plots ---- */

/* Value i is the mean of `stride` numbers, `unit` epochs apart, of which the
   first stands at `first`: it is put in their middle. */
static cli_curve curve_of(const cli_series *series, double first, double unit)
{
    double stride = (double)series->stride;
    return (cli_curve){.value = series->value,
                       .count = series->count,
                       .first = first + (stride - 1) / 2 * unit,
                       .step = stride * unit};
}

/* All epochs, or, while those are far, 10, 20, 40 and so on. */
static double right_edge(const cli_curves *c, double left)
{
    double end = (double)c->last.epochs, reached = (double)c->last.epoch;
    double span = 10;
    if (c->last.stopped_early)
        return reached;
    while (left + span < reached)
        span *= 2;
    return fmin(end, left + span);
}

static cli_plot_content content_of(const cli_curves *c, const char *title,
                                   const cli_figure *figure)
{
    double batch = 1 / (double)c->last.steps;
    double left = floor(c->start);
    return (cli_plot_content){
        .title = title,
        .training = curve_of(&figure->batches, c->start + batch / 2, batch),
        .validation = curve_of(&figure->validation, left + 1, 1),
        .validates = figure->validation.count > 0,
        .left = left,
        .right = right_edge(c, left)};
}

/* How the two lie in the window. */
typedef struct layout {
    size_t plots;          /* 2, or the first only, or none */
    bool beside;           /* the second stands right of the first */
    size_t columns, lines; /* of each */
} layout;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static layout lay_out(size_t columns, size_t lines)
{
    layout l = {.plots = 2,
                .beside = columns >= 2 * CLI_PLOT_NARROWEST + GAP,
                .columns = columns,
                .lines = lines};
    if (l.beside)
        l.columns = (columns - GAP) / 2;
    else if (lines >= 2 * CLI_PLOT_LOWEST)
        l.lines = lines / 2;
    else
        l.plots = 1;
    if (l.columns < CLI_PLOT_NARROWEST || l.lines < CLI_PLOT_LOWEST)
        l.plots = 0;
    l.columns = least(l.columns, CLI_PLOT_MARGIN + CLI_PLOT_WIDEST);
    l.lines = least(l.lines, CLI_PLOT_FURTHER + CLI_PLOT_HIGHEST);
    return l;
}

bool cli_curves_plot(FILE *out, const cli_curves *c,
                     const cli_terminal *terminal, size_t columns, size_t lines)
{
    cli_plot plot[2];
    layout l = lay_out(columns, lines);
    if (c->last.steps == 0 || l.plots == 0)
        return false;
    cli_plot_content content[2] = {content_of(c, "loss", &c->loss),
                                   content_of(c, "accuracy", &c->accuracy)};
    for (size_t i = 0; i < l.plots; i++) {
        content[i].columns = l.columns;
        content[i].lines = l.lines;
        cli_plot_make(&plot[i], terminal, &content[i]);
    }
    for (size_t i = 0; i < l.plots; i += l.beside ? 2 : 1) {
        for (size_t line = 0; line < l.lines; line++) {
            cli_plot_line(out, &plot[i], line);
            if (l.beside) {
                fprintf(out, "%*s", GAP, "");
                cli_plot_line(out, &plot[i + 1], line);
            }
            fputc('\n', out);
        }
    }
    return true;
}

/* ---- In a line ---- */

enum { PART = 64, MOST_LEVELS = 20, FEWEST_LEVELS = 4 };

/* A figure's name and first value, its levels, its last value. */
typedef struct row {
    const cli_series *series;
    char before[PART], behind[PART];
} row;

static row row_of(const char *name, const cli_series *series)
{
    row r = {.series = series};
    snprintf(r.before, PART, "  %s %.4f ", name, series->first);
    snprintf(r.behind, PART, " %.4f", series->latest);
    return r;
}

static size_t columns_of(const row *r)
{
    return strlen(r->before) + strlen(r->behind);
}

static void print_row(FILE *out, const row *r, size_t cells)
{
    fputs(r->before, out);
    cli_sparkline(out, r->series->value, r->series->count, cells);
    fputs(r->behind, out);
}

/* Less and less is told, until it fits. */
void cli_curves_summary(FILE *out, const cli_curves *c,
                        const cli_terminal *terminal, size_t columns)
{
    char head[PART], time[CLI_NUMBER_MAX];
    if (c->epochs < 2 || !terminal->utf8)
        return;
    row one = row_of("loss", &c->loss.epochs);
    row two = c->last.validated ? row_of("val_loss", &c->loss.validation)
                                : row_of("acc", &c->accuracy.epochs);
    size_t few = least(FEWEST_LEVELS, c->loss.epochs.count);
    int length = snprintf(head, sizeof head, "%zu epochs", c->epochs);
    size_t used = (size_t)length + columns_of(&one);
    size_t timed = 2 + strlen(cli_duration(time, c->seconds));
    if (used + few > columns)
        return;
    if (used + timed + few <= columns) {
        snprintf(head + length, sizeof head - (size_t)length, "  %s", time);
        used += timed;
    }
    size_t room = columns - used, more = columns_of(&two);
    bool both = room >= more + 2 * few;
    size_t cells = least(both ? (room - more) / 2 : room, MOST_LEVELS);
    fputs(head, out);
    print_row(out, &one, cells);
    if (both)
        print_row(out, &two, cells);
    fputc('\n', out);
}
