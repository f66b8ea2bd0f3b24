/*
 * The command line. One table a command drives the parsing, the help text and
 * the suggestions for mistyped names.
 *
 * GNU style: --name value, --name=value, -n value, -nvalue; options and
 * operands in any order; "--" ends the options; names are never abbreviated; of
 * an option given twice the last counts.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cli_command cli_command;

/* What an option's value is, and the type of the field that receives it. */
typedef enum cli_kind {
    CLI_FLAG,  /* bool; the option takes no value */
    CLI_COUNT, /* uint64_t, least..most */
    CLI_REAL,  /* double, low..high */
    CLI_TEXT,  /* const char *, not empty; FILE and DIR name what it leads to */
    CLI_CHOICE, /* const char *, one of the choices */
    CLI_RANGE   /* cli_range */
} cli_kind;

typedef struct cli_option {
    const char *name;  /* without the dashes */
    const char *alias; /* the spelling of other programs, or NULL */
    char letter;       /* short form, or 0 */
    cli_kind kind;
    size_t at;         /* offset of its field in the command's arguments */
    const char *value; /* what the help calls its value */
    const char *help;
    uint64_t least, most;
    double low, high;
    bool above, below;          /* low, high themselves are not allowed */
    const char *const *choices; /* up to a NULL */
    /* Of CLI_TEXT: word number i that may well be meant, for a shell to offer;
       NULL past the last. */
    const char *(*word)(size_t i);
} cli_option;

/* Images A:B, end exclusive; a side that was left out is open. */
typedef struct cli_range {
    uint64_t first, end;
    bool given, has_first, has_end;
} cli_range;

/* What every command takes; the arguments of each begin with it. */
typedef struct cli_common {
    const char *color; /* "auto", "always" or "never" */
    bool no_color;
    bool help;
} cli_common;

#define CLI_COMMON_DEFAULTS                                                    \
    {                                                                          \
        .color = "auto"                                                        \
    }

/* A command line that was read. */
typedef struct cli_line {
    const cli_command *command;
    uint64_t given;  /* bit i: option i of the command's table was given */
    char **operands; /* lent by argv, which is put in order for it */
    size_t operand_count;
} cli_line;

/*
 * Reads argv into args, which holds the defaults and begins with a cli_common.
 * Returns CLI_GO, or the exit status with which to end: after --help, or after
 * a mistake, which it has told.
 */
int cli_line_read(cli_line *line, const cli_command *command, int argc,
                  char **argv, void *args);

/* Whether the option of that name was given. */
bool cli_line_gives(const cli_line *line, const char *name);

/* Where an operand may stand in place of an option, as WEIGHTS for --weights:
   sets *value to it if there is one. Returns CLI_GO, or CLI_USAGE after telling
   that both were given. */
int cli_line_operand(const cli_line *line, const char *name,
                     const char **value);

/* How many of the operands are "-", standard input. */
size_t cli_line_standard_input(const cli_line *line);

/* CLI_GO, or CLI_USAGE after telling that it was named more often than it can
   be read. */
int cli_check_standard_input(size_t named);

/* Option number i of the command, the common ones after its own; NULL past the
   last. */
const cli_option *cli_option_get(const cli_command *command, size_t i);

#endif
