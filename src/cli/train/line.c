/* What was given on the command line of mnist train: that it goes together. */
#include "cli/options/choices.h"
#include "cli/options/command.h"
#include "cli/train/train.h"

#include <stdio.h>
#include <string.h>

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

/* What is written on the way, and what is gone on with. */
static int check_course(const cli_line *line, const cli_train_args *args)
{
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
    if (args->history && cli_path_ends(args->history, ".json"))
        return cli_usage("--history writes a row an epoch: name the file .csv, "
                         "or .jsonl for JSON Lines; one JSON value, as .json "
                         "promises, it is not");
    if (args->append && !args->history)
        return cli_usage("--append says how --history is written; name a file "
                         "with that, too");
    if (args->append && args->resume)
        return cli_usage("--resume goes on with the file of --history by "
                         "itself; leave out --append");
    return CLI_GO;
}

/* Speaks of each thing by one name, and of what others imply. */
static void settle(const cli_line *line, cli_train_args *args)
{
    args->net_given = cli_line_gives(line, "net");
    args->scale_given = cli_line_gives(line, "scale");
    if (args->quiet || args->json)
        args->verbose = 0;
    if (args->val_images)
        args->validation_split = 0;
    if (!cli_line_gives(line, "lr-schedule")) {
        if (cli_line_gives(line, "lr-plateau"))
            args->lr_schedule = cli_schedules[MNIST_PLATEAU];
        else if (cli_line_gives(line, "lr-step"))
            args->lr_schedule = cli_schedules[MNIST_STEP];
    }
    args->monitor = cli_monitors[cli_monitor_of(args->monitor)];
}

int cli_train_check_line(const cli_line *line, cli_train_args *args)
{
    settle(line, args);
    if (args->plot && args->verbose != 1)
        return cli_usage("--plot draws below the bar, and %s shows none; leave "
                         "out one of them",
                         args->quiet  ? "--quiet"
                         : args->json ? "--json"
                                      : "--verbose other than 1");
    if (args->fast && strcmp(args->kernel, "auto") != 0 &&
        strcmp(args->kernel, "avx512") != 0)
        return cli_usage("--fast goes with the kernels avx512, and --kernel "
                         "asks for %s; leave out one of them",
                         args->kernel);
    int status = check_course(line, args);
    return status == CLI_GO ? check_data(args) : status;
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

int cli_train_check_idle(const cli_line *line, const cli_train_args *args)
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

mnist_status cli_train_check_files(cli_train *t, const cli_line *line,
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
