/* IDX files, as the rest of the library reads them. */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include "data/input.h"

#include <mnist/idx.h>

/* mnist_idx_read_range of a file whose first bytes were looked at. */
mnist_status mnist_idx_read_input(mnist_idx *out, mnist_input *in, size_t first,
                                  size_t end);

#endif
