/*
 * The man page, in the macros of man(7): what --help tells, command by command,
 * between some words about all of them.
 */
#include "cli/manual/generate.h"
#include "cli/options/command.h"
#include "cli/options/help.h"

#include <ctype.h>
#include <string.h>

/* Room for what more_help prints. */
enum { MORE_MAX = 16384 };

static const char description[] =
    ".SH DESCRIPTION\n"
    "Trains networks on images with labels, tells how well they do on others, "
    "and\n"
    "which digit an image shows.\n"
    "Images and labels are IDX files, raw or gzip'd; learned weights are\n"
    "safetensors files.\n"
    "The same seed, data and options give the same weights to the last byte,\n"
    "whatever the processor and the number of threads.\n"
    ".PP\n"
    "Results go to standard output, progress and errors to standard error.\n"
    "Options and operands may stand in any order;\n"
    ".B \\-\\-\n"
    "ends the options, and of an option given twice the last counts.\n"
    "In brackets stands what counts when an option is not given.\n"
    ".PP\n"
    ".B mnist help\n"
    ".I COMMAND\n"
    "and\n"
    ".B mnist\n"
    ".I COMMAND\n"
    ".B \\-\\-help\n"
    "tell the options of a command,\n"
    ".B mnist \\-\\-version\n"
    "the version and the kernels that this machine would use.\n";

static const char ends[] =
    ".SH ENVIRONMENT\n"
    ".TP\n"
    ".B MNIST_DATA\n"
    "The data folder where\n"
    ".B \\-\\-data\n"
    "is not given; else it is\n"
    ".IR data/mnist .\n"
    ".TP\n"
    ".B NO_COLOR\n"
    "If set and not empty, no colours.\n"
    ".TP\n"
    ".BR TERM ,\\  COLORTERM ,\\  COLUMNS\n"
    "What the terminal can show; with TERM=dumb nothing moves and nothing is\n"
    "coloured.\n"
    ".TP\n"
    ".BR LC_ALL ,\\  LC_CTYPE ,\\  LANG\n"
    "The characters that can be shown. Numbers are written the same "
    "everywhere.\n"
    ".SH FILES\n"
    ".TP\n"
    ".I data/mnist\n"
    "The four files of MNIST, raw or with .gz: train\\-images\\-idx3\\-ubyte,\n"
    "train\\-labels\\-idx1\\-ubyte, t10k\\-images\\-idx3\\-ubyte and\n"
    "t10k\\-labels\\-idx1\\-ubyte.\n"
    ".B get\\-mnist\n"
    "fetches them,\n"
    ".B mnist synth\n"
    "draws others in their place.\n"
    ".TP\n"
    ".I mnist.safetensors\n"
    "What\n"
    ".B mnist train\n"
    "writes and the other commands read when no other name is given.\n"
    ".TP\n"
    ".I mnist.checkpoint.safetensors\n"
    "Where a training is kept that was stopped, to be gone on with.\n";

static const char sees_also[] = ".SH SEE ALSO\n"
                                "The library's headers, of which\n"
                                ".I mnist.h\n"
                                "begins with a complete program;\n"
                                ".BR pkg\\-config (1)\n"
                                "knows it as\n"
                                ".BR mnist .\n";

/* One line of text; no line begins with a control character, a '-' is the one
   to be copied, and quotes stay straight. */
static void print_line(FILE *out, const char *text, size_t length)
{
    if (length > 0 && (*text == '.' || *text == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '-':
            fputs("\\-", out);
            break;
        case '\\':
            fputs("\\e", out);
            break;
        case '\'':
            fputs("\\(aq", out);
            break;
        case '^':
            fputs("\\(ha", out);
            break;
        case '~':
            fputs("\\(ti", out);
            break;
        case '`':
            fputs("\\(ga", out);
            break;
        default:
            fputc(text[i], out);
        }
    }
}

static void print_text(FILE *out, const char *text)
{
    print_line(out, text, strlen(text));
}

/* Lines that stay as they are. */
static void print_lines(FILE *out, const char *text)
{
    fputs(".PP\n.nf\n", out);
    while (*text) {
        size_t length = strcspn(text, "\n");
        print_line(out, text, length);
        fputc('\n', out);
        text += length + (text[length] == '\n');
    }
    fputs(".fi\n", out);
}

static void print_option(FILE *out, const cli_option *option, const void *args)
{
    char text[CLI_HELP_MAX];
    fputs(".TP\n", out);
    if (option->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", out);
    print_text(out, option->name);
    fputs("\\fR", out);
    if (option->value)
        fprintf(out, " \\fI%s\\fR", option->value);
    fputc('\n', out);
    print_text(out, cli_help_option(text, option, args));
    fputc('\n', out);
}

/* What a command adds behind its options, as it stands. */
static int print_more(FILE *out, const cli_command *command)
{
    char text[MORE_MAX] = "";
    FILE *more = fmemopen(text, sizeof text, "w");
    if (!more)
        return cli_no_memory();
    int status = command->more_help(more);
    if (fclose(more) != 0 && status == CLI_DONE)
        status = cli_no_memory();
    if (status == CLI_DONE)
        print_lines(out, text + (*text == '\n'));
    return status;
}

/* A command's part of the page: its print_help. */
static int print_command(FILE *out, const cli_command *command,
                         const void *args)
{
    const char *summary = command->summary;
    fprintf(out, ".SS mnist %s\n%c", command->name, toupper(*summary));
    print_text(out, summary + 1);
    fputs(".\n", out);
    print_lines(out, command->examples);
    for (size_t i = 0; i < command->option_count; i++)
        print_option(out, &command->options[i], args);
    return command->more_help ? print_more(out, command) : CLI_DONE;
}

static int print_commands(FILE *out)
{
    const cli_command *command;
    char *ask[] = {(char[]){"--help"}, NULL};
    fputs(".SH COMMANDS\n", out);
    for (size_t i = 0; (command = cli_command_get(i)); i++) {
        /* It knows its defaults, and gives them to whoever prints its help. */
        cli_command asked = *command;
        asked.print_help = print_command;
        int status = asked.run(&asked, 1, ask);
        if (status != CLI_DONE)
            return status;
    }
    return CLI_DONE;
}

static void print_common(FILE *out)
{
    const cli_common defaults = CLI_COMMON_DEFAULTS;
    const cli_command *any = cli_command_get(0);
    const cli_option *option;
    fputs(".SH COMMON OPTIONS\nEvery command takes these.\n", out);
    for (size_t i = any->option_count; (option = cli_option_get(any, i)); i++)
        print_option(out, option, &defaults);
}

static void print_synopsis(FILE *out)
{
    const cli_command *command;
    fputs(".SH SYNOPSIS\n", out);
    for (size_t i = 0; (command = cli_command_get(i)); i++) {
        fprintf(out, "%s.B mnist %s\n[\\fIOPTION\\fR]...", i ? ".br\n" : "",
                command->name);
        if (*command->operands)
            fprintf(out, " \\fI%s\\fR", command->operands);
        fputc('\n', out);
    }
}

int cli_generate_man(void)
{
    FILE *out = stdout;
    const cli_help_exit *exit;
    fprintf(out, ".TH MNIST 1 \"\" \"mnist %s\" \"User Commands\"\n",
            mnist_version());
    fputs(".SH NAME\nmnist \\- train, evaluate and run classifiers of "
          "handwritten digits\n",
          out);
    print_synopsis(out);
    fputs(description, out);
    int status = print_commands(out);
    if (status != CLI_DONE)
        return status;
    print_common(out);
    fputs(ends, out);
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; (exit = cli_help_exit_get(i)); i++) {
        fprintf(out, ".TP\n.B %s\n", exit->status);
        print_text(out, exit->meaning);
        fputs("\n", out);
    }
    fputs(sees_also, out);
    return CLI_DONE;
}
