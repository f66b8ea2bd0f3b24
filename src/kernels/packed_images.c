/* Packing images: a batch's are looked at in place, four by four. */
#include "kernels/alike.h"
#include "kernels/packed.h"

#include <string.h>

enum { ROWS = MNIST_PACKED_ROWS };

/* ---- Rows ---- */

static void pack_group(const mnist_packed *packed, size_t g, size_t N, size_t K,
                       const mnist_images *images, const mnist_kernels *kernels)
{
    const uint8_t *row[ROWS];
    for (size_t r = 0; r < ROWS; r++) {
        size_t n = g * ROWS + r;
        row[r] = images->row[packed->row[n < N ? n : N - 1]];
    }
    packed->count[g] = kernels->pack_rows(
        K, row, images, packed->value + g * packed->most * ROWS,
        packed->at + g * packed->most);
}

void mnist_pack_image_rows(const mnist_packed *packed, mnist_range groups,
                           const mnist_images *images,
                           const mnist_kernels *kernels, size_t N, size_t K)
{
    enum { BLOCK = MNIST_ALIKE_MOST, GROUPS = BLOCK / ROWS };
    for (size_t g = groups.first; g < groups.end;) {
        uint32_t order[BLOCK];
        size_t first = g / GROUPS * GROUPS, begin = (g - first) * ROWS;
        size_t count = N - first * ROWS < BLOCK ? N - first * ROWS : BLOCK;
        size_t end = first + GROUPS < groups.end ? first + GROUPS : groups.end;
        size_t own =
            (end - first) * ROWS < count ? (end - first) * ROWS : count;
        mnist_order_alike(images, kernels, K, first * ROWS, count, order);
        memcpy(packed->row + g * ROWS, order + begin,
               (own - begin) * sizeof *order);
        for (; g < end; g++)
            pack_group(packed, g, N, K, images, kernels);
    }
}

/* ---- Columns ---- */

/* Groups first.. of row n, whose pixels begin at the first of them. */
static void append(const mnist_packed *packed, size_t first, size_t groups,
                   const uint8_t *pixels, const mnist_images *images,
                   const mnist_kernels *kernels, size_t n)
{
    size_t g = first - packed->first, term = g * packed->most;
    kernels->pack_columns(groups, pixels, images, (uint32_t)n, packed->most,
                          packed->value + term * ROWS, packed->at + term,
                          packed->count + g);
}

void mnist_pack_image_columns(const mnist_packed *packed, mnist_range groups,
                              const mnist_images *images,
                              const mnist_kernels *kernels, size_t N, size_t K)
{
    enum { AHEAD = 8 };
    if (groups.first >= groups.end)
        return;
    size_t whole = groups.end < K / ROWS ? groups.end : K / ROWS;
    for (size_t g = groups.first; g < groups.end; g++)
        packed->count[g - packed->first] = 0;
    for (size_t n = 0; n < N; n++) {
        const uint8_t *row = images->row[n];
        uint8_t last[ROWS] = {0};
        if (n + AHEAD < N)
            mnist_ask_for(images->row[n + AHEAD] + groups.first * ROWS,
                          (whole - groups.first) * ROWS);
        append(packed, groups.first, whole - groups.first,
               row + groups.first * ROWS, images, kernels, n);
        if (whole == groups.end)
            continue;
        memcpy(last, row + whole * ROWS, K - whole * ROWS);
        append(packed, whole, 1, last, images, kernels, n);
    }
}
