/* mnist compare: whether two sets of runs differ. */
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/results/comparison.h"
#include "cli/text/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The names of mnist_metric_get, which a test compares. */
static const char *const metrics[] = {
    "test_accuracy",  "test_loss",  "test_cross_entropy",
    "val_accuracy",   "val_loss",   "val_cross_entropy",
    "train_accuracy", "train_loss", "train_cross_entropy",
    "seconds",        NULL};

typedef struct compare_args {
    cli_common common;
    const char *metric;
    double alpha;
    bool not_worse, json, quiet;
} compare_args;

static const cli_option options[] = {
    {.name = "metric",
     .letter = 'm',
     .kind = CLI_CHOICE,
     .at = offsetof(compare_args, metric),
     .value = "NAME",
     .choices = metrics,
     .help = "what is compared: test_accuracy, test_loss or "
             "test_cross_entropy, the same with val_ or train_ in front (of "
             "the epoch whose weights were kept), or seconds"},
    {.name = "alpha",
     .kind = CLI_REAL,
     .at = offsetof(compare_args, alpha),
     .value = "P",
     .low = 1e-6,
     .high = 0.5,
     .help = "a difference counts if chance alone would give one as large in "
             "less than this share of cases"},
    {.name = "not-worse",
     .kind = CLI_FLAG,
     .at = offsetof(compare_args, not_worse),
     .help = "exit with status 1 if B is worse than A, or if there are too "
             "few runs to tell"},
    {.name = "json",
     .kind = CLI_FLAG,
     .at = offsetof(compare_args, json),
     .help = "print one JSON object"},
    CLI_ROW_QUIET(compare_args, quiet),
};

static void warn(const cli_comparison *c, size_t side, const mnist_runs *runs)
{
    char quoted[CLI_QUOTE_MAX];
    if (runs->unfinished)
        cli_warn("%s: left out %zu training%s that began and did not end",
                 cli_quote(quoted, c->path[side]), runs->unfinished,
                 runs->unfinished == 1 ? "" : "s");
    if (c->repeats[side])
        cli_warn("%s: seed %" PRIu64 " is there more than once: the same seed "
                 "and options give the same result, which tells nothing new",
                 cli_quote(quoted, c->path[side]), c->repeated[side]);
}

static int check_worse(const cli_comparison *c)
{
    if (c->better == CLI_BETTER_B || c->better == CLI_BETTER_NEITHER)
        return CLI_DONE;
    fflush(stdout);
    if (c->better == CLI_BETTER_A)
        fprintf(stderr, "mnist: --not-worse: B is worse than A\n");
    else
        fprintf(stderr, "mnist: --not-worse: these runs cannot tell; give at "
                        "least 2 seeds on either side\n");
    return CLI_BELOW;
}

static const char *name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int compare(const compare_args *args, const cli_line *line,
                   const mnist_runs *a, const mnist_runs *b)
{
    cli_comparison c = {
        .metric = cli_comparison_metric(args->metric),
        .alpha = args->alpha,
        .path = {name_of(line->operands[0]), name_of(line->operands[1])}};
    if (!cli_comparison_make(&c, a, b))
        return cli_no_memory();
    if (!args->quiet) {
        warn(&c, 0, a);
        warn(&c, 1, b);
    }
    if (args->json)
        cli_comparison_json(&c);
    else if (!args->quiet)
        cli_comparison_print(&c);
    return args->not_worse ? check_worse(&c) : CLI_DONE;
}

static int run(const cli_command *self, int argc, char **argv)
{
    compare_args args = {
        .common = CLI_COMMON_DEFAULTS, .metric = metrics[0], .alpha = 0.05};
    cli_line line;
    mnist_error err;
    mnist_runs a, b;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status != CLI_GO)
        return status;
    if (strcmp(line.operands[0], "-") == 0 &&
        strcmp(line.operands[1], "-") == 0)
        return cli_usage("standard input can be read only once, and both A and "
                         "B are -");
    if (mnist_runs_read(&a, line.operands[0], args.metric, &err))
        return cli_fail(&err);
    if (mnist_runs_read(&b, line.operands[1], args.metric, &err)) {
        mnist_runs_free(&a);
        return cli_fail(&err);
    }
    status = compare(&args, &line, &a, &b);
    mnist_runs_free(&a);
    mnist_runs_free(&b);
    return status;
}

static int more_help(FILE *out)
{
    fputs("\nA and B hold lines of mnist train --json or mnist eval --json, "
          "those of each\nrun after those of the one before. Where both have "
          "the same seeds, runs of the\nsame seed are compared with each "
          "other, else the means by Welch's t-test.\n",
          out);
    return CLI_DONE;
}

const cli_command cli_command_compare = {
    .name = "compare",
    .summary = "tells whether two sets of runs differ",
    .operands = "A B",
    .examples = "  mnist compare a.jsonl b.jsonl\n"
                "  mnist compare a.jsonl b.jsonl --metric test_loss --alpha "
                "0.01\n"
                "  mnist compare before.jsonl after.jsonl --not-worse --json\n",
    .least_operands = 2,
    .most_operands = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .more_help = more_help,
    .run = run,
};
