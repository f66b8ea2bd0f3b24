/* mnist train: from images with labels to a weights file. */
#include "cli/caret.h"
#include "cli/choices.h"
#include "cli/command.h"
#include "cli/form.h"
#include "cli/nets.h"
#include "cli/paths.h"
#include "cli/rows.h"
#include "cli/text.h"
#include "cli/train.h"
#include "cli/values.h"

#include <float.h>
#include <signal.h>
#include <string.h>

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

/* Images go with labels, and from standard input comes one file. */
static int check_data(const cli_train_args *args)
{
    const struct {
        const char *images, *labels, *kind;
    } pairs[] = {{args->images, args->labels, ""},
                 {args->test_images, args->test_labels, "test-"},
                 {args->val_images, args->val_labels, "val-"}};
    size_t pipes = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *images = pairs[i].images, *labels = pairs[i].labels;
        if (!images != !labels)
            return cli_usage("--%simages and --%slabels go together; --%s%s is "
                             "missing",
                             pairs[i].kind, pairs[i].kind, pairs[i].kind,
                             images ? "labels" : "images");
        pipes += images && strcmp(images, "-") == 0;
        pipes += labels && strcmp(labels, "-") == 0;
    }
    if (pipes > 1)
        return cli_usage("standard input can be read only once, and - is named "
                         "%zu times",
                         pipes);
    if (args->images && args->data)
        return cli_usage("--data and --images both name what to train on; give "
                         "one of them, and --test-images to test on others");
    return CLI_GO;
}

/* What can be told from the command line alone. */
static int check_line(const cli_line *line, cli_train_args *args)
{
    args->net_given = cli_line_gives(line, "net");
    args->scale_given = cli_line_gives(line, "scale");
    if (args->quiet || args->json)
        args->verbose = 0;
    if (args->plot && args->verbose != 1)
        return cli_usage("--plot draws below the bar, and %s shows none; leave "
                         "out one of them",
                         args->quiet  ? "--quiet"
                         : args->json ? "--json"
                                      : "--verbose other than 1");
    if (args->init && args->resume)
        return cli_usage("--init and --resume both say where to start; give "
                         "one of them");
    if (args->resume && strcmp(args->resume, "-") == 0)
        return cli_usage("--resume -: a checkpoint is replaced as the training "
                         "goes on, so it cannot be standard input; name a "
                         "file");
    if (cli_line_gives(line, "checkpoint-every") && !args->checkpoint &&
        !args->resume)
        return cli_usage("--checkpoint-every says how often --checkpoint is "
                         "written; name a file with that, too");
    int status = check_data(args);
    if (status != CLI_GO)
        return status;
    if (args->fast && strcmp(args->kernel, "auto") != 0 &&
        strcmp(args->kernel, "avx512") != 0)
        return cli_usage("--fast goes with the kernels avx512, and --kernel "
                         "asks for %s; leave out one of them",
                         args->kernel);
    if (args->val_images)
        args->validation_split = 0;
    if (!cli_line_gives(line, "lr-schedule")) {
        if (cli_line_gives(line, "lr-plateau"))
            args->lr_schedule = cli_schedules[MNIST_PLATEAU];
        else if (cli_line_gives(line, "lr-step"))
            args->lr_schedule = cli_schedules[MNIST_STEP];
    }
    /* By one name, whichever was typed. */
    args->monitor = cli_monitors[cli_monitor_of(args->monitor)];
    return CLI_GO;
}

/* What says how good an epoch is: that somebody asks, and that there is such a
   figure. */
static int check_monitor(const cli_line *line, const cli_train_args *args)
{
    mnist_monitor monitor = cli_monitor_of(args->monitor);
    bool validates = args->val_images || args->validation_split > 0;
    bool keeps_best = args->patience > 0 || args->save_best;
    if (cli_line_gives(line, "min-delta") && !keeps_best)
        return cli_usage("--min-delta says what is better for --patience and "
                         "--save-best; give one of them, or a patience of 1 or "
                         "more epochs");
    if (cli_line_gives(line, "monitor") && !keeps_best &&
        cli_schedule_of(args->lr_schedule) != MNIST_PLATEAU)
        return cli_usage("--monitor says what --patience, --save-best and "
                         "--lr-plateau look at; give one of them, or a "
                         "patience of 1 or more epochs");
    if (!validates && (monitor == MNIST_MONITOR_VALIDATION_LOSS ||
                       monitor == MNIST_MONITOR_VALIDATION_ACCURACY))
        return cli_usage("--monitor %s: there are no validation images; keep "
                         "some with --validation-split 0.1, or look at %s",
                         args->monitor,
                         monitor == MNIST_MONITOR_VALIDATION_LOSS ? "loss"
                                                                  : "acc");
    return CLI_GO;
}

/* Options that would be passed over in silence; what the others are is known
   once a checkpoint was read. */
static int check_idle(const cli_line *line, const cli_train_args *args)
{
    static const struct {
        const char *name;
        mnist_schedule schedule;
    } of_one[] = {{"lr-step", MNIST_STEP},
                  {"lr-gamma", MNIST_STEP},
                  {"lr-plateau", MNIST_PLATEAU},
                  {"lr-factor", MNIST_PLATEAU},
                  {"min-lr", MNIST_PLATEAU}};
    for (size_t i = 0; i < sizeof of_one / sizeof *of_one; i++)
        if (cli_line_gives(line, of_one[i].name) &&
            cli_schedule_of(args->lr_schedule) != of_one[i].schedule)
            return cli_usage("--%s is for --lr-schedule %s, and the schedule "
                             "is %s",
                             of_one[i].name, cli_schedules[of_one[i].schedule],
                             args->lr_schedule);
    if (cli_line_gives(line, "checkpoint-every") && args->save_best)
        return cli_usage("--save-best writes the checkpoint after better "
                         "epochs, and --checkpoint-every after others, too; "
                         "leave out one of them");
    return check_monitor(line, args);
}

/* Where all the files go, and that they can. */
static mnist_status check_files(cli_train *t, const cli_line *line,
                                mnist_error *err)
{
    const cli_train_args *args = t->args;
    const char *given = args->checkpoint ? args->checkpoint : args->resume;
    if (args->resume && !cli_line_gives(line, "out"))
        cli_path_resumed(t->out, args->resume, args->out);
    else
        snprintf(t->out, sizeof t->out, "%s", args->out);
    mnist_status status = cli_path_check_output(t->out, "out", err);
    if (!status && args->resume)
        status = cli_path_check_resumed(args->resume, t->out, err);
    if (!status && args->checkpoint)
        status = cli_path_check_output(args->checkpoint, "checkpoint", err);
    if (!status && args->history)
        status = cli_path_check_output(args->history, "history", err);
    if (!status && args->report)
        status = cli_path_check_output(args->report, "report", err);
    if (status)
        return status;
    t->checkpoints = given != NULL;
    if (given)
        snprintf(t->checkpoint, sizeof t->checkpoint, "%s", given);
    else
        cli_path_checkpoint(t->checkpoint, t->out);
    const cli_path_use files[] = {{"weights", t->out},
                                  {"checkpoint", t->checkpoint},
                                  {"history", args->history},
                                  {"the report", args->report}};
    status = cli_path_check_different(files, 4, err);
    if (!status && args->checkpoint) {
        const cli_path_use others[] = {{"the weights", t->out},
                                       {"the history", args->history},
                                       {"the report", args->report}};
        status = cli_path_check_epochs(args->checkpoint, "a checkpoint", others,
                                       3, err);
    }
    const cli_path_use start[] = {{"the weights to start from", args->init},
                                  {"the report", args->report}};
    return status ? status : cli_path_check_different(start, 2, err);
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
                                     .goes_on = t->args->resume != NULL,
                                     .epochs = cli_train_epochs(t)};
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
    if (mnist_cpu_use(t->args->kernel, &err) || check_files(t, line, &err))
        return cli_fail(&err);
    if (t->args->resume && cli_train_resume(t, line, &err))
        return cli_fail(&err);
    int status = check_idle(line, t->args);
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
        status = check_line(&line, &args);
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
