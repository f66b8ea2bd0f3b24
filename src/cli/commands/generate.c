/* mnist generate: the man page, and completions for shells. */
#include "cli/manual/generate.h"
#include "cli/options/command.h"
#include "cli/text/text.h"

#include <string.h>

static int run(const cli_command *self, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*generate)(FILE *out);
    } shells[] = {{"bash", cli_generate_bash},
                  {"zsh", cli_generate_zsh},
                  {"fish", cli_generate_fish}};
    cli_common args = CLI_COMMON_DEFAULTS;
    cli_line line;
    char quoted[CLI_QUOTE_MAX];
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status != CLI_GO)
        return status;
    const char *what = line.operands[0];
    if (strcmp(what, "man") == 0)
        return cli_generate_man();
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(what, shells[i].name) == 0) {
            shells[i].generate(stdout);
            return CLI_DONE;
        }
    return cli_usage("mnist generate %s: expected man, bash, zsh or fish",
                     cli_quote(quoted, what));
}

const cli_command cli_command_generate = {
    .name = "generate",
    .summary = "writes the man page, or completions for a shell",
    .operands = "man|bash|zsh|fish",
    .examples = "  mnist generate man | man -l -\n"
                "  source <(mnist generate bash)    # in ~/.bashrc; zsh alike\n"
                "  mnist generate fish | source     # in config.fish\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
