#include "data/grey.h"

#include "base/memory.h"
#include "data/border.h"

/* What some pixels are in the mean, the opaque ones counting most. */
typedef struct mean {
    uint64_t alpha, grey; /* sums; of the grey, weighted by alpha */
    uint64_t count;
} mean;

static void add(mean *m, const mnist_raster *raster, size_t i)
{
    m->alpha += raster->alpha[i];
    m->grey += (uint64_t)raster->alpha[i] * raster->grey[i];
    m->count++;
}

static mean mean_of_border(const mnist_raster *raster)
{
    mean m = {0};
    size_t rows = raster->rows, cols = raster->cols;
    for (size_t i = 0; i < rows * cols; i = mnist_border_next(i, rows, cols))
        add(&m, raster, i);
    return m;
}

static unsigned background(const mnist_raster *raster)
{
    mean border = mean_of_border(raster), all = {0};
    if (2 * border.alpha >= 255 * border.count) {
        uint64_t twice = 2 * border.grey + border.alpha;
        return (unsigned)(twice / (2 * border.alpha));
    }
    for (size_t i = 0; i < raster->rows * raster->cols; i++)
        add(&all, raster, i);
    return all.alpha && 2 * all.grey < 255 * all.alpha ? 255 : 0;
}

void mnist_grey_flatten(mnist_raster *raster)
{
    if (!raster->alpha)
        return;
    unsigned below = background(raster);
    for (size_t i = 0; i < raster->rows * raster->cols; i++) {
        unsigned a = raster->alpha[i];
        unsigned sum = a * raster->grey[i] + (255 - a) * below;
        raster->grey[i] = (uint8_t)((sum + 127) / 255);
    }
    mnist_free(raster->alpha);
    raster->alpha = NULL;
}

void mnist_grey_free(mnist_raster *raster)
{
    mnist_free(raster->grey);
    mnist_free(raster->alpha);
    *raster = (mnist_raster){0};
}
