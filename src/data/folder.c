/* Reading a folder of pictures; writing one is in folder_write.c. */
#include <mnist/folder.h>

#include "base/file.h"
#include "base/kind.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/idx_header.h"
#include "data/picture.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file that may be a picture. */
typedef struct entry {
    char *path;
    const char *name; /* the end of the path */
    uint8_t label;
} entry;

typedef struct album {
    const mnist_folder_options *options;
    char shown[MNIST_FILE_NAME]; /* the folder's name */
    entry *entries;
    size_t entry_count;
    /* What was read. */
    uint8_t *pixels, *labels;
    size_t count, rows, cols, classes;
    char first[MNIST_FILE_NAME]; /* the picture whose size all must have */
    mnist_error *err;
} album;

static mnist_status no_memory(const album *a)
{
    return mnist_fail(a->err, MNIST_ERROR_MEMORY, "%s: out of memory",
                      a->shown);
}

static void skip(const album *a, const char *path, const char *why)
{
    char name[MNIST_FILE_NAME];
    if (a->options->skipped)
        a->options->skipped(a->options->user, mnist_file_name(name, path), why);
}

/* ---- Listing ---- */

/* Takes the path over. */
static mnist_status add(album *a, char *path, uint8_t label)
{
    size_t count = a->entry_count;
    if ((count & (count - 1)) == 0) { /* room is taken in powers of two */
        size_t bytes;
        entry *more = NULL;
        if (mnist_size_mul(&bytes, count ? 2 * count : 1, sizeof *more))
            more = realloc(a->entries, bytes);
        if (!more) {
            free(path);
            return no_memory(a);
        }
        a->entries = more;
    }
    a->entries[count] = (entry){path, strrchr(path, '/') + 1, label};
    a->entry_count++;
    return MNIST_OK;
}

/* The number of a label's folder: one to three digits. */
static bool read_label(uint8_t *label, const char *name)
{
    unsigned value = 0;
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        if (name[i] < '0' || name[i] > '9' || length > 3)
            return false;
        value = value * 10 + (unsigned)(name[i] - '0');
    }
    *label = (uint8_t)value;
    return length > 0 && value <= 255;
}

/* What is done with each name of a folder; takes the path over. */
typedef mnist_status visit(album *a, char *path, const struct stat *info,
                           uint8_t label);

static mnist_status walk(album *a, const char *folder, uint8_t label,
                         visit *each)
{
    DIR *open = opendir(folder);
    struct dirent *item;
    mnist_status status = MNIST_OK;
    if (!open)
        return mnist_file_failed(a->err, folder, "list");
    while (!status && (errno = 0, item = readdir(open))) {
        struct stat info;
        if (item->d_name[0] == '.')
            continue;
        char *path = mnist_file_in(folder, item->d_name);
        if (!path) {
            status = no_memory(a);
        } else if (stat(path, &info)) {
            status = mnist_file_failed(a->err, path, "open");
            free(path);
        } else {
            status = each(a, path, &info, label);
        }
    }
    if (!status && errno)
        status = mnist_file_failed(a->err, folder, "list");
    closedir(open);
    return status;
}

static mnist_status visit_picture(album *a, char *path, const struct stat *info,
                                  uint8_t label)
{
    if (S_ISREG(info->st_mode))
        return add(a, path, label);
    skip(a, path, S_ISDIR(info->st_mode) ? "a folder" : "not a file");
    free(path);
    return MNIST_OK;
}

static mnist_status visit_label(album *a, char *path, const struct stat *info,
                                uint8_t none)
{
    mnist_status status = MNIST_OK;
    uint8_t label = none;
    if (!S_ISDIR(info->st_mode))
        skip(a, path, "in no label's folder");
    else if (!read_label(&label, strrchr(path, '/') + 1))
        skip(a, path, "a folder that is not named 0 to 255");
    else
        status = walk(a, path, label, visit_picture);
    free(path);
    return status;
}

static int compare(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    int names = strcmp(a->name, b->name);
    if (names)
        return names;
    return a->label != b->label ? a->label - b->label
                                : strcmp(a->path, b->path);
}

/* ---- Reading ---- */

/* The first picture tells the size, and what all of them may take. */
static mnist_status begin(album *a, const mnist_dataset *picture)
{
    size_t size = picture->rows * picture->cols, bytes;
    if (!mnist_size_mul(&bytes, a->entry_count, size) || bytes > MNIST_IDX_MAX)
        return mnist_fail(a->err, MNIST_ERROR_DATA,
                          "%s: %zu pictures of %zux%zu are more than the 2 GiB "
                          "that IDX files have here",
                          a->shown, a->entry_count, picture->rows,
                          picture->cols);
    a->rows = picture->rows;
    a->cols = picture->cols;
    memcpy(a->first, picture->images_name, sizeof a->first);
    a->pixels = mnist_alloc(a->entry_count, size);
    a->labels = mnist_alloc(a->entry_count, 1);
    return a->pixels && a->labels ? MNIST_OK : no_memory(a);
}

static mnist_status keep(album *a, const mnist_dataset *picture, uint8_t label)
{
    mnist_status status = a->count ? MNIST_OK : begin(a, picture);
    if (status)
        return status;
    if (picture->rows != a->rows || picture->cols != a->cols)
        return mnist_fail(a->err, MNIST_ERROR_DATA,
                          "%s is %zux%zu, expected %zux%zu as %.200s is; "
                          "--preprocess brings all to one size",
                          picture->images_name, picture->cols, picture->rows,
                          a->cols, a->rows, a->first);
    size_t size = a->rows * a->cols;
    memcpy(a->pixels + a->count * size, picture->pixels, size);
    a->labels[a->count++] = label;
    a->classes = label >= a->classes ? (size_t)label + 1 : a->classes;
    return MNIST_OK;
}

static mnist_status read_picture(album *a, mnist_input *in, uint8_t label)
{
    mnist_dataset picture;
    const mnist_folder_options *o = a->options;
    mnist_status status = mnist_dataset_read_picture(&picture, in);
    if (status)
        return status;
    if (o->prepare)
        status = o->prepare(o->user, &picture, a->err);
    if (!status)
        status = keep(a, &picture, label);
    mnist_dataset_free(&picture);
    return status;
}

static mnist_status read_entry(album *a, const entry *e)
{
    mnist_input in;
    mnist_kind kind = {.what = "of no kind that is known"};
    mnist_status status = mnist_input_open(&in, e->path, a->err);
    if (status)
        return status;
    if (mnist_picture_is(in.first, in.first_length)) {
        status = read_picture(a, &in, e->label);
    } else {
        mnist_kind_of(&kind, in.first, in.first_length);
        skip(a, e->path, in.first_length ? kind.what : "empty");
    }
    mnist_input_close(&in);
    return status;
}

static void give(mnist_dataset *out, album *a)
{
    *out = (mnist_dataset){
        .count = a->count,
        .rows = a->rows,
        .cols = a->cols,
        .pixels = a->pixels,
        .images_file = {.dims = 3,
                        .size = {a->count, a->rows, a->cols},
                        .count = a->count * a->rows * a->cols,
                        .data = a->pixels,
                        .block = a->pixels},
    };
    memcpy(out->images_name, a->shown, sizeof out->images_name);
    a->pixels = NULL;
    if (!a->options->labelled)
        return;
    out->labels = a->labels;
    out->classes = a->classes;
    out->labels_file = (mnist_idx){.dims = 1,
                                   .size = {a->count},
                                   .count = a->count,
                                   .data = a->labels,
                                   .block = a->labels};
    memcpy(out->labels_name, a->shown, sizeof out->labels_name);
    a->labels = NULL;
}

mnist_status mnist_folder_read(mnist_dataset *out, const char *folder,
                               const mnist_folder_options *options,
                               mnist_error *err)
{
    album a = {.options = options, .err = err};
    mnist_file_name(a.shown, folder);
    mnist_status status =
        walk(&a, folder, 0, options->labelled ? visit_label : visit_picture);
    if (!status && a.entry_count > 0)
        qsort(a.entries, a.entry_count, sizeof *a.entries, compare);
    for (size_t i = 0; i < a.entry_count && !status; i++)
        status = read_entry(&a, &a.entries[i]);
    if (!status && a.count == 0)
        status = mnist_fail(
            err, MNIST_ERROR_DATA,
            "%s holds no pictures in PNG, PGM or PPM format%s", a.shown,
            options->labelled ? " in folders named by their label, 0 to 255"
                              : "");
    if (!status)
        give(out, &a);
    for (size_t i = 0; i < a.entry_count; i++)
        free(a.entries[i].path);
    free(a.entries);
    mnist_free(a.pixels);
    mnist_free(a.labels);
    return status;
}
