/* mnist synth: digits of the program's own, for machines without MNIST. */
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/text/text.h"

#include <stdio.h>

typedef struct synth_args {
    cli_common common;
    uint64_t train, test, seed;
    bool quiet;
} synth_args;

static const cli_option options[] = {
    {.name = "train",
     .kind = CLI_COUNT,
     .at = offsetof(synth_args, train),
     .value = "N",
     .least = 1,
     .most = 10000000,
     .help = "images to train on"},
    {.name = "test",
     .kind = CLI_COUNT,
     .at = offsetof(synth_args, test),
     .value = "N",
     .least = 1,
     .most = 10000000,
     .help = "images to test with"},
    {.name = "seed",
     .kind = CLI_COUNT,
     .at = offsetof(synth_args, seed),
     .value = "N",
     .most = UINT64_MAX,
     .help = "the same seed draws the same digits"},
    CLI_ROW_QUIET(synth_args, quiet),
};

static int run(const cli_command *self, int argc, char **argv)
{
    synth_args args = {
        .common = CLI_COMMON_DEFAULTS, .train = 10000, .test = 2000};
    cli_line line;
    mnist_error err;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status != CLI_GO)
        return status;
    const char *folder = line.operands[0];
    if (mnist_synth_folder(folder, (size_t)args.train, (size_t)args.test,
                           args.seed, &err))
        return cli_fail(&err);
    if (!args.quiet) {
        printf("wrote %zu images to train on and %zu to test with into ",
               (size_t)args.train, (size_t)args.test);
        cli_print_name(stdout, folder);
        putchar('\n');
    }
    return CLI_DONE;
}

const cli_command cli_command_synth = {
    .name = "synth",
    .summary = "makes a data folder of digits drawn by the program",
    .operands = "DIR",
    .examples = "  mnist synth data/digits\n"
                "  mnist synth data/digits --train 60000 --test 10000\n",
    .least_operands = 1,
    .most_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
