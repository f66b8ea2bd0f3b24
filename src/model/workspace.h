/* What a workspace holds, for those who make one and run networks in it. */
#ifndef MODEL_WORKSPACE_H
#define MODEL_WORKSPACE_H

#include "kernels/tiled.h"
#include "model/chain.h"

/* A stage's input is the output of the one before, unless one of them has rows
   of values and the other pictures in blocks. */
struct mnist_workspace {
    mnist_network *net;

    /* The network's own; or, where it learns in panels, copies of its stages,
       whose parameters are in `weights`. */
    mnist_layer *stage;
    float *weights;

    mnist_engine engine;
    mnist_engine alone; /* the same on one thread: any worker may use it */
    size_t batch;       /* most images at once */
    float **x;          /* for each stage its input */
    float **y;          /* and its output; in place the same */
    /* Where the first stage that does anything takes images, x of it is NULL,
       and these are where they are and what they are. */
    const uint8_t **image;
    mnist_images images;
    /* Fast, where they are in tiles, and the kernels that do that. */
    mnist_tiled tiled;
    void *tiled_memory; /* else NULL */
    mnist_kernels hastened;
    float *gradient;   /* as the network's block; NULL unless training */
    float *dy[2];      /* a stage's dy and dx, changing places */
    float *block;      /* of each worker: the same twice for one block */
    size_t block_size; /* floats of it */
    float *kept;       /* what stages keep from prepare on, stage by stage */
    float *memory;     /* what x, y and dy lie in */
    mnist_pass pass;   /* of the forward last done */
};

/* Whether stage s takes its input as the stage before leaves it. */
static inline bool mnist_takes_as_left(const mnist_network *net, size_t s)
{
    return net->stage[s].kind->blocks == net->stage[s - 1].kind->blocks;
}

/* Floats that a stage keeps; places of them follow each other. */
static inline size_t mnist_kept_by(const mnist_network *net, size_t s)
{
    enum { UNIT = 16 };
    const mnist_layer *layer = &net->stage[s];
    size_t floats = layer->kind->kept ? layer->kind->kept(layer) : 0;
    return (floats + UNIT - 1) / UNIT * UNIT;
}

#endif
