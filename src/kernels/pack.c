#include "kernels/pack.h"

#include <stdint.h>
#include <string.h>

/* ---- Where the items of an axis lie ---- */

/* Counts through patches or elements: the innermost index first. */
typedef struct {
    size_t ends[3];  /* how many of each index; the last has no end */
    size_t steps[3]; /* floats from one to the next */
} counter;

static counter axis_counter(const mnist_axis *axis)
{
    const mnist_window *w = axis->window;
    if (axis->kind == MNIST_AXIS_STRIDE)
        return (counter){{SIZE_MAX, 1, 1}, {axis->stride, 0, 0}};
    if (axis->kind == MNIST_AXIS_PATCHES)
        return (counter){{w->W - w->width + 1, w->H - w->height + 1, 0},
                         {w->C, w->W * w->C, w->H * w->W * w->C}};
    return (counter){{w->width * w->C, w->height, 0}, {1, w->W * w->C, 0}};
}

/* offset[0..count-1] = where items first, first + 1, ... lie. */
static void axis_offsets(const mnist_axis *axis, size_t first, size_t count,
                         size_t *offset)
{
    counter c = axis_counter(axis);
    size_t x = first % c.ends[0], y = first / c.ends[0] % c.ends[1];
    size_t z = first / c.ends[0] / c.ends[1];
    for (size_t i = 0; i < count; i++) {
        offset[i] = x * c.steps[0] + y * c.steps[1] + z * c.steps[2];
        if (++x < c.ends[0])
            continue;
        x = 0;
        if (++y < c.ends[1])
            continue;
        y = 0;
        z++;
    }
}

/* ---- Packing ---- */

/* Lanes that lie next to each other in memory. */
typedef struct {
    size_t first, count;
} lane_run;

static size_t find_runs(const size_t *lane, size_t lanes, lane_run *run)
{
    size_t runs = 0;
    for (size_t i = 0; i < lanes; i++) {
        if (i > 0 && lane[i] == lane[i - 1] + 1)
            run[runs - 1].count++;
        else
            run[runs++] = (lane_run){i, 1};
    }
    return runs;
}

/* One panel: `lanes` vectors of K elements, to[k * width + i]; the lanes that
   are missing are zeros. */
static void pack_panel(const float *from, const size_t *lane, size_t lanes,
                       const size_t *along, size_t K, size_t width, float *to)
{
    lane_run run[MNIST_PANEL_MAX];
    size_t runs = find_runs(lane, lanes, run);
    if (lanes < width)
        memset(to, 0, width * K * sizeof *to);
    for (size_t k = 0; k < K; k++, to += width) {
        const float *row = from + along[k];
        if (runs > lanes / 4) {
            for (size_t i = 0; i < lanes; i++)
                to[i] = row[lane[i]];
            continue;
        }
        for (size_t r = 0; r < runs; r++)
            memcpy(to + run[r].first, row + lane[run[r].first],
                   run[r].count * sizeof *to);
    }
}

void mnist_pack(const mnist_operand *operand, size_t first, size_t count,
                size_t k_first, size_t K, size_t width, float *to)
{
    size_t along[MNIST_CHAIN], lane[MNIST_PANEL_MAX];
    axis_offsets(&operand->k, k_first, K, along);
    for (size_t i = 0; i < count; i += width, to += width * K) {
        size_t lanes = count - i < width ? count - i : width;
        axis_offsets(&operand->i, first + i, lanes, lane);
        pack_panel(operand->data, lane, lanes, along, K, width, to);
    }
}
