/*
 * Completion for bash: one function, which works with the bash-completion
 * package and without it. Files and folders are left to readline, which knows
 * how to quote them.
 */
#include "cli/manual/generate.h"
#include "cli/manual/offer.h"
#include "cli/options/command.h"

static const char begins[] =
    "# Completion of mnist for bash, written by `mnist generate bash`.\n"
    "# shellcheck shell=bash\n"
    "\n"
    "_mnist() {\n"
    "    local IFS=$' \\t\\n' offer=\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
    "    local prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    # The shell takes --net=lenet for three words.\n"
    "    if [[ $cur == '=' ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == '=' ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    ((COMP_CWORD > 1)) || command=\n"
    "\n"
    "    case $command:$prev in\n";

static const char between[] = "    *)\n"
                              "        case $command:$cur in\n";

static const char ends[] =
    "        esac\n"
    "        ;;\n"
    "    esac\n"
    "\n"
    "    case $offer in\n"
    "    @files) compopt -o default ;;\n"
    "    @folders) compopt -o dirnames ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$cur\") ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "complete -F _mnist mnist\n";

static void print_offer(FILE *out, const cli_offer *offer)
{
    static const char *const kinds[] = {[CLI_OFFER_NOTHING] = "",
                                        [CLI_OFFER_FILES] = "@files",
                                        [CLI_OFFER_FOLDERS] = "@folders",
                                        [CLI_OFFER_WORDS] = ""};
    const char *word;
    char buffer[CLI_WORD_MAX];
    fprintf(out, "offer='%s", kinds[offer->kind]);
    for (size_t i = 0; (word = cli_offer_word(buffer, offer, i)); i++)
        fprintf(out, "%s%s", i ? " " : "", word);
    fputs("'", out);
}

/* What stands after an option. */
static void print_values(FILE *out, const cli_command *command)
{
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_get(command, i)); i++) {
        if (option->kind == CLI_FLAG)
            continue;
        cli_offer offer = cli_offer_value(option);
        fprintf(out, "    %s:--%s", command->name, option->name);
        if (option->alias)
            fprintf(out, " | %s:--%s", command->name, option->alias);
        if (option->letter)
            fprintf(out, " | %s:-%c", command->name, option->letter);
        fputs(") ", out);
        print_offer(out, &offer);
        fputs(" ;;\n", out);
    }
}

/* What stands elsewhere: options and operands. */
static void print_rest(FILE *out, const cli_command *command)
{
    const cli_option *option;
    cli_offer first = cli_offer_first(command);
    cli_offer rest = cli_offer_rest(command);
    fprintf(out, "        %s:-*) offer='", command->name);
    for (size_t i = 0; (option = cli_option_get(command, i)); i++)
        fprintf(out, "%s--%s", i ? " " : "", option->name);
    fprintf(out, "' ;;\n        %s:*) ", command->name);
    print_offer(out, &first);
    if (first.kind == CLI_OFFER_WORDS) {
        fputs("; ((COMP_CWORD == 2)) || ", out);
        print_offer(out, &rest);
    }
    fputs(" ;;\n", out);
}

static void print_commands(FILE *out)
{
    const cli_command *command;
    for (size_t i = 0; (command = cli_command_get(i)); i++)
        fprintf(out, "%s ", command->name);
}

void cli_generate_bash(FILE *out)
{
    const cli_command *command;
    fputs(begins, out);
    for (size_t i = 0; (command = cli_command_get(i)); i++)
        print_values(out, command);
    fputs(between, out);
    for (size_t i = 0; (command = cli_command_get(i)); i++)
        print_rest(out, command);
    fputs("        help:*) offer='", out);
    print_commands(out);
    fputs("' ;;\n        :*) offer='", out);
    print_commands(out);
    fputs("help --help --version' ;;\n", out);
    fputs(ends, out);
}
