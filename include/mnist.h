/**
 * mnist: trains, evaluates and runs the classic digit classifiers.
 *
 * A complete program that trains the tutorials' network and saves it:
 *
 *     #include <mnist.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         mnist_error err;
 *         mnist_dataset data = {0};
 *         mnist_network *net = NULL;
 *         mnist_train_options options = mnist_train_defaults();
 *         mnist_progress last;
 *         mnist_status status =
 *             mnist_dataset_load_part(&data, "data/mnist", MNIST_TRAIN, &err);
 *         if (!status)
 *             status = mnist_network_new(&net,
 *                                        "dense:512:relu,dense:10:softmax",
 *                                        data.rows, data.cols, 255, &err);
 *         if (!status) {
 *             mnist_network_init(net, options.seed);
 *             status = mnist_train(net, &data, &options, &last, &err);
 *         }
 *         if (!status)
 *             status = mnist_weights_save(net, "mnist.safetensors", NULL, 0,
 *                                         &err);
 *         if (status)
 *             fprintf(stderr, "%s\n", err.message);
 *         else
 *             printf("loss %.4f, accuracy %.4f\n", last.loss, last.accuracy);
 *         mnist_network_free(net);
 *         mnist_dataset_free(&data);
 *         return status != MNIST_OK;
 *     }
 *
 * Once installed, it is built with
 *
 *     cc program.c $(pkg-config --cflags --libs mnist) -o program
 *
 * or, from CMake, with find_package(mnist) and the target mnist::mnist.
 *
 * Threads: functions may be called from several threads at once on different
 * objects. Locale: nothing here depends on it.
 */
#ifndef MNIST_H
#define MNIST_H

/* From the bottom to the top: each needs only those above it. */
/* clang-format off */
#include <mnist/api.h>
#include <mnist/error.h>
#include <mnist/file.h>
#include <mnist/random.h>
#include <mnist/idx.h>
#include <mnist/picture.h>
#include <mnist/preprocess.h>
#include <mnist/dataset.h>
#include <mnist/folder.h>
#include <mnist/synth.h>
#include <mnist/batch.h>
#include <mnist/layer.h>
#include <mnist/spec.h>
#include <mnist/network.h>
#include <mnist/weights.h>
#include <mnist/loss.h>
#include <mnist/rmsprop.h>
#include <mnist/evaluate.h>
#include <mnist/train.h>
#include <mnist/checkpoint.h>
#include <mnist/exchange.h>
#include <mnist/report.h>
#include <mnist/statistics.h>
#include <mnist/runs.h>
#include <mnist/cpu.h>
#include <mnist/version.h>
/* clang-format on */

#endif
