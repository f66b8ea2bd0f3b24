/* Completion for zsh: a function for the folder of completions, which can be
   evaluated as well. */
#include "cli/manual/generate.h"
#include "cli/manual/offer.h"
#include "cli/options/command.h"

#include <string.h>

static const char begins[] =
    "#compdef mnist\n"
    "# Completion of mnist for zsh, written by `mnist generate zsh`.\n"
    "\n"
    "_mnist_commands() {\n"
    "    local -a commands=(\n";

static const char between[] =
    "    )\n"
    "    _describe -t commands command commands\n"
    "}\n"
    "\n"
    "_mnist() {\n"
    "    local curcontext=$curcontext state line\n"
    "    typeset -A opt_args\n"
    "    _arguments -C \\\n"
    "        '(- *)'{-h,--help}'[list the commands]' \\\n"
    "        '(- *)'{-V,--version}'[print the version and the kernels]' \\\n"
    "        '1:command:_mnist_commands' \\\n"
    "        '*::argument:->argument'\n"
    "    [[ $state == argument ]] || return\n"
    "    case $line[1] in\n"
    "    help) _arguments '1:command:_mnist_commands' ;;\n";

static const char ends[] = "    esac\n"
                           "}\n"
                           "\n"
                           "if [[ $funcstack[1] == _mnist ]]; then\n"
                           "    _mnist \"$@\"\n"
                           "else\n"
                           "    compdef _mnist mnist\n"
                           "fi\n";

/* Text between single quotes, with a backslash before what `special` names. */
static void print_text(FILE *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", out);
        else if (strchr(special, *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* ":NAME:what to do", the end of a specification. */
static void print_offer(FILE *out, const char *name, const cli_offer *offer)
{
    static const char *const kinds[] = {[CLI_OFFER_NOTHING] = "",
                                        [CLI_OFFER_FILES] = "_files",
                                        [CLI_OFFER_FOLDERS] = "_files -/",
                                        [CLI_OFFER_WORDS] = "("};
    const char *word;
    char buffer[CLI_WORD_MAX];
    fputc(':', out);
    print_text(out, name, "\\:");
    fprintf(out, ":%s", kinds[offer->kind]);
    for (size_t i = 0; (word = cli_offer_word(buffer, offer, i)); i++)
        fprintf(out, "%s%s", i ? " " : "", word);
    fputs(offer->kind == CLI_OFFER_WORDS ? ")'" : "'", out);
}

static void print_option(FILE *out, const cli_option *option)
{
    bool valued = option->kind != CLI_FLAG;
    cli_offer offer = cli_offer_value(option);
    char summary[CLI_WORD_MAX * 4];
    fputs(" \\\n            ", out);
    if (option->letter)
        fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'", option->letter,
                option->name, option->letter, valued ? "+" : "", option->name,
                valued ? "=" : "");
    else
        fprintf(out, "'--%s%s", option->name, valued ? "=" : "");
    fputc('[', out);
    print_text(out, cli_offer_summary(summary, option), "\\[]:");
    fputc(']', out);
    if (valued)
        print_offer(out, option->value, &offer);
    else
        fputc('\'', out);
    /* The other spelling is known, so that its value is, but not offered. */
    if (option->alias) {
        fprintf(out, " \\\n            '!--%s%s", option->alias,
                valued ? "=" : "");
        if (valued)
            print_offer(out, option->value, &offer);
        else
            fputc('\'', out);
    }
}

static void print_operands(FILE *out, const cli_command *command)
{
    cli_offer first = cli_offer_first(command), rest = cli_offer_rest(command);
    if (command->most_operands == 0)
        return;
    fputs(command->least_operands ? " \\\n            '1"
                                  : " \\\n            '1:",
          out);
    print_offer(out, command->operands, &first);
    if (command->most_operands < 2)
        return;
    fputs(" \\\n            '*", out);
    print_offer(out, command->operands, &rest);
}

void cli_generate_zsh(FILE *out)
{
    const cli_command *command;
    const cli_option *option;
    fputs(begins, out);
    for (size_t i = 0; (command = cli_command_get(i)); i++) {
        fprintf(out, "        '%s:", command->name);
        print_text(out, command->summary, "\\");
        fputs("'\n", out);
    }
    fputs("        'help:tells about a command'\n", out);
    fputs(between, out);
    for (size_t i = 0; (command = cli_command_get(i)); i++) {
        fprintf(out, "    %s)\n        _arguments -s -S", command->name);
        for (size_t k = 0; (option = cli_option_get(command, k)); k++)
            print_option(out, option);
        print_operands(out, command);
        fputs("\n        ;;\n", out);
    }
    fputs(ends, out);
}
