#include "kernels/product.h"

#include <string.h>

mnist_axis mnist_axis_stride(size_t floats)
{
    return (mnist_axis){MNIST_AXIS_STRIDE, floats, NULL};
}

mnist_axis mnist_axis_patches(const mnist_window *window)
{
    return (mnist_axis){MNIST_AXIS_PATCHES, 0, window};
}

mnist_axis mnist_axis_elements(const mnist_window *window)
{
    return (mnist_axis){MNIST_AXIS_ELEMENTS, 0, window};
}

/* Counts through the items of an axis: an inner index, and how far the next
   item lies where it, or the one around it, ends. */
typedef struct {
    size_t at;           /* place of the item */
    size_t inner, outer; /* its indexes */
    size_t inner_end, outer_end;
    size_t step, line, picture; /* from one to the next of each */
} walk;

static walk start_walk(const mnist_axis *axis, size_t i)
{
    const mnist_window *w = axis->window;
    if (axis->kind == MNIST_AXIS_STRIDE)
        return (walk){.at = i * axis->stride,
                      .inner_end = SIZE_MAX,
                      .step = axis->stride};
    walk at = {.line = w->W * w->C};
    if (axis->kind == MNIST_AXIS_ELEMENTS) {
        at.inner_end = w->width * w->C;
        at.outer_end = SIZE_MAX;
        at.step = 1;
    } else {
        at.inner_end = w->W - w->width + 1;
        at.outer_end = w->H - w->height + 1;
        at.step = w->C;
        at.picture = w->H * at.line;
    }
    size_t line = i / at.inner_end;
    at.inner = i % at.inner_end;
    at.outer = line % at.outer_end;
    at.at = line / at.outer_end * at.picture + at.outer * at.line +
            at.inner * at.step;
    return at;
}

static void next(walk *at)
{
    at->at += at->step;
    if (++at->inner < at->inner_end)
        return;
    at->at += at->line - at->inner * at->step;
    at->inner = 0;
    if (++at->outer < at->outer_end)
        return;
    at->at += at->picture - at->outer * at->line;
    at->outer = 0;
}

void mnist_terms(size_t K, mnist_axis a, mnist_axis b, mnist_term *term)
{
    walk of_a = start_walk(&a, 0), of_b = start_walk(&b, 0);
    for (size_t t = 0; t < K; t++, next(&of_a), next(&of_b))
        term[t] = (mnist_term){(uint32_t)of_a.at, (uint32_t)of_b.at};
}

const mnist_tile *mnist_product_tile(const mnist_kernels *kernels, size_t N)
{
    return N <= kernels->narrow.cols ? &kernels->narrow : &kernels->wide;
}

/* The chains after the first, each added to c. */
static void add_chains(const mnist_product *p, const mnist_tile *tile,
                       const float **a, size_t j, size_t cols, float *c)
{
    _Alignas(64) float more[MNIST_TILE_ROWS * MNIST_TILE_COLS];
    for (size_t chain = 1; chain < p->chains; chain++) {
        size_t K = chain + 1 < p->chains ? p->K : p->K_last;
        for (size_t r = 0; r < tile->rows; r++)
            a[r] += p->a_step;
        tile->run(K, p->term, a, p->b + chain * p->b_step + j, cols, more,
                  tile->cols);
        for (size_t i = 0; i < tile->rows; i++)
            for (size_t q = 0; q < cols; q++)
                c[i * tile->cols + q] += more[i * tile->cols + q];
    }
}

/* Rows that the tile has and c has not are computed as its last one. */
static void place_rows(const mnist_product *p, const mnist_tile *tile,
                       size_t first, size_t rows, const float **a)
{
    walk at = start_walk(&p->rows, first);
    for (size_t r = 0; r < rows; r++, next(&at))
        a[r] = p->a + at.at;
    for (size_t r = rows; r < tile->rows; r++)
        a[r] = a[r - 1];
}

static void hand_over(const mnist_product *p, const mnist_product_block *part)
{
    if (!p->c) {
        p->take(p->context, part);
        return;
    }
    for (size_t r = 0; r < part->rows; r++)
        memcpy(p->c + (part->i + r) * p->c_row + part->j,
               part->c + r * part->c_row, part->cols * sizeof(float));
}

static void run_tile(const mnist_product *p, const mnist_tile *tile,
                     mnist_product_block part)
{
    _Alignas(64) float c[MNIST_TILE_ROWS * MNIST_TILE_COLS];
    const float *a[MNIST_TILE_ROWS];
    const mnist_term *term = p->term;
    size_t K = p->chains > 1 ? p->K : p->K_last;
    place_rows(p, tile, part.i, part.rows, a);
    if (p->count) {
        size_t group = part.i / MNIST_LIST_ROWS;
        term += group * p->term_row;
        K = p->count[group];
    }
    if (p->c && part.rows == tile->rows && p->chains <= 1) {
        tile->run(K, term, a, p->b + part.j, part.cols,
                  p->c + part.i * p->c_row + part.j, p->c_row);
        return;
    }
    tile->run(K, term, a, p->b + part.j, part.cols, c, tile->cols);
    if (p->chains > 1)
        add_chains(p, tile, a, part.j, part.cols, c);
    part.c = c;
    part.c_row = tile->cols;
    part.zero = K == 0;
    hand_over(p, &part);
}

void mnist_product_run(const mnist_product *p, const mnist_tile *tile,
                       mnist_range rows, mnist_range cols)
{
    for (size_t j = cols.first; j < cols.end; j += tile->cols) {
        size_t width = cols.end - j < tile->cols ? cols.end - j : tile->cols;
        for (size_t i = rows.first; i < rows.end; i += tile->rows) {
            size_t count =
                rows.end - i < tile->rows ? rows.end - i : tile->rows;
            run_tile(p, tile,
                     (mnist_product_block){i, count, j, width, NULL, 0, false});
        }
    }
}
