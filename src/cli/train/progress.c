#include "cli/train/progress.h"

#include "cli/text/flow.h"
#include "cli/text/text.h"

#include <stdio.h>
#include <string.h>

enum { PART = 64, LONGEST_BAR = 30, SHORTEST_BAR = 6 };

/* Ten times a second is as fast as an eye follows; a log file hears from a long
   epoch once a minute. */
static const double redraw_seconds = 0.1, silence_seconds = 60;

void cli_progress_start(cli_progress *progress, const cli_terminal *terminal,
                        unsigned verbose, bool plot, bool rates)
{
    progress->terminal = terminal;
    progress->bar = verbose == 1 && terminal->moves;
    progress->lines = verbose > 0;
    progress->plot = plot && progress->bar;
    progress->rates = rates;
    progress->last = cli_now();
    progress->curves = (cli_curves){.start = 0};
    cli_live_open(&progress->live, terminal);
}

void cli_progress_clear(cli_progress *progress)
{
    cli_live_clear(&progress->live);
}

/* ---- What moves ---- */

/* The parts of the line, in the order in which they stand. */
enum { BAR, STEPS, PERCENT, LOSS, ACCURACY, LEFT, PARTS };

static void fill_parts(char part[PARTS][PART], const mnist_progress *at)
{
    double left =
        at->seconds / (double)at->step * (double)(at->steps - at->step);
    unsigned long seconds = (unsigned long)(left + 0.5);
    snprintf(part[STEPS], PART, "%zu/%zu", at->step, at->steps);
    snprintf(part[PERCENT], PART, "%zu%%", 100 * at->step / at->steps);
    snprintf(part[LOSS], PART, "loss %.4f", at->loss);
    snprintf(part[ACCURACY], PART, "acc %.4f", at->accuracy);
    snprintf(part[LEFT], PART, "%lu:%02lu left", seconds / 60, seconds % 60);
}

/* "[=====>....]" of `cells` columns. */
static void print_plain_bar(FILE *out, size_t cells, const mnist_progress *at)
{
    size_t inside = cells - 2;
    size_t done = inside * at->step / at->steps;
    fputc('[', out);
    for (size_t i = 0; i < inside; i++)
        fputc(i < done ? '=' : i == done ? '>' : '.', out);
    fputc(']', out);
}

/* A line, in half cells: what is done is thick and coloured. */
static void print_bar(FILE *out, const cli_terminal *terminal, size_t cells,
                      const mnist_progress *at)
{
    if (!terminal->utf8 || !terminal->color) {
        print_plain_bar(out, cells, at);
        return;
    }
    size_t done = 2 * cells * at->step / at->steps;
    fputs("\x1b[38;5;33m", out);
    for (size_t i = 0; i < done / 2; i++)
        fputs("━", out);
    fputs(done % 2 ? "╸" : "", out);
    fputs("\x1b[38;5;244m", out);
    for (size_t i = (done + 1) / 2; i < cells; i++)
        fputs("─", out);
    fputs("\x1b[0m", out);
}

/* Prints the line, at most `width` columns of it. A part that does not fit is
   left out, the least telling first; what remains of the width is the bar's. */
static void print_moving(FILE *out, const cli_terminal *terminal, size_t width,
                         const mnist_progress *at)
{
    static const int by_worth[PARTS] = {PERCENT, LOSS, ACCURACY,
                                        STEPS,   BAR,  LEFT};
    char part[PARTS][PART], head[PART];
    bool fits[PARTS] = {false};
    size_t used =
        (size_t)snprintf(head, PART, "Epoch %zu/%zu", at->epoch, at->epochs);
    fill_parts(part, at);
    for (size_t i = 0; i < PARTS; i++) {
        int which = by_worth[i];
        size_t length = 2 + (which == BAR ? SHORTEST_BAR : strlen(part[which]));
        fits[which] = used + length <= width;
        used += fits[which] ? length : 0;
    }
    size_t bar = fits[BAR] ? SHORTEST_BAR + width - used : 0;
    bar = bar < LONGEST_BAR ? bar : LONGEST_BAR;
    fprintf(out, "%.*s", (int)(width < PART ? width : PART), head);
    for (int i = 0; i < PARTS; i++) {
        if (fits[i])
            fputs("  ", out);
        if (fits[i] && i == BAR)
            print_bar(out, terminal, bar, at);
        else if (fits[i])
            fputs(part[i], out);
    }
    fputc('\n', out);
}

/* With the bar and a line above it, the curves fill the window at most. */
static void draw(cli_progress *progress, const mnist_progress *at)
{
    const cli_terminal *terminal = progress->terminal;
    size_t room = cli_terminal_room(terminal);
    size_t height = cli_terminal_height(terminal);
    FILE *out = cli_live_begin(&progress->live);
    if (!out)
        return;
    print_moving(out, terminal, room, at);
    if (progress->plot && height > 2)
        cli_curves_plot(out, &progress->curves, terminal, room, height - 2);
    cli_live_draw(&progress->live);
}

/* ---- Lines ---- */

/* One write a line, so that a log shared with others is not torn. */
static void print_line(cli_progress *progress, const mnist_progress *at)
{
    char time[CLI_NUMBER_MAX];
    cli_flow line = {.width = cli_terminal_room(progress->terminal)};
    cli_flow_add(&line, 0, "epoch %zu/%zu", at->epoch, at->epochs);
    if (at->step < at->steps)
        cli_flow_add(&line, 2, "%zu%%", 100 * at->step / at->steps);
    cli_flow_add(&line, 2, "loss %.4f", at->loss);
    cli_flow_add(&line, 2, "acc %.4f", at->accuracy);
    if (at->validated) {
        cli_flow_add(&line, 2, "val_loss %.4f", at->validation_loss);
        cli_flow_add(&line, 2, "val_acc %.4f", at->validation_accuracy);
    }
    if (progress->rates)
        cli_flow_add(&line, 2, "lr %.3g", at->lr);
    cli_flow_add_if(&line, 2, cli_duration(time, at->seconds));
    cli_flow_end_line(&line);
    cli_live_above(&progress->live, line.text);
}

void cli_progress_step(cli_progress *progress, const mnist_progress *at)
{
    bool complete = at->step == at->steps;
    if (!progress->lines)
        return;
    if (progress->bar)
        cli_curves_add(&progress->curves, at);
    double now = cli_now();
    bool due = now - progress->last >=
               (progress->bar ? redraw_seconds : silence_seconds);
    if (complete)
        print_line(progress, at);
    /* Below that line curves go on, a bar alone begins again. */
    if (due && progress->bar && (!complete || progress->plot))
        draw(progress, at);
    else if (due && !complete)
        print_line(progress, at);
    if (due || (complete && !progress->plot))
        progress->last = now;
}

void cli_progress_end(cli_progress *progress, bool useful)
{
    const cli_terminal *terminal = progress->terminal;
    FILE *out =
        useful && progress->bar ? cli_live_begin(&progress->live) : NULL;
    if (out) {
        size_t room = cli_terminal_room(terminal);
        if (progress->plot)
            cli_curves_plot(out, &progress->curves, terminal, room,
                            cli_terminal_height(terminal) - 1);
        cli_curves_summary(out, &progress->curves, terminal, room);
        cli_live_keep(&progress->live);
    }
    cli_live_close(&progress->live);
}
