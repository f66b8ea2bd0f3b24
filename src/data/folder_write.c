/* Writing a folder of pictures: beside its place first, so that it has its name
   when all of it is there. */
#include <mnist/folder.h>

#include "base/file.h"
#include "data/png_write.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <mnist/picture.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* Room behind the folder's name: ".", a process, ".tmp", "/255", "/", ten
   digits, ".png". */
enum { NAME_ROOM = 64 };

typedef struct writer {
    char folder[PATH_MAX]; /* while it is filled */
    const mnist_dataset *data;
    bool label[256]; /* which labels' folders were made */
    mnist_error *err;
} writer;

static void label_path(char path[PATH_MAX], const writer *w, unsigned label)
{
    snprintf(path, PATH_MAX, "%.*s/%u", PATH_MAX - NAME_ROOM, w->folder, label);
}

/* The numbers have one length, so that their order is that of the names. */
static void picture_path(char path[PATH_MAX], const writer *w, size_t i)
{
    if (w->data->labels)
        label_path(path, w, w->data->labels[i]);
    else
        snprintf(path, PATH_MAX, "%s", w->folder);
    size_t length = strlen(path);
    snprintf(path + length, PATH_MAX - length,
             w->data->count <= 100000 ? "/%05zu.png" : "/%010zu.png", i);
}

/* ---- The folder ---- */

/* Whether the folder may be made: it is not there, or it is empty. Told before
   the work as well as after it, when another may have made it. */
static mnist_status check_new(const writer *w, const char *folder)
{
    char name[MNIST_FILE_NAME];
    struct dirent *item;
    bool empty = true;
    DIR *open = opendir(folder);
    if (!open)
        return errno == ENOENT ? MNIST_OK
                               : mnist_file_failed(w->err, folder, "open");
    while ((item = readdir(open)))
        empty &=
            strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0;
    closedir(open);
    if (empty)
        return MNIST_OK;
    return mnist_fail(w->err, MNIST_ERROR_ARGUMENT,
                      "%s: exists already and is not empty, and pictures never "
                      "overwrite anything: name another folder",
                      mnist_file_name(name, folder));
}

/* Beside it, and without its slashes at the end. */
static mnist_status make_folder(writer *w, const char *folder)
{
    char name[MNIST_FILE_NAME];
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (length > PATH_MAX - 2 * NAME_ROOM)
        return mnist_fail(w->err, MNIST_ERROR_ARGUMENT,
                          "%s: the folder's name is longer than %d bytes",
                          mnist_file_name(name, folder),
                          PATH_MAX - 2 * NAME_ROOM);
    snprintf(w->folder, sizeof w->folder, "%.*s.%ld.tmp", (int)length, folder,
             (long)getpid());
    if (mkdir(w->folder, 0777) == 0)
        return MNIST_OK;
    if (errno == ENOENT)
        return mnist_fail(w->err, MNIST_ERROR_SYSTEM,
                          "%s: cannot make the folder: the one above it is not "
                          "there or takes none; make that first",
                          mnist_file_name(name, folder));
    return mnist_file_failed(w->err, folder, "make the folder");
}

static mnist_status make_label(writer *w, uint8_t label)
{
    char path[PATH_MAX];
    if (w->label[label])
        return MNIST_OK;
    label_path(path, w, label);
    if (mkdir(path, 0777) != 0)
        return mnist_file_failed(w->err, path, "make the folder");
    w->label[label] = true;
    return MNIST_OK;
}

/* ---- The pictures ---- */

static mnist_status write_picture(writer *w, size_t i)
{
    const mnist_dataset *data = w->data;
    char path[PATH_MAX];
    mnist_status status =
        data->labels ? make_label(w, data->labels[i]) : MNIST_OK;
    if (status)
        return status;
    const mnist_bitmap bitmap = {.pixels =
                                     data->pixels + i * data->rows * data->cols,
                                 .rows = data->rows,
                                 .cols = data->cols};
    mnist_buffer file = {0};
    mnist_png_write(&file, &bitmap);
    picture_path(path, w, i);
    const mnist_piece piece = {file.bytes, file.length};
    status = file.failed
                 ? mnist_fail(w->err, MNIST_ERROR_MEMORY, "out of memory")
                 : mnist_file_create(path, &piece, 1, w->err);
    mnist_buffer_free(&file);
    return status;
}

/* The first `count` pictures, and what was made for them. */
static void take_back(const writer *w, size_t count)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < count; i++) {
        picture_path(path, w, i);
        unlink(path);
    }
    for (unsigned label = 0; label < 256; label++)
        if (w->label[label]) {
            label_path(path, w, label);
            rmdir(path);
        }
    rmdir(w->folder);
}

mnist_status mnist_folder_write(const char *folder, const mnist_dataset *data,
                                mnist_error *err)
{
    writer w = {.data = data, .err = err};
    size_t done = 0;
    if (data->rows > MNIST_PICTURE_SIDE || data->cols > MNIST_PICTURE_SIDE)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: images of %zux%zu, pictures have sides of up to "
                          "%d",
                          data->images_name, data->cols, data->rows,
                          MNIST_PICTURE_SIDE);
    mnist_status status = check_new(&w, folder);
    if (!status)
        status = make_folder(&w, folder);
    if (status)
        return status;
    while (!status && done < data->count) {
        status = write_picture(&w, done);
        done += !status;
    }
    /* An empty folder gives way to it, one that is not does not. */
    if (!status && rename(w.folder, folder) != 0)
        status = mnist_file_failed(err, folder, "make the folder");
    if (status)
        take_back(&w, done);
    return status;
}
