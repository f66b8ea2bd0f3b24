/* Pictures in blocks (kernels/pictures.h), made and read by plain loops. */
#ifndef SUPPORT_BLOCKS_H
#define SUPPORT_BLOCKS_H

#include <stddef.h>

/* N pictures of `size` values, one behind the other, in blocks; lanes without a
   picture are `rest`. The caller frees it. */
float *blocks_of(size_t N, size_t size, const float *rows, float rest);

/* Back again, from the lanes that have a picture. */
void rows_of(size_t N, size_t size, const float *blocks, float *rows);

#endif
