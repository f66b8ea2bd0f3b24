/**
 * Images with their labels. Pixels stay the bytes of the file: the 60,000
 * MNIST training images take 47 MB here; floats are made batch by batch.
 */
#ifndef MNIST_DATASET_H
#define MNIST_DATASET_H

#include <mnist/api.h>
#include <mnist/error.h>
#include <mnist/idx.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mnist_dataset {
    size_t count;          /* images, at least 1 */
    size_t rows, cols;     /* of each image */
    const uint8_t *pixels; /* count x rows x cols */
    const uint8_t *labels; /* count, or NULL: images only */
    size_t classes;        /* largest label + 1; 0 without labels */
    char images_name[256]; /* for messages: the files, made fit to show */
    char labels_name[256];
    int is_picture;        /* the one image is a picture file, not IDX */
    mnist_idx images_file; /* what the pointers point into; empty in a slice */
    mnist_idx labels_file;
} mnist_dataset;

/** The two parts that a data folder holds. */
typedef enum mnist_part { MNIST_TRAIN, MNIST_TEST } mnist_part;

/**
 * Loads a pair of IDX files, raw or gzip'd, or a picture in place of images.
 *
 * images: 3 dimensions, or 2 for a single image; or a PNG or PNM file
 * (mnist/picture.h), which is one image; "-" is standard input.
 * labels: 1 dimension with as many labels as there are images; NULL for none.
 * out: written only on success; release it with mnist_dataset_free.
 * Fails as mnist_idx_read and mnist_picture_read do, and with MNIST_ERROR_DATA
 * when the two do not fit (swapped, counts that differ), naming both.
 */
MNIST_API mnist_status mnist_dataset_load(mnist_dataset *out,
                                          const char *images,
                                          const char *labels, mnist_error *err);

/**
 * The same for who wants only images first..end-1: the others may be left
 * unread, their pixels 0, as mnist_idx_read_range says. Labels are read whole.
 */
MNIST_API mnist_status mnist_dataset_load_range(mnist_dataset *out,
                                                const char *images,
                                                const char *labels,
                                                size_t first, size_t end,
                                                mnist_error *err);

/**
 * Loads one part of a data folder by its standard names:
 * train-images-idx3-ubyte and train-labels-idx1-ubyte, or t10k-...; with a dot
 * in place of the dash before "idx", with or without ".gz". Where a file is
 * there under several names, all must hold the same, or it fails with
 * MNIST_ERROR_DATA; the first is taken of dash, dash.gz, dot, dot.gz.
 *
 * A folder or file that is missing fails with MNIST_ERROR_SYSTEM and a message
 * that says what was looked for and how to get MNIST.
 */
MNIST_API mnist_status mnist_dataset_load_part(mnist_dataset *out,
                                               const char *folder,
                                               mnist_part part,
                                               mnist_error *err);

/** Whether the folder holds images of this part, under any of its names: 1 or
   0; -1 when there is no memory to look. */
MNIST_API int mnist_dataset_has_part(const char *folder, mnist_part part);

/**
 * A view of images first..first+count-1 that borrows from `from`: it is valid
 * as long as `from` is and needs no release. The range must lie inside.
 */
MNIST_API mnist_dataset mnist_dataset_slice(const mnist_dataset *from,
                                            size_t first, size_t count);

/**
 * Images first..end-1, or up to the last where end is larger, are changed; the
 * pixels of the others may be anything afterwards. So who wants one of a
 * million does not wait for all of them; 0, SIZE_MAX are all.
 *
 * invert: black becomes white and white black. transpose: rows become columns,
 * as the images of EMNIST need. Of a dataset that was loaded or drawn, not of a
 * slice, which sees the change of what it borrows from, but not that of its
 * size. transpose fails with MNIST_ERROR_MEMORY only.
 */
MNIST_API void mnist_dataset_invert(mnist_dataset *dataset, size_t first,
                                    size_t end);
MNIST_API mnist_status mnist_dataset_transpose(mnist_dataset *dataset,
                                               size_t first, size_t end,
                                               mnist_error *err);

/**
 * Brings images first..end-1 to MNIST's form, of rows x cols: mnist_preprocess.
 * The others become black. So does an image without ink, but a picture
 * (is_picture) without it fails with MNIST_ERROR_DATA. Not of a slice. Fails
 * with MNIST_ERROR_MEMORY, too; the dataset is then as it was.
 */
MNIST_API mnist_status mnist_dataset_preprocess(mnist_dataset *dataset,
                                                size_t first, size_t end,
                                                size_t rows, size_t cols,
                                                mnist_error *err);

/** Releases what a load gave and empties the struct; NULL is fine. */
MNIST_API void mnist_dataset_free(mnist_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
