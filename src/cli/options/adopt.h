/* Options that a file remembers, beside those of the command line. */
#ifndef CLI_ADOPT_H
#define CLI_ADOPT_H

#include "cli/options/options.h"

#include <mnist.h>

/*
 * Sets the option of that name to its value in `saved`, which is of the same
 * type as args. If it was given on the command line with another value, fails
 * with MNIST_ERROR_ARGUMENT and a message that names `path`, the file, and both
 * values.
 */
mnist_status cli_adopt(const cli_line *line, const char *name, void *args,
                       const void *saved, const char *path, mnist_error *err);

#endif
