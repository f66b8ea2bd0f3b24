/* Where things are read from and written to. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <mnist.h>

#include <limits.h>
#include <stdbool.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* What train writes and the others read when no name is given. */
#define CLI_WEIGHTS_NAME "mnist.safetensors"

/* The data folder: the option's value, else $MNIST_DATA, else data/mnist. */
const char *cli_data_folder(const char *option);

/* mnist_weights_load ("-" is standard input), whose error for a missing file
 * says how to get one. */
mnist_status cli_weights_load(mnist_network **out, mnist_notes **notes,
                              const char *path, mnist_error *err);

/* MNIST_ERROR_WEIGHTS unless the network of the file `weights` takes images of
   the size that the data have. */
mnist_status cli_weights_fit(const char *weights, const mnist_network *net,
                             const mnist_dataset *data, mnist_error *err);

/* A path without its folders. */
const char *cli_path_name(const char *path);

/* Whether it ends so, as ".jsonl". */
bool cli_path_ends(const char *path, const char *ending);

/* Whether the file that --`option` names can be written later, as
   mnist_file_can_replace tells, in words for a command line. Fails as that
   does, or with MNIST_ERROR_ARGUMENT for a name that cannot be meant. */
mnist_status cli_path_check_output(const char *path, const char *option,
                                   mnist_error *err);

/* Whether both names are of one file: the same text, or the same file there. */
bool cli_path_same(const char *a, const char *b);

/* MNIST_ERROR_ARGUMENT if the weights would go where the checkpoint is that the
   training goes on with: often these are weights, and --init was meant. */
mnist_status cli_path_check_resumed(const char *resume, const char *out,
                                    mnist_error *err);

/* A file, and what it is to hold. */
typedef struct cli_path_use {
    const char *what;
    const char *path; /* NULL if there is none */
} cli_path_use;

/* MNIST_ERROR_ARGUMENT if two of them are the same file. */
mnist_status cli_path_check_different(const cli_path_use *files, size_t count,
                                      mnist_error *err);

/* Where a training that was stopped is kept: "mnist.safetensors" becomes
   "mnist.checkpoint.safetensors"; beside a device or a pipe it has the name
   that belongs to CLI_WEIGHTS_NAME. Returns `out`. */
char *cli_path_checkpoint(char out[PATH_MAX], const char *path);

/* Where "%e" stands in the name of a file that is one for each epoch; NULL if
   it is not in it. */
const char *cli_path_epoch(const char *path);

/* The name of epoch `epoch`: its number in the place of the first "%e". Returns
   `out`. */
char *cli_path_of_epoch(char out[PATH_MAX], const char *path, size_t epoch);

/* MNIST_ERROR_ARGUMENT if a file would be that of some epoch, too. */
mnist_status cli_path_check_epochs(const char *path, const char *what,
                                   const cli_path_use *files, size_t count,
                                   mnist_error *err);

/* The file with the labels of `images`, where one is beside it that has its
   name with "images" and "idx3" changed to "labels" and "idx1", gzip'd or not.
   Otherwise false. */
bool cli_path_labels(char out[PATH_MAX], const char *images);

/* The way back: the weights that such a checkpoint leads to; `otherwise` when
   its name is of another kind. Returns `out`. */
char *cli_path_resumed(char out[PATH_MAX], const char *path,
                       const char *otherwise);

#endif
