/*
 * The parameters of a network and the arrays that training keeps beside them,
 * all laid out as the network's block, as tensors of a file: each tensor of the
 * network over again, under its name with the block's prefix.
 */
#ifndef MODEL_BLOCKS_H
#define MODEL_BLOCKS_H

#include "model/safetensors.h"

#include <mnist/network.h>

/* In the order of the file. */
typedef enum mnist_block {
    MNIST_BLOCK_WEIGHTS, /* dense.kernel */
    MNIST_BLOCK_V,       /* optimizer.v.dense.kernel: RMSprop's mean square */
    MNIST_BLOCK_S,       /* optimizer.s.dense.kernel: its momentum */
    MNIST_BLOCK_A,       /* optimizer.a.dense.kernel: its mean, if centered */
    MNIST_BLOCK_BEST,    /* best.dense.kernel: the weights of the best epoch */
    MNIST_BLOCKS
} mnist_block;

/* A set of blocks: bit 1 << block. */
typedef unsigned mnist_block_set;

/*
 * Saves those of the blocks that are not NULL; the first never is. Takes memory
 * for the names of the tensors, and for all of the data.
 * Fails as mnist_safetensors_save does, and with MNIST_ERROR_DIVERGED when a
 * value is not finite: such a file is never written.
 */
mnist_status mnist_blocks_save(const mnist_network *net,
                               float *const blocks[MNIST_BLOCKS],
                               const char *path, const mnist_note *metadata,
                               size_t metadata_count, mnist_error *err);

/* The blocks of which a file has any tensor. */
mnist_block_set mnist_blocks_stored(const mnist_safetensors *file);

/*
 * MNIST_ERROR_WEIGHTS, naming the first tensor that is wrong, unless the file
 * holds the tensors of these blocks: all, no others, in order, each in the
 * shape that the network gives it and finite. The network may be a plan.
 */
mnist_status mnist_blocks_check(const mnist_safetensors *file,
                                const mnist_network *net,
                                mnist_block_set blocks, mnist_error *err);

/* Copies from a file that was checked to the blocks that are not NULL. */
void mnist_blocks_load(const mnist_safetensors *file, const mnist_network *net,
                       float *const blocks[MNIST_BLOCKS]);

#endif
