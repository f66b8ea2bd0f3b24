/* mnist eval: loss and accuracy of weights on labelled images. */
#include "cli/drawing/confusion.h"
#include "cli/drawing/picture.h"
#include "cli/files/form.h"
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/options/values.h"
#include "cli/results/mistakes.h"
#include "cli/results/report.h"
#include "cli/results/results.h"
#include "cli/terminal/signals.h"
#include "cli/text/json.h"
#include "cli/text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct eval_args {
    cli_common common;
    const char *weights, *data, *images, *labels, *kernel, *report, *style;
    uint64_t batch, threads, mistakes;
    double min_accuracy;
    bool confusion, per_class, timing, json, quiet, invert, transpose;
} eval_args;

static const cli_option options[] = {
    CLI_ROW_WEIGHTS(eval_args, weights),
    {.name = "data",
     .letter = 'd',
     .kind = CLI_TEXT,
     .at = offsetof(eval_args, data),
     .value = "DIR",
     .help = "folder whose test set is used; if not given, $MNIST_DATA, else "
             "data/mnist"},
    {.name = "images",
     .kind = CLI_TEXT,
     .at = offsetof(eval_args, images),
     .value = "FILE",
     .help = "these images instead, IDX or gzip'd IDX"},
    {.name = "labels",
     .kind = CLI_TEXT,
     .at = offsetof(eval_args, labels),
     .value = "FILE",
     .help = "and their labels"},
    CLI_FORM_INVERT_DATA(eval_args, invert),
    CLI_FORM_TRANSPOSE(eval_args, transpose),
    {.name = "min-accuracy",
     .kind = CLI_REAL,
     .at = offsetof(eval_args, min_accuracy),
     .value = "F",
     .high = 1,
     .help = "exit with status 1 if the accuracy is below"},
    {.name = "confusion",
     .kind = CLI_FLAG,
     .at = offsetof(eval_args, confusion),
     .help = "count which label was taken for which"},
    {.name = "per-class",
     .kind = CLI_FLAG,
     .at = offsetof(eval_args, per_class),
     .help = "tell precision, recall and F1 of each class"},
    {.name = "timing",
     .kind = CLI_FLAG,
     .at = offsetof(eval_args, timing),
     .help = "tell how long it took to load, and to evaluate an image"},
    {.name = "mistakes",
     .kind = CLI_COUNT,
     .at = offsetof(eval_args, mistakes),
     .value = "N",
     .least = 1,
     .most = 10000,
     .help = "draw the N images that were taken for another class with the "
             "most confidence"},
    CLI_PICTURE_STYLE(eval_args, style, "how to draw them"),
    {.name = "report",
     .kind = CLI_TEXT,
     .at = offsetof(eval_args, report),
     .value = "FILE",
     .help = "write a page to open in a browser: confusion, mistakes, weights"},
    {.name = "batch",
     .alias = "batch-size",
     .letter = 'b',
     .kind = CLI_COUNT,
     .at = offsetof(eval_args, batch),
     .value = "N",
     .least = 1,
     .most = UINT32_MAX,
     .help = "images at once; changes speed and memory only"},
    CLI_ROW_THREADS(eval_args, threads, "one a processor"),
    CLI_ROW_KERNEL(eval_args, kernel),
    {.name = "json",
     .kind = CLI_FLAG,
     .at = offsetof(eval_args, json),
     .help = "print one JSON object, with the time taken"},
    CLI_ROW_QUIET(eval_args, quiet),
};

/* What an evaluation needs and gives. */
typedef struct evaluation {
    mnist_network *net;
    mnist_notes *notes; /* how the weights came about */
    mnist_dataset data;
    mnist_workspace *ws;
    size_t *confusion; /* NULL unless it or what follows from it is asked for */
    cli_mistakes mistakes;
    cli_report report;
    mnist_evaluation figures;
    double load_seconds, seconds;
    bool reported; /* the report that was asked for is written */
} evaluation;

static mnist_status load(evaluation *e, const eval_args *args, mnist_error *err)
{
    double start = cli_now();
    mnist_status status =
        cli_weights_load(&e->net, &e->notes, args->weights, err);
    if (status)
        return status;
    if (args->images)
        status = mnist_dataset_load(&e->data, args->images, args->labels, err);
    else
        status = mnist_dataset_load_part(&e->data, cli_data_folder(args->data),
                                         MNIST_TEST, err);
    if (!status)
        status = cli_form_turn(&e->data, args->invert, args->transpose, err);
    if (!status)
        status = cli_weights_fit(args->weights, e->net, &e->data, err);
    e->load_seconds = cli_now() - start;
    return status;
}

static mnist_status evaluate(evaluation *e, const eval_args *args,
                             mnist_error *err)
{
    double start = cli_now();
    size_t classes = mnist_network_classes(e->net);
    size_t batch =
        args->batch < e->data.count ? (size_t)args->batch : e->data.count;
    mnist_status status = mnist_workspace_new(&e->ws, e->net, batch,
                                              (unsigned)args->threads, 0, err);
    if (status)
        return status;
    if ((args->confusion || args->per_class) &&
        !(e->confusion = calloc(classes, classes * sizeof *e->confusion)))
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    status = mnist_evaluate(e->ws, &e->data, &e->figures, e->confusion, err);
    e->seconds = cli_now() - start;
    if (!status && args->mistakes)
        status = cli_mistakes_find(&e->mistakes, (size_t)args->mistakes, e->ws,
                                   &e->data, err);
    return status;
}

static mnist_status fill_report(evaluation *e, const eval_args *args,
                                mnist_error *err)
{
    const mnist_note *note;
    mnist_report *page = &e->report.page;
    size_t most = args->mistakes ? (size_t)args->mistakes : CLI_REPORT_MISTAKES;
    mnist_status status =
        cli_report_evaluate(&e->report, e->ws, &e->data, most, err);
    for (size_t i = 0; (note = mnist_notes_get(e->notes, i)); i++)
        cli_report_add_note(&e->report, note);
    page->title = strcmp(args->weights, "-") == 0
                      ? "standard input"
                      : cli_path_name(args->weights);
    page->net = e->net;
    page->without_epochs =
        "A weights file holds no curves: mnist train --report draws them.";
    return status;
}

/* A signal that comes meanwhile waits, not to leave half a file. Returns its
   number, or 0. */
static int write_report(evaluation *e, const eval_args *args,
                        mnist_status *failed, mnist_error *err)
{
    cli_signals_watch();
    *failed = mnist_report_write(&e->report.page, args->report, err);
    int number = cli_signals_caught();
    cli_signals_release();
    e->reported = !*failed;
    return number;
}

static double microseconds_an_image(const evaluation *e)
{
    return 1e6 * e->seconds / (double)e->figures.count;
}

static void print_timing(const evaluation *e)
{
    printf("time %.4f s, %.2f us an image; loading %.4f s\n", e->seconds,
           microseconds_an_image(e), e->load_seconds);
}

static void print_json(const evaluation *e, const eval_args *args)
{
    size_t classes = mnist_network_classes(e->net);
    cli_json json = cli_json_line("eval");
    cli_json_evaluation(&json, &e->figures);
    cli_json_real(&json, "load_seconds", e->load_seconds);
    cli_json_real(&json, "seconds", e->seconds);
    cli_json_real(&json, "microseconds_per_image", microseconds_an_image(e));
    if (args->confusion)
        cli_json_confusion(&json, e->confusion, classes);
    if (args->per_class)
        cli_json_classes(&json, e->confusion, classes);
    if (args->mistakes)
        cli_mistakes_json(&json, &e->mistakes, &e->data);
    if (e->reported)
        cli_json_text(&json, "report", args->report);
    cli_json_close(&json);
}

/* Returns CLI_DONE, or CLI_MEMORY after telling that. */
static int print_results(const evaluation *e, const eval_args *args)
{
    size_t classes = mnist_network_classes(e->net);
    if (args->json) {
        print_json(e, args);
        return CLI_DONE;
    }
    if (args->quiet)
        return CLI_DONE;
    cli_terminal terminal = cli_terminal_of(stdout, &args->common);
    cli_picture_choose(&terminal, args->style);
    cli_print_evaluation(&terminal, "", &e->figures);
    if (args->timing)
        print_timing(e);
    if (args->confusion)
        cli_confusion_print(&terminal, e->confusion, classes);
    if (args->per_class)
        cli_print_classes(stdout, e->confusion, classes);
    int status = CLI_DONE;
    if (args->mistakes)
        status = cli_mistakes_draw(&e->mistakes, &e->data, &terminal);
    if (e->reported) {
        fputs("wrote ", stdout);
        cli_print_name(stdout, args->report);
        putchar('\n');
    }
    return status;
}

static int check_accuracy(const evaluation *e, const eval_args *args)
{
    /* Written so that a NaN would fail. */
    if (e->figures.accuracy >= args->min_accuracy)
        return CLI_DONE;
    fflush(stdout);
    fprintf(stderr, "mnist: accuracy %.6g is below --min-accuracy %g\n",
            e->figures.accuracy, args->min_accuracy);
    return CLI_BELOW;
}

static size_t count_standard_input(const eval_args *args)
{
    const char *const paths[] = {args->weights, args->images, args->labels};
    size_t count = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        count += paths[i] && strcmp(paths[i], "-") == 0;
    return count;
}

static int check_line(const cli_line *line, eval_args *args)
{
    int status = cli_line_operand(line, "weights", &args->weights);
    if (status != CLI_GO)
        return status;
    if (!args->images != !args->labels)
        return cli_usage("--images and --labels go together; %s is missing",
                         args->images ? "--labels" : "--images");
    if (args->images && args->data)
        return cli_usage("--data and --images both name what to evaluate on; "
                         "give one of them");
    return cli_check_standard_input(count_standard_input(args));
}

/* That the report can be written, and is no file that is read. */
static mnist_status check_files(const eval_args *args, mnist_error *err)
{
    const cli_path_use files[] = {{"weights", args->weights},
                                  {"images", args->images},
                                  {"labels", args->labels},
                                  {"the report", args->report}};
    if (!args->report)
        return MNIST_OK;
    mnist_status status = cli_path_check_output(args->report, "report", err);
    for (size_t i = 0; i < 3 && !status; i++)
        status = cli_path_check_different(
            (const cli_path_use[]){files[i], files[3]}, 2, err);
    return status;
}

/* The results are told even if the report cannot be written. */
static int finish(evaluation *e, const eval_args *args)
{
    mnist_error err;
    mnist_status failed = MNIST_OK;
    int number = 0;
    if (args->report)
        failed = fill_report(e, args, &err);
    if (args->report && !failed)
        number = write_report(e, args, &failed, &err);
    int status = print_results(e, args);
    if (!args->quiet)
        cli_form_tell_trained(e->notes, args->invert, args->transpose);
    if (status == CLI_DONE)
        status = failed ? cli_fail(&err) : check_accuracy(e, args);
    return number ? CLI_SIGNAL + number : status;
}

static int run(const cli_command *self, int argc, char **argv)
{
    eval_args args = {.common = CLI_COMMON_DEFAULTS,
                      .weights = CLI_WEIGHTS_NAME,
                      .kernel = "auto",
                      .style = cli_picture_styles[0],
                      .batch = 500};
    cli_line line;
    mnist_error err;
    evaluation e = {0};
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status == CLI_GO)
        status = check_line(&line, &args);
    if (status != CLI_GO)
        return status;
    if (mnist_cpu_use(args.kernel, &err) || check_files(&args, &err) ||
        load(&e, &args, &err) || evaluate(&e, &args, &err))
        status = cli_fail(&err);
    else
        status = finish(&e, &args);
    cli_report_free(&e.report);
    mnist_notes_free(e.notes);
    cli_mistakes_free(&e.mistakes);
    free(e.confusion);
    mnist_workspace_free(e.ws);
    mnist_dataset_free(&e.data);
    mnist_network_free(e.net);
    return status;
}

const cli_command cli_command_eval = {
    .name = "eval",
    .summary = "tells loss and accuracy on a test set",
    .operands = "[WEIGHTS]",
    .examples = "  mnist eval\n"
                "  mnist eval mnist.safetensors --confusion\n"
                "  mnist eval --per-class --mistakes 6\n"
                "  mnist eval --report report.html\n"
                "  mnist eval --min-accuracy 0.97 --json\n",
    .most_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
