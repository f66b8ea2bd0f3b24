/* mnist train: from images with labels to a weights file. */
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/report.h"
#include "cli/train.h"

#include <float.h>
#include <signal.h>

static const char *const losses[] = {"categorical_crossentropy",
                                     "sparse_categorical_crossentropy", NULL};

static const cli_option options[] = {
    {.name = "data",
     .letter = 'd',
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, data),
     .value = "DIR",
     .help = "folder of the four MNIST files; if not given, $MNIST_DATA, else "
             "data/mnist"},
    {.name = "net",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, net),
     .value = "NAME|LINE",
     .help = "network: a name of mnist info --nets, or a line such as "
             "dense:512:relu,dense:10:softmax"},
    {.name = "epochs",
     .letter = 'e',
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, epochs),
     .value = "N",
     .most = 1000000,
     .help = "times through the images; 0 writes the initial weights"},
    {.name = "batch",
     .alias = "batch-size",
     .letter = 'b',
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, batch),
     .value = "N",
     .least = 1,
     .most = UINT32_MAX,
     .help = "images a step"},
    {.name = "lr",
     .alias = "learning-rate",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, lr),
     .value = "R",
     .above = true,
     .high = FLT_MAX,
     .help = "learning rate of RMSprop"},
    {.name = "rho",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, rho),
     .value = "R",
     .high = 1,
     .below = true,
     .help = "decay of its mean of squared gradients"},
    {.name = "momentum",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, momentum),
     .value = "R",
     .high = 1,
     .below = true,
     .help = "its momentum"},
    {.name = "epsilon",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, epsilon),
     .value = "R",
     .low = 0x1p-100,
     .high = 0x1p100,
     .help = "added to that mean, inside the root, as in Keras 3"},
    {.name = "loss",
     .kind = CLI_CHOICE,
     .at = offsetof(cli_train_args, loss),
     .value = "NAME",
     .choices = losses,
     .help = "categorical_crossentropy or sparse_categorical_crossentropy; "
             "one and the same here"},
    {.name = "scale",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, scale),
     .value = "S",
     .low = 0x1p-60,
     .high = 0x1p60,
     .help = "pixels enter as pixel / S; 1 leaves them raw"},
    {.name = "seed",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, seed),
     .value = "N",
     .most = UINT64_MAX,
     .help = "the same seed, data and options give the same file"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, out),
     .value = "FILE",
     .help = "where the weights go"},
    {.name = "init",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, init),
     .value = "FILE",
     .help = "start from these weights, with their network and scale"},
    {.name = "no-shuffle",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, no_shuffle),
     .help = "keep the images in the order of the file"},
    {.name = "limit",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, limit),
     .value = "N",
     .least = 1,
     .most = UINT32_MAX,
     .help = "train on the first N images only"},
    {.name = "threads",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, threads),
     .value = "N",
     .most = 1024,
     .help = "0 is one a processor; changes speed only"},
    {.name = "kernel",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, kernel),
     .value = "NAME",
     .help = "arithmetic for this processor, of those in mnist --version; "
             "changes speed only"},
    {.name = "verbose",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, verbose),
     .value = "0|1|2",
     .most = 2,
     .help = "progress: 0 none, 1 a bar on a terminal, 2 a line an epoch"},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, quiet),
     .help = "print errors only"},
    {.name = "json",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, json),
     .help = "print one JSON object an epoch, and one at the end, instead of "
             "text"},
};

static cli_train_args defaults(void)
{
    mnist_train_options o = mnist_train_defaults();
    return (cli_train_args){.common = CLI_COMMON_DEFAULTS,
                            .net = mnist_spec_named(0)->name,
                            .out = CLI_WEIGHTS_NAME,
                            .loss = losses[0],
                            .kernel = "auto",
                            .epochs = o.epochs,
                            .batch = o.batch,
                            .seed = o.seed,
                            .threads = o.threads,
                            .verbose = 1,
                            .lr = o.rmsprop.lr,
                            .rho = o.rmsprop.rho,
                            .momentum = o.rmsprop.momentum,
                            .epsilon = o.rmsprop.epsilon,
                            .scale = 255};
}

/* Says what it is doing before the first second is over, and takes it back. */
static mnist_status prepare(cli_train *t, mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    bool says = t->terminal.moves && t->args->verbose == 1;
    if (says)
        fprintf(stderr, "reading %s", cli_quote(quoted, t->folder));
    mnist_status status = cli_train_prepare(t, err);
    if (says)
        fputs("\r\x1b[K", stderr);
    return status;
}

static int run(const cli_command *self, int argc, char **argv)
{
    cli_train_args args = defaults();
    cli_line line;
    mnist_error err;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status != CLI_GO)
        return status;
    args.net_given = cli_line_gives(&line, "net");
    args.scale_given = cli_line_gives(&line, "scale");
    if (args.quiet || args.json)
        args.verbose = 0;
    /* Whoever reads the results may leave; the weights are wanted all the
       same. */
    signal(SIGPIPE, SIG_IGN);
    cli_train t = {.args = &args,
                   .folder = cli_data_folder(args.data),
                   .terminal = cli_terminal_of(stderr, &args.common)};
    if (mnist_cpu_use(args.kernel, &err) ||
        cli_path_check_output(args.out, &err) || prepare(&t, &err)) {
        status = cli_fail(&err);
    } else {
        cli_train_announce(&t);
        status = cli_train_run(&t);
    }
    cli_train_release(&t);
    return status;
}

const cli_command cli_command_train = {
    .name = "train",
    .summary = "trains a network and writes its weights",
    .operands = "",
    .examples = "  mnist train\n"
                "  mnist train --epochs 5 --batch 128 --seed 1 --out "
                "my.safetensors\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
