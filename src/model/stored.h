/* What weights.c has for checkpoints, which are weights files with more in
   them: their notes, their saving and their opening. */
#ifndef MODEL_STORED_H
#define MODEL_STORED_H

#include "model/blocks.h"

#include <mnist/weights.h>

#define MNIST_MAX_NOTES 128

struct mnist_notes {
    char name[MNIST_FILE_NAME]; /* of the file, for messages */
    mnist_note note[MNIST_MAX_NOTES];
    size_t count;
    char *strings; /* what the notes point into */
};

/* mnist_weights_save with more blocks than the network's own. */
mnist_status mnist_stored_save(const mnist_network *net,
                               float *const blocks[MNIST_BLOCKS],
                               const char *path, const mnist_note *notes,
                               size_t count, mnist_error *err);

/*
 * Reads a file as far as mnist_weights_load does before it looks at the
 * tensors: its notes are right, and *plan is its network, without memory for
 * parameters.
 * out, plan: written only on success; release both.
 */
mnist_status mnist_stored_open(mnist_safetensors **out, mnist_network **plan,
                               const char *path, mnist_error *err);

#endif
