/* The kinds of layers, each from the file of its name. */
#ifndef LAYERS_KINDS_H
#define LAYERS_KINDS_H

#include "layers/layer.h"

extern const mnist_layer_kind mnist_layer_dense;
extern const mnist_layer_kind mnist_layer_conv2d;
extern const mnist_layer_kind mnist_layer_avgpool;
extern const mnist_layer_kind mnist_layer_maxpool;
extern const mnist_layer_kind mnist_layer_dropout;
extern const mnist_layer_kind mnist_layer_flatten;
extern const mnist_layer_kind mnist_layer_relu;
extern const mnist_layer_kind mnist_layer_tanh;
extern const mnist_layer_kind mnist_layer_sigmoid;
extern const mnist_layer_kind mnist_layer_softmax;

#endif
