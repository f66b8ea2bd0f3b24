#include "cli/progress.h"

#include "cli/report.h"

#include <stdio.h>
#include <string.h>

enum { PART = 64, LINE = 8 * PART, LONGEST_BAR = 30, SHORTEST_BAR = 6 };

/* Ten times a second is as fast as an eye follows; a log file hears from a long
   epoch once a minute. */
static const double redraw_seconds = 0.1, silence_seconds = 60;

cli_progress cli_progress_start(const cli_terminal *terminal, unsigned verbose)
{
    return (cli_progress){.terminal = terminal,
                          .bar = verbose == 1 && terminal->moves,
                          .lines = verbose > 0,
                          .last = cli_now()};
}

void cli_progress_clear(cli_progress *progress)
{
    if (progress->drawn)
        fputs("\r\x1b[K", progress->terminal->out);
    progress->drawn = false;
}

/* The parts of the line, in the order in which they stand. */
enum { BAR, STEPS, PERCENT, LOSS, ACCURACY, LEFT, PARTS };

/* "[=====>....]" of `cells` columns. */
static void bar_text(char *out, size_t cells, const mnist_progress *at)
{
    size_t inside = cells - 2;
    size_t done = inside * at->step / at->steps;
    memset(out, '.', cells);
    out[0] = '[';
    memset(out + 1, '=', done);
    if (done < inside)
        out[1 + done] = '>';
    out[cells - 1] = ']';
    out[cells] = '\0';
}

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
    bar_text(part[BAR], SHORTEST_BAR, at);
}

/* Writes the line, at most `width` columns of it. A part that does not fit is
   left out, the least telling first; what remains of the width is the bar's. */
static void line_text(char line[LINE], size_t width, const mnist_progress *at)
{
    static const int by_worth[PARTS] = {PERCENT, LOSS, ACCURACY,
                                        STEPS,   BAR,  LEFT};
    char part[PARTS][PART];
    bool fits[PARTS] = {false};
    size_t used =
        (size_t)snprintf(line, LINE, "Epoch %zu/%zu", at->epoch, at->epochs);
    size_t end = used;
    fill_parts(part, at);
    for (size_t i = 0; i < PARTS; i++) {
        size_t length = 2 + strlen(part[by_worth[i]]);
        fits[by_worth[i]] = used + length <= width;
        used += fits[by_worth[i]] ? length : 0;
    }
    if (fits[BAR]) {
        size_t cells = SHORTEST_BAR + width - used;
        bar_text(part[BAR], cells < LONGEST_BAR ? cells : LONGEST_BAR, at);
    }
    for (size_t i = 0; i < PARTS; i++)
        if (fits[i])
            end += (size_t)snprintf(line + end, LINE - end, "  %s", part[i]);
    if (end > width)
        line[width] = '\0';
}

static void draw(cli_progress *progress, const mnist_progress *at)
{
    char line[LINE];
    size_t width = cli_terminal_width(progress->terminal);
    /* Some terminals break the line when the last column is written, and all
       of them show a Ctrl-C as "^C" behind the line. */
    line_text(line, width > 3 ? width - 3 : 0, at);
    fprintf(progress->terminal->out, "\r%s\x1b[K", line);
    fflush(progress->terminal->out);
    progress->drawn = true;
}

/* One write a line, so that a log shared with others is not torn. */
static void print_line(cli_progress *progress, const mnist_progress *at)
{
    char part[32] = "", time[CLI_NUMBER_MAX];
    if (at->step < at->steps)
        snprintf(part, sizeof part, "  %zu%%", 100 * at->step / at->steps);
    fprintf(progress->terminal->out,
            "epoch %zu/%zu%s  loss %.4f  acc %.4f  %s\n", at->epoch, at->epochs,
            part, at->loss, at->accuracy, cli_duration(time, at->seconds));
}

void cli_progress_step(cli_progress *progress, const mnist_progress *at)
{
    double now;
    bool complete = at->step == at->steps;
    if (!progress->lines)
        return;
    now = cli_now();
    if (complete) {
        cli_progress_clear(progress);
        print_line(progress, at);
        progress->last = now;
    } else if (progress->bar ? now - progress->last >= redraw_seconds
                             : now - progress->last >= silence_seconds) {
        if (progress->bar)
            draw(progress, at);
        else
            print_line(progress, at);
        progress->last = now;
    }
}
