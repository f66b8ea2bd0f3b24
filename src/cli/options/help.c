#include "cli/options/help.h"

#include "cli/options/command.h"

#include <inttypes.h>
#include <string.h>

enum { WIDTH = 79, COLUMN = 27 };

void cli_help_wrap(FILE *out, size_t indent, const char *text)
{
    size_t column = indent;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > indent && column + 1 + word > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, word, out);
        column += word;
        text += word + strspn(text + word, " ");
    }
    fputc('\n', out);
}

/* " [5]": what counts when the option is not given. */
static void describe_default(char *out, size_t size, const cli_option *option,
                             const void *args)
{
    const void *field = (const char *)args + option->at;
    out[0] = '\0';
    switch (option->kind) {
    case CLI_COUNT:
        snprintf(out, size, " [%" PRIu64 "]", *(const uint64_t *)field);
        break;
    case CLI_REAL:
        snprintf(out, size, " [%g]", *(const double *)field);
        break;
    case CLI_TEXT:
    case CLI_CHOICE:
        if (*(const char *const *)field)
            snprintf(out, size, " [%s]", *(const char *const *)field);
        break;
    case CLI_FLAG:
    case CLI_RANGE:
        break;
    }
}

char *cli_help_option(char out[CLI_HELP_MAX], const cli_option *option,
                      const void *args)
{
    char standard[96];
    describe_default(standard, sizeof standard, option, args);
    snprintf(out, CLI_HELP_MAX, "%s%s%s%s%s", option->help,
             option->alias ? " (also --" : "",
             option->alias ? option->alias : "", option->alias ? ")" : "",
             /* A default of 0 that means "not set" is explained, not shown. */
             strcmp(standard, " [0]") == 0 && option->least > 0 ? ""
                                                                : standard);
    return out;
}

static void print_option(FILE *out, const cli_option *option, const void *args)
{
    char left[64], text[CLI_HELP_MAX];
    char letter[] = {'-', option->letter, ',', '\0'};
    snprintf(left, sizeof left, "  %3s --%s%s%s", option->letter ? letter : "",
             option->name, option->value ? " " : "",
             option->value ? option->value : "");
    cli_help_option(text, option, args);
    fprintf(out, "%-*s", COLUMN, left);
    if (strlen(left) >= COLUMN)
        fprintf(out, "\n%*s", COLUMN, "");
    cli_help_wrap(out, COLUMN, text);
}

int cli_help_command(FILE *out, const cli_command *command, const void *args)
{
    const cli_option *option;
    fprintf(out, "mnist %s %s\n\n%s\n", command->name, command->summary,
            command->examples);
    fprintf(out, "usage: mnist %s [OPTION]...%s%s\n\n", command->name,
            *command->operands ? " " : "", command->operands);
    for (size_t i = 0; (option = cli_option_get(command, i)); i++)
        print_option(out, option, args);
    return command->more_help ? command->more_help(out) : CLI_DONE;
}

const cli_help_exit *cli_help_exit_get(size_t i)
{
    static const cli_help_exit exits[] = {
        {"0", "done"},
        {"1", "a check that was asked for failed"},
        {"2", "wrong usage"},
        {"3", "bad data"},
        {"4", "bad weights"},
        {"5", "the system refused"},
        {"6", "out of memory"},
        {"7", "training diverged"},
        {"130 and 143", "stopped by SIGINT and SIGTERM"},
    };
    return i < sizeof exits / sizeof exits[0] ? &exits[i] : NULL;
}
