#include "cli/options.h"

#include "cli/command.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
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

/* The whole text as digits, without sign or blanks. */
static bool read_count(uint64_t *out, const char *text, const char *end)
{
    uint64_t value = 0;
    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        unsigned digit = (unsigned)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* The whole text as a decimal number. strtod alone would also take blanks,
   "nan", "inf" and "0x10". */
static bool read_real(double *out, const char *text)
{
    const char *start = text + (*text == '-');
    const char *end = skip_digits(start);
    size_t digits = (size_t)(end - start);
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        digits += (size_t)(end - fraction);
    }
    if (digits == 0)
        return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+');
        end = skip_digits(exponent);
        if (end == exponent)
            return false;
    }
    if (*end != '\0')
        return false;
    *out = strtod(text, NULL);
    return isfinite(*out);
}

/* "7", "2:5", ":5", "2:" or ":". */
static bool read_range(cli_range *out, const char *text)
{
    cli_range range = {.given = true};
    const char *colon = strchr(text, ':');
    const char *end = text + strlen(text);
    if (!colon) {
        if (!read_count(&range.first, text, end) || range.first == UINT64_MAX)
            return false;
        range.end = range.first + 1;
        range.has_first = range.has_end = true;
    } else {
        range.has_first = colon > text;
        range.has_end = colon + 1 < end;
        if (range.has_first && !read_count(&range.first, text, colon))
            return false;
        if (range.has_end && !read_count(&range.end, colon + 1, end))
            return false;
    }
    *out = range;
    return true;
}

int cli_range_resolve(const cli_range *range, size_t count, size_t *first,
                      size_t *length)
{
    uint64_t from = range->has_first ? range->first : 0;
    uint64_t to = range->has_end ? range->end : count;
    if (from >= count || to > count)
        return cli_usage("--index: the file holds %zu image%s, numbered from "
                         "0 to %zu",
                         count, count == 1 ? "" : "s", count - 1);
    if (from >= to)
        return cli_usage("--index %" PRIu64 ":%" PRIu64 " is empty: the end is "
                         "not part of a range, so it must be above the start",
                         from, to);
    *first = (size_t)from;
    *length = (size_t)(to - from);
    return CLI_GO;
}

static int bad_count(const cli_option *option, const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    return cli_usage(
        "--%s %s: expected a whole number from %" PRIu64 " to %" PRIu64,
        option->name, cli_quote(quoted, value), option->least, option->most);
}

static int bad_real(const cli_option *option, const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    return cli_usage("--%s %s: expected a number %s %g and %s %g", option->name,
                     cli_quote(quoted, value),
                     option->above ? "above" : "of at least", option->low,
                     option->below ? "below" : "at most", option->high);
}

static int set_count(const cli_option *option, uint64_t *field,
                     const char *value)
{
    uint64_t number;
    if (!read_count(&number, value, value + strlen(value)) ||
        number < option->least || number > option->most)
        return bad_count(option, value);
    *field = number;
    return CLI_GO;
}

static int set_real(const cli_option *option, double *field, const char *value)
{
    double number;
    if (!read_real(&number, value) || number < option->low ||
        number > option->high || (option->above && number == option->low) ||
        (option->below && number == option->high))
        return bad_real(option, value);
    *field = number;
    return CLI_GO;
}

static int set_choice(const cli_option *option, const char **field,
                      const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    cli_nearest search = cli_nearest_to(value);
    for (const char *const *choice = option->choices; *choice; choice++) {
        if (strcmp(*choice, value) == 0) {
            *field = *choice;
            return CLI_GO;
        }
        cli_nearest_offer(&search, *choice);
    }
    cli_quote(quoted, value);
    if (search.best)
        return cli_usage("--%s %s: did you mean %s?", option->name, quoted,
                         search.best);
    return cli_usage("--%s %s: expected %s", option->name, quoted,
                     option->help);
}

static int set_range(const cli_option *option, cli_range *field,
                     const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    if (read_range(field, value))
        return CLI_GO;
    return cli_usage("--%s %s: expected one number, counted from 0, or a range "
                     "like 0:10, :10 or 50: (the end is not part of it)",
                     option->name, cli_quote(quoted, value));
}

static int set(const cli_option *option, void *args, const char *value)
{
    void *field = (char *)args + option->at;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return CLI_GO;
    case CLI_COUNT:
        return set_count(option, field, value);
    case CLI_REAL:
        return set_real(option, field, value);
    case CLI_TEXT:
        if (*value == '\0')
            return cli_usage("--%s: the value is empty, expected %s",
                             option->name, option->value);
        *(const char **)field = value;
        return CLI_GO;
    case CLI_CHOICE:
        return set_choice(option, field, value);
    case CLI_RANGE:
        return set_range(option, field, value);
    }
    return CLI_GO;
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
    return set(option, at->args, value);
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
    cli_nearest search = cli_nearest_to(name);
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_get(command, i)); i++) {
        cli_nearest_offer(&search, option->name);
        cli_nearest_offer(&search, option->alias);
    }
    cli_quote(quoted, name);
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
            "mnist %s: unexpected argument %s", command->name,
            cli_quote(quoted, line->operands[command->most_operands]));
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
    if (asks_for_help(argc, argv)) {
        cli_help_command(stdout, command, args);
        return CLI_DONE;
    }
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
