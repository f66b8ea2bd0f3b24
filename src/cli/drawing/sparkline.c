#include "cli/drawing/sparkline.h"

/* The mean of those of the values that fall into a cell. */
static double mean_of(const double *values, size_t count, size_t cells,
                      size_t cell)
{
    size_t from = cell * count / cells, to = (cell + 1) * count / cells;
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += values[i];
    return sum / (double)(to - from);
}

void cli_sparkline(FILE *out, const double *values, size_t count, size_t cells)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄",
                                         "▅", "▆", "▇", "█"};
    if (count == 0 || cells == 0)
        return;
    if (cells > count)
        cells = count;
    double low = mean_of(values, count, cells, 0), high = low;
    for (size_t i = 1; i < cells; i++) {
        double value = mean_of(values, count, cells, i);
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    for (size_t i = 0; i < cells; i++) {
        double part =
            high > low ? (mean_of(values, count, cells, i) - low) / (high - low)
                       : 0;
        fputs(blocks[(size_t)(part * 7 + 0.5)], out);
    }
}
