/* Help texts, made from the table of options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/options.h"

#include <stdio.h>

/* The help of one command; args holds the defaults that it shows. */
void cli_help_command(FILE *out, const cli_command *command, const void *args);

/* Text broken between words at 80 columns, going on at column `indent`, where
   the first line already stands. Ends with a newline. */
void cli_help_wrap(FILE *out, size_t indent, const char *text);

#endif
