/**
 * A chain of layers: shapes, parameters, forward, backward.
 *
 * A mnist_network holds what is learned; a mnist_workspace holds what running
 * it needs (activations, gradients, threads). Several workspaces may run one
 * network at the same time as long as none of them trains it.
 */
#ifndef MNIST_NETWORK_H
#define MNIST_NETWORK_H

#include <mnist/api.h>
#include <mnist/batch.h>
#include <mnist/error.h>
#include <mnist/layer.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mnist_network mnist_network;
typedef struct mnist_workspace mnist_workspace;

/**
 * Builds a network from its line (see spec.h); its parameters are 0.
 *
 * rows, cols: size of the images. scale: pixels enter as pixel / scale, > 0.
 * out: written only on success; release it with mnist_network_free.
 * Fails with MNIST_ERROR_ARGUMENT (the message names the layer and says what
 * would do; err->column points at it) or MNIST_ERROR_MEMORY.
 */
MNIST_API mnist_status mnist_network_new(mnist_network **out, const char *line,
                                         size_t rows, size_t cols, float scale,
                                         mnist_error *err);

/** NULL is fine. */
MNIST_API void mnist_network_free(mnist_network *net);

/**
 * Starts the parameters: kernels Glorot-uniform, biases 0.
 *
 *     limit = sqrt(6 / (fan_in + fan_out)),  w uniform in [-limit, limit)
 *
 * Source: Glorot, Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", AISTATS 2010, eq. 16.
 */
MNIST_API void mnist_network_init(mnist_network *net, uint64_t seed);

/** What it was built from; the line is lent, as long as the network lives. */
MNIST_API const char *mnist_network_line(const mnist_network *net);
MNIST_API float mnist_network_scale(const mnist_network *net);
MNIST_API size_t mnist_network_rows(const mnist_network *net);
MNIST_API size_t mnist_network_cols(const mnist_network *net);

/** Outputs of its last layer, 2 to 256. */
MNIST_API size_t mnist_network_classes(const mnist_network *net);

/** Numbers that it learns, in all its tensors. */
MNIST_API size_t mnist_network_parameters(const mnist_network *net);

/**
 * Tensor number i, in the order of the layers; NULL past the last. Lent, as
 * long as the network lives. Its data may be written while no workspace runs
 * the network and no trainer holds it: that is how weights come in from
 * elsewhere.
 */
MNIST_API const mnist_tensor *mnist_network_tensor(const mnist_network *net,
                                                   size_t i);

/** Row number i of the layer table; returns 0 past the last. */
MNIST_API int mnist_network_layer(const mnist_network *net, size_t i,
                                  mnist_layer_info *out);

/**
 * The memory and the threads to run `net`, which must outlive it.
 *
 * batch: most images at once, at least 1. threads: 0 means one a processor;
 * where the system refuses a thread, fewer run, with the same results.
 * training: whether backward will be asked for.
 * out: written only on success; release it with mnist_workspace_free. One
 * workspace serves one caller at a time. Nothing that runs in it allocates.
 * Fails with MNIST_ERROR_ARGUMENT or MNIST_ERROR_MEMORY.
 */
MNIST_API mnist_status mnist_workspace_new(mnist_workspace **out,
                                           mnist_network *net, size_t batch,
                                           unsigned threads, int training,
                                           mnist_error *err);

/** NULL is fine. */
MNIST_API void mnist_workspace_free(mnist_workspace *ws);

/** What it was made with; threads are those that it got, at least 1. */
MNIST_API mnist_network *mnist_workspace_network(const mnist_workspace *ws);
MNIST_API size_t mnist_workspace_batch(const mnist_workspace *ws);
MNIST_API unsigned mnist_workspace_threads(const mnist_workspace *ws);

/**
 * Runs a batch through the network and lends its logits, count x classes,
 * row-major: the last layer's values before softmax. batch->count must not be
 * above the workspace's batch, and the images must have the network's size.
 * Cannot fail. Valid until the next call with this workspace.
 */
MNIST_API const float *mnist_network_forward(mnist_workspace *ws,
                                             const mnist_batch *batch);

/**
 * The same as a step of training: layers that draw random numbers (dropout) do
 * so, by the seed, the epoch and the numbers of the images.
 */
MNIST_API const float *mnist_network_forward_training(mnist_workspace *ws,
                                                      const mnist_batch *batch,
                                                      uint64_t seed,
                                                      uint64_t epoch);

/**
 * The penalty that layers with l1 or l2 add to the loss:
 * sum over kernels of l1 * sum |w| + l2 * sum w^2.
 */
MNIST_API double mnist_network_penalty(mnist_workspace *ws);

/**
 * Takes the gradient of the loss with respect to the logits of the forward just
 * done (dlogits, count x classes, overwritten) back through the network, once
 * for a forward, and lends the gradient of all parameters, penalty included.
 * Only for a workspace made for training. Cannot fail. Tensor i's gradient is
 * at mnist_workspace_gradient(ws, i), laid out as the tensor itself.
 */
MNIST_API void mnist_network_backward(mnist_workspace *ws, float *dlogits);

/** Lent until the next backward; NULL past the last tensor, and of a workspace
 * that was not made for training. */
MNIST_API const float *mnist_workspace_gradient(const mnist_workspace *ws,
                                                size_t i);

#ifdef __cplusplus
}
#endif
#endif
