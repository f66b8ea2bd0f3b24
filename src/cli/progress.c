#include "cli/progress.h"

#include "cli/report.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 160, LONGEST_BAR = 30, SHORTEST_BAR = 6 };

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

/* "m:ss" until the end of the epoch. */
static void remaining_text(char *out, size_t size, const mnist_progress *at)
{
    double left =
        at->seconds / (double)at->step * (double)(at->steps - at->step);
    unsigned long seconds = (unsigned long)(left + 0.5);
    snprintf(out, size, "%lu:%02lu left", seconds / 60, seconds % 60);
}

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

/* What does not fit the width is left out, the least telling first: the time,
   the bar, the figures. The last column stays free, since some terminals break
   the line when it is written. */
static void draw(cli_progress *progress, const mnist_progress *at)
{
    char head[64], tail[128], left[48], bar[LONGEST_BAR + 1] = "";
    size_t width = cli_terminal_width(progress->terminal) - 1;
    snprintf(head, sizeof head, "Epoch %zu/%zu  ", at->epoch, at->epochs);
    snprintf(tail, sizeof tail, "%zu/%zu %3zu%%  loss %.4f  acc %.4f", at->step,
             at->steps, 100 * at->step / at->steps, at->loss, at->accuracy);
    remaining_text(left, sizeof left, at);
    size_t used = strlen(head) + strlen(tail) + 2;
    if (used + 2 + strlen(left) + SHORTEST_BAR <= width) {
        size_t end = strlen(tail);
        snprintf(tail + end, sizeof tail - end, "  %s", left);
        used += 2 + strlen(left);
    }
    if (used + SHORTEST_BAR <= width) {
        size_t cells = width - used;
        bar_text(bar, cells < LONGEST_BAR ? cells : LONGEST_BAR, at);
    }
    char line[LINE * 2];
    snprintf(line, sizeof line, "%s%s%s%s", head, bar, *bar ? "  " : "", tail);
    fprintf(progress->terminal->out, "\r%.*s\x1b[K", (int)width, line);
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
