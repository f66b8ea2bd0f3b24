/* Pictures as rows of values, one behind the other, and as blocks of 16 side by
   side (kernels/pictures.h): from bytes into either, and from one to the other,
   on all threads. */
#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include "kernels/engine.h"

#include <mnist/batch.h>

#include <stdbool.h>

/* Pictures for which an array of N must have room. */
size_t mnist_layout_room(size_t N, bool blocks);

/* x = the batch's pixels / scale. */
void mnist_layout_gather(const mnist_engine *engine, const mnist_batch *batch,
                         float scale, bool blocks, float *x);

/* N pictures of `size` values from rows into blocks, whose lanes without a
   picture become 0, or from blocks into rows. */
void mnist_layout_convert(const mnist_engine *engine, size_t N, size_t size,
                          bool to_blocks, const float *from, float *to);

#endif
