/* Completion for fish: a list of what may stand where. */
#include "cli/manual/generate.h"
#include "cli/manual/offer.h"
#include "cli/options/command.h"

static const char begins[] =
    "# Completion of mnist for fish, written by `mnist generate fish`.\n"
    "\n"
    "function __mnist_first\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "function __mnist_in\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -gt 1; and test $words[2] = $argv[1]\n"
    "end\n"
    "\n"
    "complete -c mnist -f\n"
    "complete -c mnist -n __mnist_first -s h -l help -d 'list the commands'\n"
    "complete -c mnist -n __mnist_first -s V -l version -d 'print the version "
    "and the kernels'\n"
    "complete -c mnist -n __mnist_first -a help -d 'tells about a command'\n";

/* Between single quotes, where only they and the backslash are special. */
static void print_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void print_offer(FILE *out, const cli_offer *offer)
{
    static const char *const kinds[] = {
        [CLI_OFFER_NOTHING] = " -f",
        [CLI_OFFER_FILES] = " -F",
        [CLI_OFFER_FOLDERS] = " -f -a '(__fish_complete_directories)'",
        [CLI_OFFER_WORDS] = " -f -a '"};
    const char *word;
    char buffer[CLI_WORD_MAX];
    fputs(kinds[offer->kind], out);
    for (size_t i = 0; (word = cli_offer_word(buffer, offer, i)); i++)
        fprintf(out, "%s%s", i ? " " : "", word);
    if (offer->kind == CLI_OFFER_WORDS)
        fputs("'", out);
}

static void print_option(FILE *out, const cli_command *command,
                         const cli_option *option)
{
    char summary[CLI_WORD_MAX * 4];
    cli_offer offer = cli_offer_value(option);
    fprintf(out, "complete -c mnist -n '__mnist_in %s' -l %s", command->name,
            option->name);
    if (option->letter)
        fprintf(out, " -s %c", option->letter);
    if (option->kind != CLI_FLAG) {
        fputs(" -r", out);
        print_offer(out, &offer);
    }
    fputs(" -d ", out);
    print_text(out, cli_offer_summary(summary, option));
    fputc('\n', out);
}

/* `where` is a comparison with the number of words before this one. */
static void print_operand(FILE *out, const cli_command *command,
                          const cli_offer *offer, const char *where)
{
    if (offer->kind == CLI_OFFER_NOTHING)
        return;
    fprintf(out, "complete -c mnist -n '__mnist_in %s%s%s'", command->name,
            *where ? "; and test (count (commandline -opc)) " : "", where);
    print_offer(out, offer);
    fputc('\n', out);
}

static void print_operands(FILE *out, const cli_command *command)
{
    cli_offer first = cli_offer_first(command), rest = cli_offer_rest(command);
    if (first.kind == CLI_OFFER_WORDS) {
        print_operand(out, command, &first, "-eq 2");
        print_operand(out, command, &rest, "-gt 2");
    } else {
        print_operand(out, command, &first, "");
    }
}

static void print_command(FILE *out, const cli_command *command)
{
    const cli_option *option;
    fprintf(out, "\ncomplete -c mnist -n __mnist_first -a %s -d ",
            command->name);
    print_text(out, command->summary);
    fprintf(out, "\ncomplete -c mnist -n '__mnist_in help' -a %s\n",
            command->name);
    for (size_t i = 0; (option = cli_option_get(command, i)); i++)
        print_option(out, command, option);
    print_operands(out, command);
}

void cli_generate_fish(FILE *out)
{
    const cli_command *command;
    fputs(begins, out);
    for (size_t i = 0; (command = cli_command_get(i)); i++)
        print_command(out, command);
}
