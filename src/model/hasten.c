/* A workspace that computes on tiles. */
#include "base/memory.h"
#include "kernels/tiled.h"
#include "model/workspace.h"

static mnist_status take_tiles(mnist_workspace *ws, const mnist_tiles *tiles)
{
    size_t pixels = ws->net->rows * ws->net->cols;
    unsigned threads = mnist_pool_size(ws->engine.pool);
    size_t bytes = mnist_tiled_bytes(ws->batch, pixels, threads);
    ws->tiled_memory = mnist_alloc(bytes, 1);
    if (!ws->tiled_memory)
        return MNIST_ERROR_MEMORY;
    ws->tiled = mnist_tiled_place(ws->tiled_memory, ws->batch, pixels, threads);
    ws->pass.tiled = &ws->tiled;
    ws->hastened = *ws->engine.kernels;
    ws->hastened.name = tiles->name;
    ws->hastened.tiles = tiles;
    ws->hastened.rmsprop = tiles->rmsprop;
    ws->engine.kernels = ws->alone.kernels = &ws->hastened;
    return MNIST_OK;
}

mnist_status mnist_workspace_hasten(mnist_workspace *ws, const char **why,
                                    mnist_error *err)
{
    const mnist_tiles *tiles = mnist_tiles_now(why);
    if (!ws->image)
        *why = "the network does not begin with a dense layer of more than 16 "
               "units";
    if (!tiles || !ws->image)
        return MNIST_OK;
    *why = NULL;
    if (take_tiles(ws, tiles))
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory for batches of %zu images in tiles; "
                          "try a smaller batch",
                          ws->batch);
    return MNIST_OK;
}

const char *mnist_workspace_kernels(const mnist_workspace *ws)
{
    return ws->engine.kernels->name;
}
