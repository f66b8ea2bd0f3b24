#include <mnist/batch.h>

#include "base/memory.h"

#include <mnist/random.h>

struct mnist_batches {
    const mnist_dataset *from;
    uint32_t *order; /* of this epoch */
    uint32_t count;
    uint32_t at; /* first of the next batch */
    size_t size;
    int shuffle;
    uint64_t seed;
};

mnist_status mnist_batches_new(mnist_batches **out, const mnist_dataset *from,
                               size_t size, int shuffle, uint64_t seed,
                               mnist_error *err)
{
    if (size == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "batch size 0, expected at least 1");
    if (from->count > UINT32_MAX)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%zu images, expected at most %lu", from->count,
                          (unsigned long)UINT32_MAX);
    mnist_batches *batches = mnist_alloc(1, sizeof *batches);
    uint32_t *order = mnist_alloc(from->count, sizeof *order);
    if (!batches || !order) {
        mnist_free(batches);
        mnist_free(order);
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for the order of %zu images",
                          from->count);
    }
    *batches = (mnist_batches){.from = from,
                               .order = order,
                               .count = (uint32_t)from->count,
                               .size = size,
                               .shuffle = shuffle,
                               .seed = seed};
    mnist_batches_start(batches, 0);
    *out = batches;
    return MNIST_OK;
}

size_t mnist_batches_steps(const mnist_batches *batches)
{
    /* Not (count + size - 1) / size: size may be anything. */
    return batches->count / batches->size +
           (batches->count % batches->size != 0);
}

void mnist_batches_start(mnist_batches *batches, uint64_t epoch)
{
    /* From the order of the file, not from that of the epoch before: so an
       epoch's order needs no history. */
    for (uint32_t i = 0; i < batches->count; i++)
        batches->order[i] = i;
    if (batches->shuffle) {
        mnist_random stream =
            mnist_random_stream(batches->seed, MNIST_RANDOM_SHUFFLE, epoch);
        mnist_random_shuffle(&stream, batches->order, batches->count);
    }
    batches->at = 0;
}

size_t mnist_batches_next(mnist_batches *batches, mnist_batch *out)
{
    size_t left = batches->count - batches->at;
    size_t count = left < batches->size ? left : batches->size;
    *out = (mnist_batch){batches->from, batches->order + batches->at, count};
    batches->at += (uint32_t)count;
    return count;
}

void mnist_batches_free(mnist_batches *batches)
{
    if (batches)
        mnist_free(batches->order);
    mnist_free(batches);
}
