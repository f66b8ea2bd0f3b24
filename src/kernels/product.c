#include "kernels/product.h"

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

static size_t place(const mnist_axis *axis, size_t i)
{
    const mnist_window *w = axis->window;
    if (axis->kind == MNIST_AXIS_STRIDE)
        return i * axis->stride;
    if (axis->kind == MNIST_AXIS_ELEMENTS) {
        size_t run = w->width * w->C;
        return i / run * w->W * w->C + i % run;
    }
    size_t OW = w->W - w->width + 1, OH = w->H - w->height + 1;
    size_t line = i / OW, picture = line / OH;
    return ((picture * w->H + line % OH) * w->W + i % OW) * w->C;
}

void mnist_terms(size_t K, mnist_axis a, mnist_axis b, mnist_term *term)
{
    for (size_t t = 0; t < K; t++)
        term[t] = (mnist_term){(uint32_t)place(&a, t), (uint32_t)place(&b, t)};
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
        tile->run(K, p->term, a, p->b + chain * p->b_step + j, cols, more);
        for (size_t i = 0; i < tile->rows * tile->cols; i++)
            c[i] += more[i];
    }
}

static void run_tile(const mnist_product *p, const mnist_tile *tile,
                     mnist_part part)
{
    _Alignas(64) float c[MNIST_TILE_ROWS * MNIST_TILE_COLS];
    const float *a[MNIST_TILE_ROWS];
    /* Rows that the tile has and c has not are computed as the last one. */
    for (size_t r = 0; r < tile->rows; r++)
        a[r] = r < part.rows ? p->a + place(&p->rows, part.i + r) : a[r - 1];
    const mnist_term *term = p->term;
    size_t K = p->K;
    if (p->count) {
        size_t group = part.i / MNIST_LIST_ROWS;
        term += group * p->term_row;
        K = p->count[group];
    } else if (p->chains == 1) {
        K = p->K_last;
    }
    tile->run(K, term, a, p->b + part.j, part.cols, c);
    if (p->chains > 1)
        add_chains(p, tile, a, part.j, part.cols, c);
    part.c = c;
    part.c_row = tile->cols;
    part.zero = K == 0;
    p->take(p->context, &part);
}

void mnist_product_run(const mnist_product *p, const mnist_tile *tile,
                       mnist_range rows, mnist_range cols)
{
    for (size_t j = cols.first; j < cols.end; j += tile->cols) {
        size_t width = cols.end - j < tile->cols ? cols.end - j : tile->cols;
        for (size_t i = rows.first; i < rows.end; i += tile->rows) {
            size_t count =
                rows.end - i < tile->rows ? rows.end - i : tile->rows;
            run_tile(p, tile, (mnist_part){i, count, j, width, NULL, 0, false});
        }
    }
}
