/* RMSprop on all parameters of a network: its state, and its steps, each where
   a gradient is made or all at once. */
#ifndef TRAINING_OPTIMIZER_H
#define TRAINING_OPTIMIZER_H

#include "kernels/engine.h"
#include "layers/sink.h"

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

/* What takes a step for each gradient it is given, at this learning rate: for
   parameters whose block begins at w. */
mnist_sink mnist_optimizer_sink(const mnist_optimizer *optimizer, double lr,
                                float *w);

/* The same steps for the gradients of all parameters, on all threads. */
void mnist_optimizer_step(const mnist_optimizer *optimizer,
                          const mnist_engine *engine, double lr, float *w,
                          const float *gradient);

#endif
