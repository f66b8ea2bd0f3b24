/* What network.c, workspace.c and weights.c share: the chain of stages. */
#ifndef MODEL_CHAIN_H
#define MODEL_CHAIN_H

#include "layers/layer.h"

#include <mnist/network.h>
#include <mnist/spec.h>

/*
 * A stage is a layer or, behind it, its activation, which works in place. The
 * softmax of the last layer is no stage: the loss has it.
 */
struct mnist_network {
    char line[MNIST_LINE_MAX];
    size_t rows, cols;
    float scale;
    size_t stages;
    mnist_layer *stage;
    size_t parameters; /* as users count them */

    /* All tensors in one block, each beginning at a multiple of 16 floats, so
       that the optimizer is one loop. What is between them is 0. */
    size_t size;
    float *block;
};

/*
 * mnist_network_new in two steps. A plan has its tensors' names and sizes but
 * no memory for them, so a file's network line can be held against the file's
 * tensors before it costs anything. place takes the block of all parameters,
 * zeros, and gives each tensor its place in it.
 */
mnist_status mnist_network_plan(mnist_network **out, const char *line,
                                size_t rows, size_t cols, float scale,
                                mnist_error *err);
mnist_status mnist_network_place(mnist_network *net, mnist_error *err);

/* What a workspace is made for: each includes those before it. */
typedef enum mnist_purpose {
    MNIST_FORWARD,
    MNIST_LEARN,    /* mnist_network_learn */
    MNIST_GRADIENTS /* mnist_network_backward, which keeps the gradients */
} mnist_purpose;
mnist_status mnist_workspace_make(mnist_workspace **out, mnist_network *net,
                                  size_t batch, unsigned threads,
                                  mnist_purpose purpose, mnist_error *err);

/*
 * From now on the workspace computes with kernels that are faster but do not
 * give the strict ones' bits (kernels/tiled.h), if the network and the
 * processor are made for them; *why is NULL then, else why not, lent. Fails
 * with MNIST_ERROR_MEMORY.
 */
mnist_status mnist_workspace_hasten(mnist_workspace *ws, const char **why,
                                    mnist_error *err);

/* The name of the kernels that it computes with; them and its threads. */
const char *mnist_workspace_kernels(const mnist_workspace *ws);
const mnist_engine *mnist_workspace_engine(const mnist_workspace *ws);

/*
 * What a step is made of, for who wants to see its parts: begin gathers the
 * batch, then each stage forward gives its output; backward, from the last
 * stage to the first one with something to learn, each takes dy and gives that
 * of the stage before. Of the first nobody wants it.
 */
void mnist_workspace_begin(mnist_workspace *ws, const mnist_batch *batch);
float *mnist_stage_forward(mnist_workspace *ws, size_t s);
float *mnist_stage_backward(mnist_workspace *ws, size_t s, float *dy,
                            const mnist_sink *sink);
size_t mnist_network_first_learning(const mnist_network *net);

/* What stage s took in the forward last done. */
const float *mnist_stage_input(const mnist_workspace *ws, size_t s);

/*
 * mnist_network_backward, but the gradients go to the sink, layer by layer. In
 * a workspace made for it parameters lie as learning is fastest, some kernels
 * in panels, and so must the sink's arrays: its w is mnist_workspace_weights.
 *
 * take copies the network's parameters into the workspace, give back into the
 * network; in between they are the workspace's own.
 */
void mnist_network_learn(mnist_workspace *ws, float *dlogits,
                         const mnist_sink *sink);
float *mnist_workspace_weights(mnist_workspace *ws);
void mnist_workspace_take(mnist_workspace *ws);
void mnist_workspace_give(const mnist_workspace *ws);

/*
 * For many images forward: gives the workspace a copy of the network's
 * parameters that lies as above, until leave. True if it did; false where
 * nothing would lie otherwise, where the workspace has its own already, and
 * without memory for it, since all is only slower then.
 */
bool mnist_workspace_use_panels(mnist_workspace *ws);
void mnist_workspace_leave_panels(mnist_workspace *ws);

/* Whether any kernel lies in panels where the network learns. */
bool mnist_network_has_panels(const mnist_network *net);

/* Copies an array that is laid out as the block of all parameters from row by
   row to panels, or back. They must not overlap. */
void mnist_network_arrange(const mnist_network *net, bool panels, float *from,
                           float *to);

/* Copies the network's stages, with their parameters in a block in panels. */
void mnist_network_stages_on(const mnist_network *net, float *block,
                             mnist_layer *stage);

#endif
