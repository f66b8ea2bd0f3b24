/* Random numbers to feed arithmetic with. */
#ifndef SUPPORT_NUMBERS_H
#define SUPPORT_NUMBERS_H

#include <mnist/random.h>

#include <stddef.h>

/* -4 to 4. */
void fill_plain(mnist_random *r, float *x, size_t n);

/* Of every size, one in eight of them awkward: zeros of both signs, denormals,
   the largest, infinities, NaN. */
void fill_awkward(mnist_random *r, float *x, size_t n);

/* -4 to 4, about four in five of them 0, some of those -0. */
void fill_sparse(mnist_random *r, float *x, size_t n);

#endif
