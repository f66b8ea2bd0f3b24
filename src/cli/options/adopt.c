#include "cli/options/adopt.h"

#include "cli/options/command.h"
#include "cli/text/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = CLI_QUOTE_MAX + 64 };

static const cli_option *find(const cli_command *command, const char *name)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strcmp(command->options[i].name, name) == 0)
            return &command->options[i];
    return NULL;
}

/* A flag that is off, or a count that nobody can give: it says "none". */
static bool is_absent(const cli_option *option, const void *field)
{
    if (option->kind == CLI_FLAG)
        return !*(const bool *)field;
    return option->kind == CLI_COUNT &&
           *(const uint64_t *)field < option->least;
}

/* The option as a person would write it. */
static void option_text(char out[TEXT], const cli_option *option,
                        const void *field)
{
    char number[CLI_NUMBER_MAX], quoted[CLI_QUOTE_MAX];
    const char *value = "";
    if (is_absent(option, field)) {
        snprintf(out, TEXT, "no --%s", option->name);
        return;
    }
    if (option->kind == CLI_COUNT) {
        snprintf(number, sizeof number, "%" PRIu64, *(const uint64_t *)field);
        value = number;
    } else if (option->kind == CLI_REAL) {
        value = cli_real_text(number, *(const double *)field);
    } else if (option->kind == CLI_CHOICE) {
        value = cli_quote(quoted, *(const char *const *)field);
    }
    snprintf(out, TEXT, "--%s%s%s", option->name, *value ? " " : "", value);
}

static bool same(const cli_option *option, const void *a, const void *b)
{
    if (option->kind == CLI_COUNT)
        return *(const uint64_t *)a == *(const uint64_t *)b;
    if (option->kind == CLI_REAL)
        return *(const double *)a == *(const double *)b;
    if (option->kind == CLI_FLAG)
        return *(const bool *)a == *(const bool *)b;
    return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
}

static void copy(const cli_option *option, void *to, const void *from)
{
    if (option->kind == CLI_COUNT)
        *(uint64_t *)to = *(const uint64_t *)from;
    else if (option->kind == CLI_REAL)
        *(double *)to = *(const double *)from;
    else if (option->kind == CLI_FLAG)
        *(bool *)to = *(const bool *)from;
    else
        *(const char **)to = *(const char *const *)from;
}

mnist_status cli_adopt(const cli_line *line, const char *name, void *args,
                       const void *saved, const char *path, mnist_error *err)
{
    const cli_option *option = find(line->command, name);
    void *field = (char *)args + option->at;
    const void *value = (const char *)saved + option->at;
    if (cli_line_gives(line, name) && !same(option, field, value)) {
        char asked[TEXT], has[TEXT], quoted[CLI_QUOTE_MAX];
        option_text(asked, option, field);
        option_text(has, option, value);
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: the training in this file has %s; %s was asked "
                          "for, and would be another training; leave it out",
                          cli_quote(quoted, path), has, asked);
    }
    copy(option, field, value);
    return MNIST_OK;
}
