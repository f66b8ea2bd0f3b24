#include <mnist/preprocess.h>

#include "data/border.h"

#include <stdbool.h>
#include <string.h>

/* The faintest ink there is, and the faintest that the box must hold, on plain
   paper and on paper that has a grain. */
enum { CONTRAST = 32, INK_PLAIN = 8, INK_GRAINED = 64 };

/* round(a / b), halves up. */
static uint64_t rounded(uint64_t a, uint64_t b)
{
    return (2 * a + b) / (2 * b);
}

/* ---- Levels ---- */

typedef struct source {
    const uint8_t *pixels;
    size_t rows, cols;
    uint8_t level[256]; /* what each value becomes */
    unsigned ink;       /* the least that the box must hold */
} source;

/* The value that half of so many counted ones or more do not exceed. */
static unsigned median(const size_t counts[256], size_t count)
{
    unsigned value = 0;
    size_t seen = counts[0];
    while (2 * seen < count)
        seen += counts[++value];
    return value;
}

static size_t count_border(size_t counts[256], const source *s)
{
    size_t count = 0, size = s->rows * s->cols;
    for (size_t i = 0; i < size; i = mnist_border_next(i, s->rows, s->cols))
        counts[s->pixels[i]]++, count++;
    return count;
}

static bool find_levels(source *s)
{
    size_t counts[256] = {0}, apart[256] = {0};
    size_t count = count_border(counts, s);
    unsigned b = median(counts, count);
    for (unsigned p = 0; p < 256; p++)
        apart[p < b ? b - p : p - b] += counts[p];
    unsigned d = median(apart, count);
    s->ink = d == 0 ? INK_PLAIN : INK_GRAINED;
    unsigned hi = 0;
    for (size_t i = 0; i < s->rows * s->cols; i++)
        hi = s->pixels[i] > hi ? s->pixels[i] : hi;
    if (hi < b + CONTRAST)
        return false;
    unsigned most = (hi - b) / 4;
    unsigned lo = b + (4 * d < most ? 4 * d : most);
    for (unsigned p = lo + 1; p <= hi; p++)
        s->level[p] = (uint8_t)rounded(UINT64_C(255) * (p - lo), hi - lo);
    return true;
}

static unsigned level(const source *s, size_t y, size_t x)
{
    return s->level[s->pixels[y * s->cols + x]];
}

/* ---- Box ---- */

typedef struct box {
    size_t y, x, h, w;
} box;

/* There is ink: the brightest pixel. */
static box find_box(const source *s)
{
    size_t top = s->rows, bottom = 0, left = s->cols, right = 0;
    for (size_t y = 0; y < s->rows; y++)
        for (size_t x = 0; x < s->cols; x++) {
            if (level(s, y, x) < s->ink)
                continue;
            top = y < top ? y : top;
            bottom = y;
            left = x < left ? x : left;
            right = x > right ? x : right;
        }
    return (box){top, left, bottom - top + 1, right - left + 1};
}

/* ---- Scaling ---- */

/* Of n parts that share `length` pixels the one of number i: its pixels are
   first..end-1. In units of 1/n of a pixel it goes from i * length on and is
   `length` long. */
typedef struct part {
    size_t begin, first, end;
} part;

static part part_of(size_t i, size_t n, size_t length)
{
    size_t begin = i * length;
    return (part){begin, begin / n, (begin + length + n - 1) / n};
}

/* How much of pixel y, n units long, is in the part. */
static uint64_t inside(const part *p, size_t y, size_t n, size_t length)
{
    size_t from = y * n, to = from + n, end = p->begin + length;
    from = from > p->begin ? from : p->begin;
    to = to < end ? to : end;
    return to - from;
}

static uint8_t mean(const source *s, const box *b, size_t i, size_t n, size_t j,
                    size_t m)
{
    part rows = part_of(i, n, b->h), cols = part_of(j, m, b->w);
    uint64_t sum = 0;
    for (size_t y = rows.first; y < rows.end; y++) {
        uint64_t row = 0;
        for (size_t x = cols.first; x < cols.end; x++)
            row += inside(&cols, x, m, b->w) * level(s, b->y + y, b->x + x);
        sum += inside(&rows, y, n, b->h) * row;
    }
    return (uint8_t)rounded(sum, (uint64_t)b->h * b->w);
}

/* n x m, row by row without gaps, and as bright as can be. False if the ink is
   so little that it all was rounded away. */
static bool scale(uint8_t *out, const source *s, const box *b, size_t n,
                  size_t m)
{
    unsigned most = 0;
    for (size_t i = 0; i < n * m; i++) {
        out[i] = mean(s, b, i / m, n, i % m, m);
        most = out[i] > most ? out[i] : most;
    }
    if (most == 0)
        return false;
    for (size_t i = 0; i < n * m; i++)
        out[i] = (uint8_t)rounded(UINT64_C(255) * out[i], most);
    return true;
}

/* ---- Place ---- */

/* floor(size / 2 - moment / mass + 1 / 2), so that it lies inside. */
static size_t place(size_t size, size_t taken, uint64_t moment, uint64_t mass)
{
    uint64_t middle = (size + 1) * mass, shift = 2 * moment;
    uint64_t at = middle > shift ? (middle - shift) / (2 * mass) : 0;
    return at < size - taken ? (size_t)at : size - taken;
}

/* From n x m without gaps to its place in rows x cols; the last row first, so
   that no row is written over before it has moved. */
static void move(uint8_t *out, size_t rows, size_t cols, size_t n, size_t m)
{
    uint64_t mass = 0, down = 0, across = 0;
    for (size_t i = 0; i < n * m; i++) {
        mass += out[i];
        down += (uint64_t)out[i] * (i / m);
        across += (uint64_t)out[i] * (i % m);
    }
    size_t y = place(rows, n, down, mass), x = place(cols, m, across, mass);
    for (size_t row = rows; row-- > 0;) {
        uint8_t *line = out + row * cols;
        bool taken = row >= y && row < y + n;
        if (taken)
            memmove(line + x, out + (row - y) * m, m);
        memset(line, 0, taken ? x : cols);
        if (taken)
            memset(line + x + m, 0, cols - x - m);
    }
}

int mnist_preprocess(uint8_t *out, size_t out_rows, size_t out_cols,
                     const uint8_t *pixels, size_t rows, size_t cols)
{
    source s = {.pixels = pixels, .rows = rows, .cols = cols};
    if (!find_levels(&s))
        return 0;
    box b = find_box(&s);
    size_t h = (5 * out_rows + 3) / 7, w = (5 * out_cols + 3) / 7;
    size_t n = h, m = w;
    if (b.h * w >= b.w * h)
        m = (size_t)rounded((uint64_t)b.w * h, b.h);
    else
        n = (size_t)rounded((uint64_t)b.h * w, b.w);
    n = n ? n : 1;
    m = m ? m : 1;
    if (!scale(out, &s, &b, n, m))
        return 0;
    move(out, out_rows, out_cols, n, m);
    return 1;
}

int mnist_looks_inverted(const uint8_t *pixels, size_t rows, size_t cols)
{
    size_t sum = 0, count = 0;
    for (size_t i = 0; i < rows * cols; i = mnist_border_next(i, rows, cols))
        sum += pixels[i], count++;
    return 2 * sum > 255 * count;
}
