#include "kernels/product.h"

#include <string.h>

const mnist_tile *mnist_product_tile(const mnist_kernels *kernels, size_t N)
{
    return N <= kernels->narrow.cols ? &kernels->narrow : &kernels->wide;
}

/* Rows that the tile has and c has not are computed as its last one. */
static void run_tile(const mnist_product *p, const mnist_tile *tile,
                     mnist_product_block part)
{
    _Alignas(64) float c[MNIST_TILE_ROWS * MNIST_TILE_COLS];
    const float *a[MNIST_TILE_ROWS];
    bool in_place = p->c && part.rows == tile->rows;
    for (size_t r = 0; r < tile->rows; r++)
        a[r] = p->a + (part.i + (r < part.rows ? r : part.rows - 1)) * p->a_row;
    part.c = in_place ? p->c + part.i * p->c_row + part.j : c;
    part.c_row = in_place ? p->c_row : tile->cols;
    tile->run(p->K, a, p->a_step, p->b + part.j, p->b_row, part.cols, part.c,
              part.c_row);
    if (!p->c)
        p->take(p->context, &part);
    for (size_t r = 0; p->c && !in_place && r < part.rows; r++)
        memcpy(p->c + (part.i + r) * p->c_row + part.j, c + r * part.c_row,
               part.cols * sizeof *c);
}

void mnist_product_run(const mnist_product *p, const mnist_tile *tile,
                       mnist_range rows, mnist_range cols)
{
    for (size_t j = cols.first; j < cols.end; j += tile->cols) {
        size_t width = cols.end - j < tile->cols ? cols.end - j : tile->cols;
        for (size_t i = rows.first; i < rows.end; i += tile->rows) {
            size_t count =
                rows.end - i < tile->rows ? rows.end - i : tile->rows;
            run_tile(
                p, tile,
                (mnist_product_block){i, count, j, width, NULL, 0, p->K == 0});
        }
    }
}
