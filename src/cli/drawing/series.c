#include "cli/drawing/series.h"

static void halve(cli_series *s)
{
    s->count /= 2;
    for (size_t i = 0; i < s->count; i++)
        s->value[i] = (s->value[2 * i] + s->value[2 * i + 1]) / 2;
    s->stride *= 2;
}

void cli_series_add(cli_series *s, double number)
{
    if (s->stride == 0) {
        s->stride = 1;
        s->first = number;
    }
    s->latest = number;
    s->sum += number;
    if (++s->begun < s->stride)
        return;
    s->value[s->count++] = s->sum / (double)s->stride;
    s->sum = 0;
    s->begun = 0;
    if (s->count == CLI_SERIES_ROOM)
        halve(s);
}
