/* RMSprop on all parameters of a network: its state, its steps on all threads.
 */
#ifndef TRAINING_OPTIMIZER_H
#define TRAINING_OPTIMIZER_H

#include "kernels/engine.h"

#include <mnist/error.h>
#include <mnist/rmsprop.h>

/* The settings, each rounded once to the float that the kernels use. */
mnist_rmsprop_factors mnist_rmsprop_rounded(const mnist_rmsprop *rule);

typedef struct mnist_optimizer {
    mnist_rmsprop_factors factors;
    size_t n;
    float *v; /* n; mean square of the gradients */
    float *s; /* n; NULL without momentum */
    float *a; /* n; NULL unless centered */
} mnist_optimizer;

/* For n parameters; all state is 0. Fails with MNIST_ERROR_MEMORY. */
mnist_status mnist_optimizer_start(mnist_optimizer *optimizer,
                                   const mnist_rmsprop *rule, size_t n,
                                   mnist_error *err);

/* An optimizer that is all zero is fine. */
void mnist_optimizer_stop(mnist_optimizer *optimizer);

/* One step of the parameters w with their gradient g, n each, at this learning
   rate. */
void mnist_optimizer_step(mnist_optimizer *optimizer,
                          const mnist_engine *engine, double lr, float *w,
                          const float *g);

#endif
