/* Where things are read from and written to. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <mnist.h>

#include <limits.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* What train writes and the others read when no name is given. */
#define CLI_WEIGHTS_NAME "mnist.safetensors"

/* The data folder: the option's value, else $MNIST_DATA, else data/mnist. */
const char *cli_data_folder(const char *option);

/* mnist_weights_load, whose error for a missing file says how to get one. */
mnist_status cli_weights_load(mnist_network **out, mnist_notes **notes,
                              const char *path, mnist_error *err);

/* Whether a file can be written there later: its folder exists and lets us
   write, and it is no folder itself. Fails with MNIST_ERROR_SYSTEM, or
   _ARGUMENT for a name that cannot be meant. */
mnist_status cli_path_check_output(const char *path, mnist_error *err);

/* Where the weights of a training that was stopped go: "mnist.safetensors"
   becomes "mnist.interrupted.safetensors"; a device or a pipe stays itself.
   Returns `out`. */
char *cli_path_interrupted(char out[PATH_MAX], const char *path);

#endif
