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
MNIST_API mnist_status mnist_export_npz(const mnist_network *net,
                                        const char *path, mnist_error *err);

/**
 * One HTML page that holds the network and a sheet to draw on: it tells what it
 * takes the drawing for, while one draws. It needs no other file, no server and
 * no network, and asks for none. Its probabilities are those of mnist_predict,
 * but for the last digits.
 */
MNIST_API mnist_status mnist_export_html(const mnist_network *net,
                                         const char *path, mnist_error *err);

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
MNIST_API mnist_status mnist_export_onnx(const mnist_network *net,
                                         const mnist_notes *notes,
                                         const char *path, mnist_error *err);

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
MNIST_API mnist_status mnist_export_c(const mnist_network *net,
                                      const char *name, const char *path,
                                      mnist_error *err);

/** Tells that beforehand: MNIST_OK or MNIST_ERROR_ARGUMENT. */
MNIST_API mnist_status mnist_export_c_name(const char *name, mnist_error *err);

/** How other programs lay out parameters. */
typedef enum mnist_import_layout {
    MNIST_IMPORT_AUTO,    /* by what fits, else by the names */
    MNIST_IMPORT_PYTORCH, /* dense (out, in), conv2d (out, in, height, width),
                             pictures made rows channels first */
    MNIST_IMPORT_KERAS    /* as ours */
} mnist_import_layout;

/** Where a tensor of a network that was imported came from. */
typedef struct mnist_imported {
    const mnist_tensor *tensor; /* lent by the network */
    char from[136];             /* its name in the file; "": a bias that the
                                   file does not have, zeros */
    unsigned dims;              /* and its shape there */
    size_t size[4];
} mnist_imported;

/** What came of an import beside the network. */
typedef struct mnist_import_report {
    mnist_import_layout layout; /* the one that was taken */
    int layout_by_names;        /* shapes would have fit the other one, too */
    int order_by_names;         /* several tensors would have fit a layer */
    int line_inferred;          /* ReLU between the layers is assumed */
    size_t count;
    mnist_imported tensor[2 * MNIST_MAX_LAYERS]; /* in the order of the layers
                                                  */
} mnist_import_report;

typedef struct mnist_import_options {
    const char *line;  /* a network line, or one's name; NULL: inferred */
    size_t rows, cols; /* of the images; 0: inferred, else 28 */
    float scale;       /* pixels enter as (pixel / scale - mean) / deviation; */
    double mean, deviation; /* the last two go into the first layer */
    mnist_import_layout layout;
} mnist_import_options;

/** 255, 0, 1; all else to be inferred. */
MNIST_API mnist_import_options mnist_import_defaults(void);

/**
 * A network from a safetensors file of PyTorch's or Keras' making.
 *
 * Tensors are found by the ends of their names: weight or kernel (Keras 3's
 * vars/0, too) and bias (vars/1). What stands before is the name of a layer.
 * Layers are taken by shape, and those of one shape in the order of their
 * names, numbers in them counted as such. Types are F32, and F16, BF16 and F64,
 * which become float32. A line is inferred where all layers are dense.
 *
 * out: written only on success; release it with mnist_network_free.
 * report: unless NULL, written on success.
 * Fails with MNIST_ERROR_WEIGHTS (the message names the tensor, its shape and
 * the one expected), _ARGUMENT (the line, or what cannot be inferred), _SYSTEM
 * or _MEMORY.
 */
MNIST_API mnist_status mnist_import(mnist_network **out, const char *path,
                                    const mnist_import_options *options,
                                    mnist_import_report *report,
                                    mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
