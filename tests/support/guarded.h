/* Memory that ends where the process may not read: what reads or writes one
   byte further is stopped at once. */
#ifndef SUPPORT_GUARDED_H
#define SUPPORT_GUARDED_H

#include <stddef.h>

typedef struct guarded {
    float *data; /* n floats, all of them 0, and behind them a forbidden page */
    void *pages;
    size_t size; /* of the pages, in bytes */
} guarded;

guarded guarded_floats(size_t n);
void guarded_free(guarded *memory);

#endif
