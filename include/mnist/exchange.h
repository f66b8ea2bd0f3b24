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

/**
 * An ONNX model, IR version 7, operator set 13.
 *
 *     image           input, float32 [N,1,rows,cols]: pixels as they are in the
 *                     file, 0 to 255; the graph divides by the scale
 *     probabilities   output, float32 [N,classes]
 *
 * Dropout is left out. Initializers have the names of our tensors, in ONNX'
 * layout: kernels of conv2d (filters, channels, height, width), and the rows of
 * a dense kernel behind a flatten (channel, row, column). metadata_props hold
 * the network line and the notes, but for what a checkpoint notes for itself.
 *
 * notes: NULL if there are none.
 */
mnist_status mnist_export_onnx(const mnist_network *net,
                               const mnist_notes *notes, const char *path,
                               mnist_error *err);

/** Longest name for mnist_export_c, with its NUL. */
#define MNIST_C_NAME_MAX 48

/**
 * A C99 header (C++ too) with the parameters and
 *
 *     static int NAME_predict(const unsigned char *pixels,
 *                             float *probabilities);
 *
 * which needs no other header, no library and no heap. Its first comment says
 * how to use it, and how many bytes it takes. It computes in float, in another
 * order than this library: probabilities differ by some 1e-6.
 *
 * name: what all names in the header begin with. Fails with
 * MNIST_ERROR_ARGUMENT unless it is letters, digits and '_', no digit first,
 * shorter than MNIST_C_NAME_MAX.
 */
mnist_status mnist_export_c(const mnist_network *net, const char *name,
                            const char *path, mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
