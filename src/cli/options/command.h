/*
 * What a subcommand is, and how it ends.
 *
 * Below src/cli, mnist_ names are the library's and cli_ names the program's
 * own, so that a reader sees where the border is crossed.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options/options.h"

#include <mnist.h>

#include <stdio.h>

/* The exit statuses that users and scripts rely on. */
enum {
    CLI_GO = -1, /* not an exit status: the command line is read, go on */
    CLI_DONE = 0,
    CLI_BELOW = 1, /* a check that was asked for failed */
    CLI_USAGE = 2,
    CLI_DATA = 3,
    CLI_WEIGHTS = 4,
    CLI_SYSTEM = 5,
    CLI_MEMORY = 6,
    CLI_DIVERGED = 7,
    CLI_SIGNAL = 128 /* plus the signal's number: the program ends by it */
};

struct cli_command {
    const char *name;
    const char *summary;  /* one line, for the list of commands */
    const char *operands; /* as the usage line shows them, or "" */
    const char *examples; /* lines that run as they stand */
    unsigned least_operands, most_operands;
    const cli_option *options;
    size_t option_count;
    int (*more_help)(FILE *out); /* what follows the options; or NULL. Returns
                                    an exit status. */
    /* What --help prints with; NULL is cli_help_command. */
    int (*print_help)(FILE *out, const cli_command *self, const void *args);
    /* argv[0] is the first word after the command's name. Returns an exit
       status, having told every failure in one line on stderr. */
    int (*run)(const cli_command *self, int argc, char **argv);
};

extern const cli_command cli_command_train;
extern const cli_command cli_command_eval;
extern const cli_command cli_command_predict;
extern const cli_command cli_command_show;
extern const cli_command cli_command_info;
extern const cli_command cli_command_idx;
extern const cli_command cli_command_synth;
extern const cli_command cli_command_export;
extern const cli_command cli_command_import;
extern const cli_command cli_command_compare;
extern const cli_command cli_command_generate;

/* Command number i, as help lists them; NULL past the last. */
const cli_command *cli_command_get(size_t i);

/* The only place where a library status becomes an exit status. */
int cli_exit_status(mnist_status status);

/* Tells the error in one line and returns its exit status. */
int cli_fail(const mnist_error *err);

/* Tells a wrong command line in one line and returns CLI_USAGE. */
int cli_usage(const char *format, ...) MNIST_PRINTF(1, 2);

/* Tells something that does not stop the work. */
void cli_warn(const char *format, ...) MNIST_PRINTF(1, 2);

/* Whether stdout does not take what is written. To be asked soon after writing:
   the reason is remembered for the end of the program, and 0 without one is
   returned, else its errno. */
int cli_output_error(void);

/* Closes it. Why it did not take all that was written, or 0. */
int cli_output_close(void);

/* Tells CLI_MEMORY's line for memory that the program itself wanted. */
int cli_no_memory(void);

#endif
