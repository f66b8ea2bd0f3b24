/* Help texts, made from the table of options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/options/options.h"

#include <stdio.h>

/* The help of one command; args holds the defaults that it shows. Returns an
   exit status. */
int cli_help_command(FILE *out, const cli_command *command, const void *args);

/* What the help says of an option, with its other name and its default. Returns
   `out`. */
#define CLI_HELP_MAX 512
char *cli_help_option(char out[CLI_HELP_MAX], const cli_option *option,
                      const void *args);

/* An exit status, or two, and when the program ends with it. */
typedef struct cli_help_exit {
    const char *status, *meaning;
} cli_help_exit;

/* Number i; NULL past the last. */
const cli_help_exit *cli_help_exit_get(size_t i);

/* Text broken between words at 80 columns, going on at column `indent`, where
   the first line already stands. Ends with a newline. */
void cli_help_wrap(FILE *out, size_t indent, const char *text);

#endif
