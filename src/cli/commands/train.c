/* mnist train: from images with labels to a weights file. */
#include "cli/train/train.h"
#include "cli/files/form.h"
#include "cli/options/choices.h"
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/results/nets.h"
#include "cli/terminal/caret.h"
#include "cli/text/text.h"

#include <float.h>
#include <signal.h>
#include <string.h>

static const char *const losses[] = {"categorical_crossentropy",
                                     "sparse_categorical_crossentropy", NULL};

static const char *const optimizers[] = {"rmsprop", NULL};

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
     .word = cli_net_name,
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
    {.name = "optimizer",
     .kind = CLI_CHOICE,
     .at = offsetof(cli_train_args, optimizer),
     .value = "NAME",
     .choices = optimizers,
     .help = "rmsprop, the only one there is"},
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
    {.name = "centered",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, centered),
     .help =
         "divide by the variance of the gradients, not by their mean square"},
    {.name = "clip-norm",
     .alias = "clipnorm",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, clip_norm),
     .value = "X",
     .high = FLT_MAX,
     .help = "scale the gradient of each kernel and bias down to norm X where "
             "it is longer, as Keras' clipnorm; 0 does not"},
    {.name = "lr-schedule",
     .kind = CLI_CHOICE,
     .at = offsetof(cli_train_args, lr_schedule),
     .value = "NAME",
     .choices = cli_schedules,
     .help = "constant, step (lower every --lr-step epochs), cosine (down to 0 "
             "along a half wave) or plateau (lower after --lr-plateau epochs "
             "without a better --monitor)"},
    {.name = "lr-step",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, lr_step),
     .value = "N",
     .least = 1,
     .most = 1000000,
     .help = "epochs a step of --lr-schedule step, which it implies"},
    {.name = "lr-gamma",
     .alias = "gamma",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, lr_gamma),
     .value = "R",
     .above = true,
     .high = 1,
     .help = "what each of these steps multiplies the learning rate by"},
    {.name = "lr-plateau",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, lr_plateau),
     .value = "N",
     .least = 1,
     .most = 1000000,
     .help = "epochs that --lr-schedule plateau, which it implies, waits for a "
             "figure better by 0.0001"},
    {.name = "lr-factor",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, lr_factor),
     .value = "R",
     .above = true,
     .high = 1,
     .below = true,
     .help = "what it then multiplies the learning rate by"},
    {.name = "min-lr",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, min_lr),
     .value = "R",
     .high = FLT_MAX,
     .help = "learning rate below which it does not go"},
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
    CLI_FORM_INVERT_DATA(cli_train_args, invert),
    CLI_FORM_TRANSPOSE(cli_train_args, transpose),
    {.name = "limit",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, limit),
     .value = "N",
     .least = 1,
     .most = UINT32_MAX,
     .help = "train on the first N images only"},
    {.name = "validation-split",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, validation_split),
     .value = "F",
     .high = 1,
     .below = true,
     .help = "keep the last fraction F of the images, taken before any "
             "shuffling, for validation after each epoch"},
    {.name = "images",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, images),
     .value = "FILE",
     .help = "train on these images, IDX or gzip'd IDX, and not on those of a "
             "folder"},
    {.name = "labels",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, labels),
     .value = "FILE",
     .help = "and their labels"},
    {.name = "test-images",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, test_images),
     .value = "FILE",
     .help = "test on these images at the end, and not on those of a folder"},
    {.name = "test-labels",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, test_labels),
     .value = "FILE",
     .help = "and their labels"},
    {.name = "val-images",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, val_images),
     .value = "FILE",
     .help = "validate on these images, whatever the split"},
    {.name = "val-labels",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, val_labels),
     .value = "FILE",
     .help = "and their labels"},
    {.name = "patience",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, patience),
     .value = "N",
     .most = 1000000,
     .help =
         "stop after N epochs without a better --monitor, and keep the best "
         "weights; 0 never stops"},
    {.name = "monitor",
     .kind = CLI_CHOICE,
     .at = offsetof(cli_train_args, monitor),
     .value = "NAME",
     .choices = cli_monitors,
     .help = "what tells how good an epoch is: val_loss, val_acc, loss or "
             "acc; auto is the validation loss, without validation the loss"},
    {.name = "min-delta",
     .kind = CLI_REAL,
     .at = offsetof(cli_train_args, min_delta),
     .value = "X",
     .high = FLT_MAX,
     .help = "how much better is better, for --patience and --save-best"},
    {.name = "save-best",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, save_best),
     .help = "keep the weights of the best epoch in place of the last one's, "
             "and write --checkpoint after better epochs only"},
    {.name = "history",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, history),
     .value = "FILE",
     .help = "write a row an epoch: CSV, or JSON Lines if it ends in .jsonl"},
    {.name = "append",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, append),
     .help = "behind the rows that --history holds already, as --resume does "
             "with its own"},
    {.name = "report",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, report),
     .value = "FILE",
     .help = "write a page to open in a browser: curves, confusion, mistakes, "
             "weights"},
    {.name = "checkpoint",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, checkpoint),
     .value = "FILE",
     .help = "keep the training there after each epoch and when it is stopped, "
             "to --resume it; %e in the name is the epoch's number"},
    {.name = "checkpoint-every",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, checkpoint_every),
     .value = "N",
     .least = 1,
     .most = 1000000,
     .help = "do that after every Nth epoch, and the last, only"},
    {.name = "resume",
     .kind = CLI_TEXT,
     .at = offsetof(cli_train_args, resume),
     .value = "FILE",
     .help = "go on with that checkpoint, by its options and into the same "
             "file; --epochs may be more"},
    CLI_ROW_THREADS(cli_train_args, threads, "one a processor"),
    CLI_ROW_KERNEL(cli_train_args, kernel),
    {.name = "fast",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, fast),
     .help = "use AMX where the processor has it: as accurate, but not the "
             "same to the last digit as without"},
    {.name = "dry-run",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, dry_run),
     .help = "check data, options and paths, print the layers, and train and "
             "write nothing"},
    {.name = "verbose",
     .kind = CLI_COUNT,
     .at = offsetof(cli_train_args, verbose),
     .value = "0|1|2",
     .most = 2,
     .help = "progress: 0 none, 1 a bar on a terminal, 2 a line an epoch"},
    {.name = "plot",
     .kind = CLI_FLAG,
     .at = offsetof(cli_train_args, plot),
     .help = "draw loss and accuracy while they change, below the bar; only on "
             "a terminal, whose size they follow"},
    CLI_ROW_QUIET(cli_train_args, quiet),
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
                            .optimizer = optimizers[0],
                            .loss = losses[0],
                            .kernel = "auto",
                            .monitor = cli_monitors[o.monitor],
                            .lr_schedule = cli_schedules[o.schedule],
                            .epochs = o.epochs,
                            .batch = o.batch,
                            .seed = o.seed,
                            .threads = o.threads,
                            .patience = o.patience,
                            .checkpoint_every = 1,
                            .lr_step = o.step_epochs,
                            .verbose = 1,
                            .lr = o.rmsprop.lr,
                            .rho = o.rmsprop.rho,
                            .momentum = o.rmsprop.momentum,
                            .epsilon = o.rmsprop.epsilon,
                            .clip_norm = o.clip_norm,
                            .scale = 255,
                            .min_delta = o.min_delta,
                            .lr_gamma = o.step_factor,
                            .lr_plateau = o.plateau_epochs,
                            .lr_factor = o.plateau_factor,
                            .min_lr = o.min_lr};
}

/* Says what it is doing before the first second is over, and takes it back. */
static void say_reading(cli_train *t)
{
    char quoted[CLI_QUOTE_MAX];
    FILE *out =
        t->args->verbose == 1 ? cli_live_begin(&t->progress.live) : NULL;
    if (!out)
        return;
    cli_quote(quoted, t->folder);
    bool fits = sizeof "reading " + strlen(quoted) < t->terminal.width;
    fprintf(out, "reading%s%s\n", fits ? " " : "", fits ? quoted : "");
    cli_live_draw(&t->progress.live);
}

static mnist_status prepare(cli_train *t, mnist_error *err)
{
    cli_live_open(&t->progress.live, &t->terminal);
    say_reading(t);
    mnist_status status = cli_train_prepare(t, err);
    cli_live_close(&t->progress.live);
    if (!status && t->args->report)
        status = cli_train_begin_report(t, err);
    if (status || !t->args->history || t->args->dry_run)
        return status;
    const cli_history_start start = {.path = t->args->history,
                                     .validates = t->validates,
                                     .append = t->args->append,
                                     .goes_on = t->args->resume != NULL,
                                     .epochs = cli_train_epochs(t),
                                     .before = t->history_rows};
    return cli_history_open(&t->history, &start, err);
}

static int fail(const cli_train *t, const mnist_error *err)
{
    int status = cli_fail(err);
    if (err->column)
        cli_caret(stderr, t->network, err->column);
    return status;
}

static int train(cli_train *t, const cli_line *line)
{
    mnist_error err;
    if (mnist_cpu_use(t->args->kernel, &err) ||
        cli_train_check_files(t, line, &err))
        return cli_fail(&err);
    if (t->args->resume && cli_train_resume(t, line, &err))
        return cli_fail(&err);
    int status = cli_train_check_idle(line, t->args);
    if (status != CLI_GO)
        return status;
    if (prepare(t, &err))
        return fail(t, &err);
    cli_train_announce(t);
    if (!t->args->dry_run)
        return cli_train_run(t);
    cli_train_tell_dry_run(t);
    return CLI_DONE;
}

static int run(const cli_command *self, int argc, char **argv)
{
    cli_train_args args = defaults();
    cli_line line;
    mnist_error err;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status == CLI_GO)
        status = cli_train_check_line(&line, &args);
    if (status != CLI_GO)
        return status;
    /* Whoever reads the results may leave; the weights are wanted all the
       same. */
    signal(SIGPIPE, SIG_IGN);
    cli_train t = {.args = &args,
                   .folder =
                       args.images ? args.images : cli_data_folder(args.data),
                   .terminal = cli_terminal_of(stderr, &args.common),
                   .start = args.init ? "weights" : "glorot_uniform"};
    status = train(&t, &line);
    if (cli_history_close(&t.history, &err)) {
        int failed = cli_fail(&err);
        status = status == CLI_DONE ? failed : status;
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
                "my.safetensors\n"
                "  mnist train --net lenet --epochs 20 --validation-split 0.1 "
                "--patience 3\n"
                "  mnist train --validation-split 0.1 --report report.html\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .more_help = cli_nets_help,
    .run = run,
};
