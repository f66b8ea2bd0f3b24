/**
 * The optimizer RMSprop, by Keras 3's rule.
 *
 *     v = rho * v + (1 - rho) * g * g
 *     w = w - lr * g / sqrt(v + epsilon)                 momentum 0
 *     s = momentum * s + lr * g / sqrt(v + epsilon)      otherwise
 *     w = w - s
 *
 * Centered, a = rho * a + (1 - rho) * g is kept too, and v - a * a stands in
 * the root in place of v: the gradient's variance. Where rounding makes it
 * negative it is 0.
 *
 * Epsilon stands inside the root, as in Keras 3; PyTorch and Keras 2 add it
 * outside. v starts at 0. A v below 2^-126 becomes 0: it would only decay into
 * denormal numbers, which cost a hundred times the time and, beside epsilon,
 * change no bit of w. The root's inverse is multiplied up from a first guess,
 * within 2 units in the last place, in half the time of a root and a division;
 * what stands in the root counts as the largest float where it is above it.
 *
 * Source: Tieleman, Hinton, "Lecture 6.5 - rmsprop", Coursera 2012; Keras 3,
 * keras/src/optimizers/rmsprop.py.
 */
#ifndef MNIST_RMSPROP_H
#define MNIST_RMSPROP_H

#include <mnist/api.h>
#include <mnist/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mnist_rmsprop {
    double lr;       /* learning rate, 2^-100 to 2^100; default 0.001 */
    double rho;      /* decay of v, 0 <= rho < 1; default 0.9 */
    double momentum; /* 0 <= momentum < 1; default 0 */
    double epsilon;  /* 2^-100 to 2^100; default 1e-7 */
    int centered;    /* default 0 */
} mnist_rmsprop;

/** All the defaults named above: those of Keras. */
MNIST_API mnist_rmsprop mnist_rmsprop_defaults(void);

/** MNIST_ERROR_ARGUMENT with the name and range of a setting out of range. */
MNIST_API mnist_status mnist_rmsprop_check(const mnist_rmsprop *rule,
                                           mnist_error *err);

/** The arrays that a step works on, n values each. */
typedef struct mnist_rmsprop_arrays {
    float *w;       /* parameters, read and written */
    const float *g; /* their gradient */
    float *v;       /* read and written */
    float *s;       /* the same with momentum; else NULL will do */
    float *a;       /* the same if centered; else NULL will do */
} mnist_rmsprop_arrays;

/** One step for n parameters. Cannot fail. */
MNIST_API void mnist_rmsprop_step(const mnist_rmsprop *rule, size_t n,
                                  const mnist_rmsprop_arrays *arrays);

#ifdef __cplusplus
}
#endif
#endif
