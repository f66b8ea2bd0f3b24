#include "model/layout.h"

#include "kernels/pictures.h"

#include <string.h>

/* Values of the pictures of a block that are moved at a time: all of it stays
   in the first-level cache. */
enum { CHUNK = 64 };

typedef struct {
    const mnist_engine *engine;
    const mnist_batch *batch;
    float scale;
    size_t N, size;
    bool to_blocks;
    const float *from;
    float *to;
} layout_job;

/* Some values of one block: number `block`, values first .. first+count-1 of
   its `lanes` pictures. */
typedef struct {
    size_t block, lanes, first, count;
} piece;

static size_t chunks_of(const layout_job *job)
{
    return (job->size + CHUNK - 1) / CHUNK;
}

static piece piece_at(const layout_job *job, size_t i)
{
    size_t chunks = chunks_of(job), block = i / chunks;
    size_t first = i % chunks * CHUNK, left = job->size - first;
    size_t lanes = job->N - block * MNIST_LANES;
    return (piece){block, lanes < MNIST_LANES ? lanes : MNIST_LANES, first,
                   left < CHUNK ? left : CHUNK};
}

static mnist_range own_pieces(const layout_job *job, unsigned worker,
                              unsigned workers)
{
    return mnist_share(mnist_blocks_of(job->N) * chunks_of(job), 1, worker,
                       workers);
}

static size_t place_in_blocks(const layout_job *job, const piece *p)
{
    return (p->block * job->size + p->first) * MNIST_LANES;
}

static size_t place_in_rows(const layout_job *job, const piece *p)
{
    return p->block * MNIST_LANES * job->size + p->first;
}

size_t mnist_layout_room(size_t N, bool blocks)
{
    return blocks ? mnist_blocks_of(N) * MNIST_LANES : N;
}

/* ---- From bytes ---- */

static const uint8_t *image_at(const layout_job *job, size_t n)
{
    const mnist_batch *batch = job->batch;
    return batch->from->pixels +
           (batch->index ? batch->index[n] : n) * job->size;
}

static void gather_rows_part(void *context, unsigned worker, unsigned workers)
{
    const layout_job *job = context;
    mnist_range own = mnist_share(job->N, 1, worker, workers);
    for (size_t n = own.first; n < own.end; n++)
        job->engine->kernels->pixels(job->size, image_at(job, n), job->scale,
                                     job->to + n * job->size);
}

static void gather_blocks_part(void *context, unsigned worker, unsigned workers)
{
    const layout_job *job = context;
    const mnist_kernels *kernels = job->engine->kernels;
    mnist_range own = own_pieces(job, worker, workers);
    for (size_t i = own.first; i < own.end; i++) {
        float rows[MNIST_LANES * CHUNK];
        piece p = piece_at(job, i);
        for (size_t l = 0; l < p.lanes; l++)
            kernels->pixels(p.count,
                            image_at(job, p.block * MNIST_LANES + l) + p.first,
                            job->scale, rows + l * CHUNK);
        kernels->pictures->from_rows(p.lanes, p.count, rows, CHUNK,
                                     job->to + place_in_blocks(job, &p));
    }
}

void mnist_layout_gather(const mnist_engine *engine, const mnist_batch *batch,
                         float scale, bool blocks, float *x)
{
    layout_job job = {
        .engine = engine,
        .batch = batch,
        .scale = scale,
        .N = batch->count,
        .size = batch->from->rows * batch->from->cols,
        .to = x,
    };
    mnist_pool_run(engine->pool, blocks ? gather_blocks_part : gather_rows_part,
                   &job);
}

/* ---- From one to the other ---- */

static void convert_part(void *context, unsigned worker, unsigned workers)
{
    const layout_job *job = context;
    const mnist_picture_kernels *kernels = job->engine->kernels->pictures;
    mnist_range own = own_pieces(job, worker, workers);
    for (size_t i = own.first; i < own.end; i++) {
        piece p = piece_at(job, i);
        size_t rows = place_in_rows(job, &p), blocks = place_in_blocks(job, &p);
        if (job->to_blocks)
            kernels->from_rows(p.lanes, p.count, job->from + rows, job->size,
                               job->to + blocks);
        else
            kernels->to_rows(p.lanes, p.count, job->from + blocks,
                             job->to + rows, job->size);
    }
}

void mnist_layout_convert(const mnist_engine *engine, size_t N, size_t size,
                          bool to_blocks, const float *from, float *to)
{
    layout_job job = {
        .engine = engine,
        .N = N,
        .size = size,
        .to_blocks = to_blocks,
        .from = from,
        .to = to,
    };
    mnist_pool_run(engine->pool, convert_part, &job);
}
