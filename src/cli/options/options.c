#include "cli/options/options.h"

#include "cli/options/command.h"
#include "cli/options/elsewhere.h"
#include "cli/options/help.h"
#include "cli/options/nearest.h"
#include "cli/options/values.h"
#include "cli/text/text.h"

#include <string.h>

static const char *const color_choices[] = {"auto", "always", "never", NULL};

static const cli_option common[] = {
    {.name = "color",
     .alias = "colour",
     .kind = CLI_CHOICE,
     .at = offsetof(cli_common, color),
     .value = "WHEN",
     .choices = color_choices,
     .help = "auto, always or never"},
    {.name = "no-color",
     .kind = CLI_FLAG,
     .at = offsetof(cli_common, no_color),
     .help = "the same as --color never"},
    {.name = "help",
     .letter = 'h',
     .kind = CLI_FLAG,
     .at = offsetof(cli_common, help),
     .help = "print this text"},
};

enum { COMMON_COUNT = sizeof common / sizeof common[0] };

const cli_option *cli_option_get(const cli_command *command, size_t i)
{
    if (i < command->option_count)
        return &command->options[i];
    i -= command->option_count;
    return i < COMMON_COUNT ? &common[i] : NULL;
}

/* The arguments still to be read. */
typedef struct cursor {
    cli_line *line;
    void *args;
    char **argv;
    int argc, next;
} cursor;

static int apply(cursor *at, size_t number, const char *value)
{
    const cli_option *option = cli_option_get(at->line->command, number);
    if (option->kind != CLI_FLAG && !value) {
        char quoted[CLI_QUOTE_MAX];
        if (at->next == at->argc)
            return cli_usage("--%s needs a value: --%s %s", option->name,
                             option->name, option->value);
        value = at->argv[at->next++];
        /* A forgotten value, far more often than a file called "--json". */
        if (strncmp(value, "--", 2) == 0)
            return cli_usage("--%s needs a value before %s (or write --%s=%s)",
                             option->name, cli_quote(quoted, value),
                             option->name, quoted);
    }
    if (number < at->line->command->option_count)
        at->line->given |= UINT64_C(1) << number;
    return cli_value_set(option, at->args, value);
}

static bool is(const char *name, const char *word, size_t length)
{
    return name && strlen(name) == length && memcmp(name, word, length) == 0;
}

static int unknown_option(const cli_command *command, const char *word,
                          size_t length)
{
    char name[64], quoted[CLI_QUOTE_MAX];
    if (length >= sizeof name)
        length = sizeof name - 1;
    memcpy(name, word, length);
    name[length] = '\0';
    cli_quote(quoted, name);
    const char *answer = cli_elsewhere(command->name, name);
    if (answer)
        return cli_usage("unknown option --%s; %s", quoted, answer);
    cli_nearest search = cli_nearest_to(name);
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_get(command, i)); i++) {
        cli_nearest_offer(&search, option->name);
        cli_nearest_offer(&search, option->alias);
    }
    if (search.best)
        return cli_usage("unknown option --%s; did you mean --%s?", quoted,
                         search.best);
    return cli_usage("unknown option --%s; mnist %s --help lists them", quoted,
                     command->name);
}

static int read_long(cursor *at, const char *word)
{
    const cli_command *command = at->line->command;
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_get(command, i)); i++) {
        if (!is(option->name, word, length) && !is(option->alias, word, length))
            continue;
        if (option->kind == CLI_FLAG && equals)
            return cli_usage("--%s takes no value", option->name);
        return apply(at, i, equals ? equals + 1 : NULL);
    }
    return unknown_option(command, word, length);
}

/* -q, -e 5, -e5, -qe5. */
static int read_short(cursor *at, const char *letters)
{
    const cli_command *command = at->line->command;
    int status = CLI_GO;
    while (*letters && status == CLI_GO) {
        const cli_option *option;
        size_t i = 0;
        while ((option = cli_option_get(command, i)) &&
               option->letter != *letters)
            i++;
        if (!option) {
            char quoted[CLI_QUOTE_MAX], letter[2] = {*letters, '\0'};
            return cli_usage("unknown option -%s; mnist %s --help lists them",
                             cli_quote(quoted, letter), command->name);
        }
        letters++;
        if (option->kind == CLI_FLAG) {
            status = apply(at, i, NULL);
        } else {
            return apply(at, i, *letters ? letters : NULL);
        }
    }
    return status;
}

static int check_operands(const cli_line *line)
{
    const cli_command *command = line->command;
    char quoted[CLI_QUOTE_MAX];
    if (line->operand_count < command->least_operands)
        return cli_usage("mnist %s needs %s; see mnist %s --help",
                         command->name, command->operands, command->name);
    if (line->operand_count > command->most_operands)
        return cli_usage(
            "mnist %s: unexpected argument %s; see mnist %s --help",
            command->name,
            cli_quote(quoted, line->operands[command->most_operands]),
            command->name);
    /* A shell's variable that is not set: no file has this name, and for a
       folder it would be the root. */
    for (size_t i = 0; i < line->operand_count; i++)
        if (line->operands[i][0] == '\0')
            return cli_usage("mnist %s: argument %zu is empty, expected %s",
                             command->name, i + 1, command->operands);
    return CLI_GO;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int cli_line_read(cli_line *line, const cli_command *command, int argc,
                  char **argv, void *args)
{
    cursor at = {line, args, argv, argc, 0};
    bool options = true;
    *line = (cli_line){.command = command, .operands = argv};
    /* Looked for first, so that the help shows the defaults. */
    if (asks_for_help(argc, argv))
        return (command->print_help ? command->print_help
                                    : cli_help_command)(stdout, command, args);
    while (at.next < argc) {
        char *word = argv[at.next++];
        int status = CLI_GO;
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            status = read_long(&at, word + 2);
        else if (options && word[0] == '-' && word[1] != '\0')
            status = read_short(&at, word + 1);
        else
            line->operands[line->operand_count++] = word;
        if (status != CLI_GO)
            return status;
    }
    return check_operands(line);
}

bool cli_line_gives(const cli_line *line, const char *name)
{
    for (size_t i = 0; i < line->command->option_count; i++)
        if (strcmp(line->command->options[i].name, name) == 0)
            return line->given >> i & 1;
    return false;
}

int cli_line_operand(const cli_line *line, const char *name, const char **value)
{
    char one[CLI_QUOTE_MAX], two[CLI_QUOTE_MAX];
    if (line->operand_count == 0)
        return CLI_GO;
    if (cli_line_gives(line, name))
        return cli_usage("the %s are named twice: %s and --%s %s", name,
                         cli_quote(one, line->operands[0]), name,
                         cli_quote(two, *value));
    *value = line->operands[0];
    return CLI_GO;
}

size_t cli_line_standard_input(const cli_line *line)
{
    size_t count = 0;
    for (size_t i = 0; i < line->operand_count; i++)
        count += strcmp(line->operands[i], "-") == 0;
    return count;
}

int cli_check_standard_input(size_t named)
{
    if (named <= 1)
        return CLI_GO;
    return cli_usage("standard input can be read only once, and - is named "
                     "%zu times",
                     named);
}
