/* Safetensors files as other programs write them, put together by a test. */
#ifndef SUPPORT_FOREIGN_H
#define SUPPORT_FOREIGN_H

#include "support/temporary.h"

#include <mnist/network.h>

#include <stddef.h>

typedef struct foreign_tensor {
    const char *name;
    unsigned dims;
    size_t size[4];
    const char *type;  /* NULL: F32 */
    const void *bytes; /* NULL: zeros */
} foreign_tensor;

/* Writes the tensors up to the one without a name, in this order, with spaces
   in the JSON as Python's json.dumps puts them; metadata: what is written
   before them, '"__metadata__": {...}, ', or "". Returns the path. */
const char *foreign_write(temporary *t, const char *name, const char *metadata,
                          const foreign_tensor *tensors);

/* The network's tensors as PyTorch has them: names[i] for number i, of which
   those that begin with "!" are left out. */
const char *foreign_pytorch(temporary *t, const char *name,
                            const mnist_network *net, const char *const *names);

#endif
