#include <mnist/dataset.h>

#include "base/file.h"
#include "base/kind.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/idx.h"
#include "data/idx_header.h"
#include "data/picture.h"

#include <errno.h>
#include <mnist/preprocess.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- A pair of files ---- */

_Static_assert(sizeof((mnist_dataset *)0)->images_name == MNIST_FILE_NAME,
               "a dataset's names are those of its files");

static void name_file(char out[MNIST_FILE_NAME], const char *path)
{
    mnist_file_name(out, strcmp(path, "-") ? path : "standard input");
}

static mnist_status check_images(const mnist_dataset *data, mnist_error *err)
{
    if (data->images_file.dims > 1)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_DATA,
                      "%s holds %zu labels (1 dimension), expected images (2 "
                      "or 3); are images and labels swapped?",
                      data->images_name, data->images_file.count);
}

static mnist_status check_labels(const mnist_dataset *data, mnist_error *err)
{
    const mnist_idx *labels = &data->labels_file;
    char sizes[MNIST_IDX_SIZES];
    if (labels->dims != 1)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s holds images (%s), expected labels (1 "
                          "dimension); are images and labels swapped?",
                          data->labels_name,
                          mnist_idx_sizes(sizes, labels->dims, labels->size));
    if (labels->count != data->count)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s holds %zu images and %s holds %zu labels: they "
                          "do not belong together; get both from one place",
                          data->images_name, data->count, data->labels_name,
                          labels->count);
    return MNIST_OK;
}

static mnist_status read_labels(mnist_dataset *data, const char *path,
                                mnist_error *err)
{
    name_file(data->labels_name, path);
    mnist_status status = mnist_idx_read(&data->labels_file, path, err);
    if (!status)
        status = check_labels(data, err);
    if (status)
        return status;
    data->labels = data->labels_file.data;
    for (size_t i = 0; i < data->count; i++)
        if (data->labels[i] >= data->classes)
            data->classes = (size_t)data->labels[i] + 1;
    return MNIST_OK;
}

static void set_images(mnist_dataset *data)
{
    const mnist_idx *file = &data->images_file;
    data->count = file->dims == 3 ? file->size[0] : 1;
    data->rows = file->size[file->dims - 2];
    data->cols = file->size[file->dims - 1];
    data->pixels = file->data;
}

/* A picture becomes an IDX file of two dimensions. */
mnist_status mnist_dataset_read_picture(mnist_dataset *out, mnist_input *in)
{
    mnist_picture picture;
    mnist_dataset data = {.is_picture = 1};
    mnist_status status = mnist_picture_read_input(&picture, in);
    if (status)
        return status;
    memcpy(data.images_name, in->source.name, sizeof data.images_name);
    data.images_file = (mnist_idx){.dims = 2,
                                   .size = {picture.rows, picture.cols},
                                   .count = picture.rows * picture.cols,
                                   .data = picture.pixels,
                                   .block = picture.pixels};
    set_images(&data);
    *out = data;
    return MNIST_OK;
}

static mnist_status read_idx(mnist_dataset *out, mnist_input *in, size_t first,
                             size_t end)
{
    mnist_dataset data = {0};
    mnist_status status =
        mnist_idx_read_input(&data.images_file, in, first, end);
    if (status)
        return status;
    memcpy(data.images_name, in->source.name, sizeof data.images_name);
    status = check_images(&data, in->err);
    if (status) {
        mnist_dataset_free(&data);
        return status;
    }
    set_images(&data);
    *out = data;
    return MNIST_OK;
}

static bool is_other_picture(mnist_kind *kind, const mnist_input *in)
{
    return mnist_kind_of(kind, in->first, in->first_length) &&
           kind->picture == MNIST_KIND_OTHER_PICTURE;
}

static mnist_status read_images(mnist_dataset *out, const char *path,
                                size_t first, size_t end, mnist_error *err)
{
    mnist_input in;
    mnist_kind kind;
    mnist_status status = mnist_input_open(&in, path, err);
    if (status)
        return status;
    if (mnist_picture_is(in.first, in.first_length))
        status = mnist_dataset_read_picture(out, &in);
    else if (is_other_picture(&kind, &in))
        status = mnist_fail(err, MNIST_ERROR_DATA,
                            "%s is %s, not IDX, PNG, PGM or PPM; make a PNG of "
                            "it",
                            in.source.name, kind.what);
    else
        status = read_idx(out, &in, first, end);
    mnist_input_close(&in);
    return status;
}

mnist_status mnist_dataset_load(mnist_dataset *out, const char *images,
                                const char *labels, mnist_error *err)
{
    return mnist_dataset_load_range(out, images, labels, 0, SIZE_MAX, err);
}

mnist_status mnist_dataset_load_range(mnist_dataset *out, const char *images,
                                      const char *labels, size_t first,
                                      size_t end, mnist_error *err)
{
    mnist_dataset data = {0};
    if (labels && strcmp(images, "-") == 0 && strcmp(labels, "-") == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "standard input cannot give both images and labels");
    mnist_status status = read_images(&data, images, first, end, err);
    if (!status && labels)
        status = read_labels(&data, labels, err);
    if (status)
        mnist_dataset_free(&data);
    else
        *out = data;
    return status;
}

/* ---- A folder ---- */

#define HOW_TO_GET                                                             \
    "get MNIST with ./scripts/get-mnist.sh (get-mnist where it is installed)," \
    " or make digits with 'mnist synth DIR'"

/* The standard names; %c is the dash, or the dot of some tools. */
static const char *const image_names[] = {"train-images%cidx3-ubyte",
                                          "t10k-images%cidx3-ubyte"};
static const char *const label_names[] = {"train-labels%cidx1-ubyte",
                                          "t10k-labels%cidx1-ubyte"};

/* Missing is only what is not there: whatever else is wrong with a file, to
   open it will tell. */
static bool is_missing(const char *path)
{
    struct stat info;
    return stat(path, &info) && (errno == ENOENT || errno == ENOTDIR);
}

enum { NAMES = 4 };

/* The i-th path that a file may have, in the order in which they are tried; to
   be freed, NULL without memory. */
static char *path_of(const char *folder, const char *pattern, size_t i)
{
    char name[64];
    size_t length =
        (size_t)snprintf(name, sizeof name, pattern, i < 2 ? '-' : '.');
    snprintf(name + length, sizeof name - length, "%s", i % 2 ? ".gz" : "");
    return mnist_file_in(folder, name);
}

/* Finds a file under one of its names: *path is to be freed, or NULL if there
   is none. False without memory. */
static bool find(char **path, const char *folder, const char *pattern)
{
    for (size_t i = 0; i < NAMES; i++) {
        *path = path_of(folder, pattern, i);
        if (!*path)
            return false;
        if (!is_missing(*path))
            return true;
        free(*path);
    }
    *path = NULL;
    return true;
}

static mnist_status check_same(const char *path, const char *taken,
                               const mnist_idx *idx, mnist_error *err)
{
    mnist_idx other;
    char name[MNIST_FILE_NAME], other_name[MNIST_FILE_NAME];
    mnist_status status = mnist_idx_read(&other, path, err);
    if (status)
        return status;
    bool same =
        other.dims == idx->dims && other.count == idx->count &&
        memcmp(other.size, idx->size, idx->dims * sizeof idx->size[0]) == 0 &&
        memcmp(other.data, idx->data, idx->count) == 0;
    mnist_idx_free(&other);
    if (same)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_DATA,
                      "%s and %s are to be the same file, but hold other "
                      "bytes; take one of them away",
                      mnist_file_name(name, taken),
                      mnist_file_name(other_name, path));
}

/* What stands beside `taken` under another of its names must hold the same: to
   choose between two would be a guess. */
static mnist_status check_others(const char *folder, const char *pattern,
                                 const char *taken, const mnist_idx *idx,
                                 mnist_error *err)
{
    mnist_status status = MNIST_OK;
    for (size_t i = 0; i < NAMES && !status; i++) {
        char *path = path_of(folder, pattern, i);
        if (!path)
            status = mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
        else if (strcmp(path, taken) != 0 && !is_missing(path))
            status = check_same(path, taken, idx, err);
        free(path);
    }
    return status;
}

static mnist_status load_pair(mnist_dataset *out, const char *folder,
                              mnist_part part, const char *images,
                              const char *labels, mnist_error *err)
{
    mnist_dataset data;
    mnist_status status = mnist_dataset_load(&data, images, labels, err);
    if (status)
        return status;
    status =
        check_others(folder, image_names[part], images, &data.images_file, err);
    if (!status)
        status = check_others(folder, label_names[part], labels,
                              &data.labels_file, err);
    if (status)
        mnist_dataset_free(&data);
    else
        *out = data;
    return status;
}

/* Why the images or the labels, or both, were not found. */
static mnist_status not_found(const char *folder, mnist_part part, bool images,
                              bool labels, mnist_error *err)
{
    char name[MNIST_FILE_NAME], missing[64], other[64];
    struct stat info;
    mnist_file_name(name, folder);
    if (is_missing(folder))
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s: no such folder; " HOW_TO_GET, name);
    if (stat(folder, &info) == 0 && !S_ISDIR(info.st_mode))
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s is a file, expected a folder with %s images and "
                          "labels; name the folder that it is in",
                          name, part == MNIST_TRAIN ? "training" : "test");
    snprintf(missing, sizeof missing,
             images ? label_names[part] : image_names[part], '-');
    snprintf(other, sizeof other,
             images ? image_names[part] : label_names[part], '-');
    if (images || labels)
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s holds %s but not %s, raw or .gz; " HOW_TO_GET,
                          name, other, missing);
    return mnist_fail(err, MNIST_ERROR_SYSTEM,
                      "%s holds neither %s nor %s, raw or .gz; " HOW_TO_GET,
                      name, missing, other);
}

mnist_status mnist_dataset_load_part(mnist_dataset *out, const char *folder,
                                     mnist_part part, mnist_error *err)
{
    char *images = NULL, *labels = NULL;
    mnist_status status;
    if (!find(&images, folder, image_names[part]) ||
        !find(&labels, folder, label_names[part]))
        status = mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    else if (!images || !labels)
        status = not_found(folder, part, images, labels, err);
    else
        status = load_pair(out, folder, part, images, labels, err);
    free(images);
    free(labels);
    return status;
}

int mnist_dataset_has_part(const char *folder, mnist_part part)
{
    char *images = NULL;
    bool looked = find(&images, folder, image_names[part]);
    int found = !looked ? -1 : images != NULL;
    free(images);
    return found;
}

/* ---- The rest ---- */

mnist_dataset mnist_dataset_slice(const mnist_dataset *from, size_t first,
                                  size_t count)
{
    mnist_dataset slice = *from;
    slice.count = count;
    slice.pixels += first * from->rows * from->cols;
    if (slice.labels)
        slice.labels += first;
    slice.images_file = slice.labels_file = (mnist_idx){0};
    return slice;
}

/* The pixels of what was loaded: the block is the dataset's own. */
static uint8_t *own_pixels(mnist_dataset *data)
{
    uint8_t *block = data->images_file.block;
    return block + (data->pixels - block);
}

static size_t end_of(const mnist_dataset *data, size_t end)
{
    return end < data->count ? end : data->count;
}

void mnist_dataset_invert(mnist_dataset *data, size_t first, size_t end)
{
    size_t size = data->rows * data->cols;
    uint8_t *pixels = own_pixels(data);
    for (size_t i = first * size; i < end_of(data, end) * size; i++)
        pixels[i] = (uint8_t)(255 - pixels[i]);
}

mnist_status mnist_dataset_transpose(mnist_dataset *data, size_t first,
                                     size_t end, mnist_error *err)
{
    size_t rows = data->rows, cols = data->cols;
    uint8_t *copy = mnist_alloc(rows, cols);
    if (!copy)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    for (size_t i = first; i < end_of(data, end); i++) {
        uint8_t *image = own_pixels(data) + i * rows * cols;
        memcpy(copy, image, rows * cols);
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < cols; x++)
                image[x * rows + y] = copy[y * cols + x];
    }
    mnist_free(copy);
    data->rows = cols;
    data->cols = rows;
    return MNIST_OK;
}

/* The one with other pixels, in a block of their own. */
static void take_pixels(mnist_dataset *data, uint8_t *pixels, size_t rows,
                        size_t cols)
{
    mnist_idx_free(&data->images_file);
    data->images_file = (mnist_idx){.dims = 3,
                                    .size = {data->count, rows, cols},
                                    .count = data->count * rows * cols,
                                    .data = pixels,
                                    .block = pixels};
    data->pixels = pixels;
    data->rows = rows;
    data->cols = cols;
}

mnist_status mnist_dataset_preprocess(mnist_dataset *data, size_t first,
                                      size_t end, size_t rows, size_t cols,
                                      mnist_error *err)
{
    size_t size = data->rows * data->cols;
    if (data->rows > MNIST_PICTURE_SIDE || data->cols > MNIST_PICTURE_SIDE ||
        rows > MNIST_PICTURE_SIDE || cols > MNIST_PICTURE_SIDE)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: images of %zux%zu, sides of up to %d can be "
                          "brought to another form",
                          data->images_name, data->rows, data->cols,
                          MNIST_PICTURE_SIDE);
    /* Zeros from calloc are not touched: what is not wanted costs nothing. */
    uint8_t *pixels = calloc(data->count, rows * cols);
    if (!pixels)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory",
                          data->images_name);
    for (size_t i = first; i < end_of(data, end); i++) {
        uint8_t *to = pixels + i * rows * cols;
        if (mnist_preprocess(to, rows, cols, data->pixels + i * size,
                             data->rows, data->cols))
            continue;
        if (data->is_picture) {
            mnist_free(pixels);
            return mnist_fail(err, MNIST_ERROR_DATA,
                              "%s is all of one grey, expected ink that "
                              "stands out from its border",
                              data->images_name);
        }
        memset(to, 0, rows * cols);
    }
    take_pixels(data, pixels, rows, cols);
    return MNIST_OK;
}

void mnist_dataset_free(mnist_dataset *dataset)
{
    if (dataset) {
        mnist_idx_free(&dataset->images_file);
        mnist_idx_free(&dataset->labels_file);
        *dataset = (mnist_dataset){0};
    }
}
