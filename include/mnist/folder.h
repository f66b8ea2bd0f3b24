/**
 * Folders of pictures, as people have them: one file a digit.
 *
 *     FOLDER/LABEL/NAME     with labels, LABEL being a number of 0 to 255
 *     FOLDER/NAME           without
 *
 * Images come in the order of their names, compared byte by byte, whatever the
 * label; of equal names the one of the smaller label is first. So the labels
 * are mixed, as --validation-split needs them, where names count through all of
 * them; and what mnist_folder_write made is read in the order that it had.
 *
 * Read are the files of mnist/picture.h, told by their content. Names that
 * begin with a dot are passed over, links followed; whatever else there is is
 * skipped, and told.
 */
#ifndef MNIST_FOLDER_H
#define MNIST_FOLDER_H

#include <mnist/dataset.h>
#include <mnist/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a folder is read; all of it may be 0. */
typedef struct mnist_folder_options {
    int labelled; /* there is a folder for each label */
    /* What is to be done to each picture, which is a dataset of one image;
       what it returns ends the reading. */
    mnist_status (*prepare)(void *user, mnist_dataset *picture,
                            mnist_error *err);
    /* Told of what is skipped, both texts being fit to be shown: "FOLDER/x",
       "a text file". */
    void (*skipped)(void *user, const char *name, const char *why);
    void *user; /* handed to both */
} mnist_folder_options;

/**
 * Reads all pictures of a folder.
 *
 * out: written only on success; release it with mnist_dataset_free.
 * Fails with MNIST_ERROR_DATA (a picture that is damaged, pictures of different
 * sizes, none at all), _SYSTEM or _MEMORY.
 */
MNIST_API mnist_status mnist_folder_read(mnist_dataset *out, const char *folder,
                                         const mnist_folder_options *options,
                                         mnist_error *err);

/**
 * Writes each image as a grey PNG: FOLDER/LABEL/00000.png and so on, the number
 * being that of the image; without labels FOLDER/00000.png.
 *
 * The folder is filled under another name beside it, FOLDER.PID.tmp, so that it
 * is there whole or not at all; nothing is synced. One that holds anything is
 * refused with MNIST_ERROR_ARGUMENT, as are images too large for pictures.
 * Fails with _SYSTEM or _MEMORY, too, and then takes back what it wrote.
 */
MNIST_API mnist_status mnist_folder_write(const char *folder,
                                          const mnist_dataset *data,
                                          mnist_error *err);

#ifdef __cplusplus
}
#endif
#endif
