/*
 * The program: finds the command, runs it, and turns what became of it into an
 * exit status.
 */
#include "cli/manual/first_steps.h"
#include "cli/options/command.h"
#include "cli/options/elsewhere.h"
#include "cli/options/help.h"
#include "cli/options/nearest.h"
#include "cli/terminal/signals.h"
#include "cli/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As help lists them: what everyone needs, data, other programs, then what few
   ever call. */
static const cli_command *const commands[] = {
    &cli_command_train,   &cli_command_eval,     &cli_command_predict,
    &cli_command_show,    &cli_command_info,     &cli_command_idx,
    &cli_command_synth,   &cli_command_export,   &cli_command_import,
    &cli_command_compare, &cli_command_generate,
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

const cli_command *cli_command_get(size_t i)
{
    return i < COMMAND_COUNT ? commands[i] : NULL;
}

static const char help_ends[] =
    "\n"
    "mnist help COMMAND, or mnist COMMAND --help, tells its options;\n"
    "mnist --version the kernels that this machine would use.\n"
    "\n"
    "Data are the four MNIST files in the folder --data, else $MNIST_DATA, "
    "else\n"
    "data/mnist. Results go to stdout, progress and errors to stderr.\n"
    "\n";

static void print_exits(void)
{
    char text[512] = "Exit status:";
    const cli_help_exit *exit;
    for (size_t i = 0; (exit = cli_help_exit_get(i)); i++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, " %s %s%s", exit->status,
                 exit->meaning, cli_help_exit_get(i + 1) ? "," : ".");
    }
    cli_help_wrap(stdout, 0, text);
}

static int print_help(void)
{
    puts("mnist trains, evaluates and runs classifiers of handwritten digits.\n"
         "\n"
         "  mnist train\n"
         "  mnist eval\n"
         "\n"
         "usage: mnist COMMAND [OPTION]...\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fputs(help_ends, stdout);
    print_exits();
    return CLI_DONE;
}

static int print_version(void)
{
    const char *name;
    int usable;
    printf("mnist %s\nkernels %s (", mnist_version(), mnist_cpu_kernels());
    for (size_t i = 0; (name = mnist_cpu_list(i, &usable)); i++)
        printf("%s%s%s", i ? ", " : "", name, usable ? "" : " not here");
    printf(")\nthreads %u\n", mnist_cpu_count());
    return CLI_DONE;
}

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command(const char *word)
{
    char quoted[CLI_QUOTE_MAX];
    bool option = word[0] == '-';
    cli_quote(quoted, word);
    const char *answer = cli_elsewhere(NULL, word);
    if (answer)
        return cli_usage("unknown command %s; %s", quoted, answer);
    cli_nearest search = cli_nearest_to(word);
    for (size_t i = 0; !option && i < COMMAND_COUNT; i++)
        cli_nearest_offer(&search, commands[i]->name);
    cli_nearest_offer(&search, option ? "--help" : "help");
    cli_nearest_offer(&search, "--version");
    if (search.best)
        return cli_usage("unknown %s %s; did you mean mnist %s?",
                         option ? "option" : "command", quoted, search.best);
    return cli_usage("unknown %s %s; mnist --help lists the commands",
                     option ? "option" : "command", quoted);
}

static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    if (!word) {
        cli_first_steps(stderr);
        return CLI_USAGE;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return print_help();
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return print_version();
    if (strcmp(word, "help") == 0) {
        char *ask[] = {(char[]){"--help"}, NULL};
        if (argc == 2)
            return print_help();
        const cli_command *command = find_command(argv[2]);
        return command ? command->run(command, 1, ask)
                       : unknown_command(argv[2]);
    }
    const cli_command *command = find_command(word);
    return command ? command->run(command, argc - 2, argv + 2)
                   : unknown_command(word);
}

/* A closed standard stream would let a data file become number 0, 1 or 2, and
   results be written into it. */
static void open_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", O_RDWR);
}

/* A result that could not be written is a failure, unless its reader left. */
static int finish_output(int status)
{
    mnist_error err;
    int reason = cli_output_close();
    if (reason == 0 || reason == EPIPE || status != CLI_DONE)
        return status;
    mnist_fail(&err, MNIST_ERROR_SYSTEM, "standard output: cannot write: %s",
               strerror(reason));
    return cli_fail(&err);
}

int main(int argc, char **argv)
{
    open_standard_streams();
    /* Only the character set: a decimal comma would break JSON and --lr. */
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_DFL); /* `| head` ends the program quietly */
    signal(SIGXFSZ, SIG_IGN); /* a size limit becomes a failed write */
    int status = finish_output(run(argc, argv));
    if (status > CLI_SIGNAL)
        cli_signals_die(status - CLI_SIGNAL);
    return status;
}
