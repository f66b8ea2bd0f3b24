/**
 * Networks for other programs, and theirs for this one.
 *
 * All functions here write one file, replaced as mnist_weights_save does it, or
 * standard output where path is "-" (flush what stdio holds for it first). The
 * same network gives the same bytes. They take memory for the whole file while
 * they run, and fail with MNIST_ERROR_SYSTEM or _MEMORY.
 */
#ifndef MNIST_EXCHANGE_H
#define MNIST_EXCHANGE_H

#include <mnist/error.h>
#include <mnist/network.h>
#include <mnist/weights.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A .npz file, which numpy.load reads: a zip archive of arrays.
 *
 *     dense.kernel, dense.bias, ...   float32, each tensor under its name, in
 *                                     its layout (Keras': see weights.h)
 *     network                         the network line, a string
 *     input                           int64: rows, cols
 *     scale                           float32: pixels enter as pixel / scale
 */
mnist_status mnist_export_npz(const mnist_network *net, const char *path,
                              mnist_error *err);

/**
 * One HTML page that holds the network and a sheet to draw on: it tells what it
 * takes the drawing for, while one draws. It needs no other file, no server and
 * no network, and asks for none. Its probabilities are those of mnist_predict,
 * but for the last digits.
 */
mnist_status mnist_export_html(const mnist_network *net, const char *path,
                               mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
