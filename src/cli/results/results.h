/* What several commands print of a network and of how good it is. */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "cli/terminal/terminal.h"
#include "cli/text/json.h"

#include <mnist.h>

#include <stddef.h>
#include <stdio.h>

/* The figures of an evaluation as two lines, each begun with `prefix`. */
void cli_print_evaluation(const cli_terminal *terminal, const char *prefix,
                          const mnist_evaluation *figures);

/* By class, from counts of labels (rows) predicted as (columns): precision (of
   what was taken for it, how much is it), recall (of what is it, how much was
   found) and F1, their harmonic mean. "-" and null where there is nothing to
   divide by. */
void cli_print_classes(FILE *out, const size_t *counts, size_t classes);
void cli_json_classes(cli_json *json, const size_t *counts, size_t classes);

/* The table of layers that Keras' summary() prints. */
void cli_print_layers(FILE *out, const mnist_network *net);
void cli_json_layers(cli_json *json, const mnist_network *net);

#endif
