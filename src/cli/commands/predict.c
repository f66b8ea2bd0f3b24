/* mnist predict: which digit an image shows. */
#include "cli/drawing/picture.h"
#include "cli/files/form.h"
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/options/values.h"
#include "cli/results/prediction.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 256, /* images predicted at once */
    DRAWN = 10,  /* most images drawn for a person who did not ask for it */
    SINGLE_THREAD = 64 /* images for which starting threads costs more */
};

typedef struct predict_args {
    cli_common common;
    const char *weights, *labels, *kernel, *style;
    cli_range index;
    uint64_t top, threads;
    bool show, json, quiet;
    cli_form form;
} predict_args;

static const cli_option options[] = {
    {.name = "weights",
     .letter = 'w',
     .kind = CLI_TEXT,
     .at = offsetof(predict_args, weights),
     .value = "FILE",
     .help = "what train wrote"},
    {.name = "index",
     .letter = 'n',
     .kind = CLI_RANGE,
     .at = offsetof(predict_args, index),
     .value = "N|A:B",
     .help = "which images, counted from 0, B not included; all if not given"},
    {.name = "top",
     .kind = CLI_COUNT,
     .at = offsetof(predict_args, top),
     .value = "K",
     .least = 1,
     .most = MNIST_MAX_UNITS,
     .help = "tell the K likeliest labels, the likeliest first"},
    {.name = "show",
     .kind = CLI_FLAG,
     .at = offsetof(predict_args, show),
     .help = "draw each image with its probabilities, as a terminal gets up to "
             "10 without asking"},
    CLI_PICTURE_STYLE(predict_args, style, "how to draw it"),
    {.name = "labels",
     .kind = CLI_TEXT,
     .at = offsetof(predict_args, labels),
     .value = "FILE",
     .help = "the true labels, told beside the predicted ones"},
    CLI_FORM_PREPROCESS(predict_args, form),
    {.name = "no-preprocess",
     .kind = CLI_FLAG,
     .at = offsetof(predict_args, form.no_preprocess),
     .help = "refuse a picture of another size than the network takes, which "
             "otherwise is brought to MNIST's form without asking"},
    CLI_FORM_INVERT(predict_args, form),
    CLI_FORM_TRANSPOSE(predict_args, form.transpose),
    CLI_ROW_THREADS(predict_args, threads, "as many as help"),
    CLI_ROW_KERNEL(predict_args, kernel),
    {.name = "json",
     .kind = CLI_FLAG,
     .at = offsetof(predict_args, json),
     .help = "print one JSON object a line: index, label, probabilities; of "
             "several files, file"},
    {.name = "quiet",
     .letter = 'q',
     .kind = CLI_FLAG,
     .at = offsetof(predict_args, quiet),
     .help = "no warnings, only the result"},
};

/* People draw black on white; said once, for the first such image. */
static void warn_inverted(const mnist_dataset *data, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        const uint8_t *pixels = data->pixels + i * data->rows * data->cols;
        if (mnist_looks_inverted(pixels, data->rows, data->cols)) {
            cli_warn("%s: image %zu looks black on white, the network expects "
                     "white on black; try --invert",
                     data->images_name, i);
            return;
        }
    }
}

/* Weights can be finite and still overflow. */
static mnist_status check_finite(const float *probabilities, size_t count,
                                 size_t image, mnist_error *err)
{
    for (size_t k = 0; k < count; k++)
        if (!isfinite(probabilities[k]))
            return mnist_fail(err, MNIST_ERROR_DIVERGED,
                              "image %zu: the network's output overflows, so "
                              "there is no prediction; its weights are too "
                              "large",
                              image);
    return MNIST_OK;
}

static mnist_status predict(mnist_workspace *ws, const mnist_dataset *data,
                            size_t first, size_t count,
                            const cli_predictions *style, mnist_error *err)
{
    size_t classes = style->classes, batch = mnist_workspace_batch(ws);
    float *probabilities = calloc(batch, classes * sizeof *probabilities);
    mnist_status status = MNIST_OK;
    if (!probabilities)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    for (size_t done = 0; done < count && !status && !cli_output_error();) {
        size_t n = count - done < batch ? count - done : batch;
        status = mnist_predict(ws, data, first + done, n, probabilities, err);
        for (size_t i = 0; i < n && !status; i++) {
            const float *p = probabilities + i * classes;
            status = check_finite(p, classes, first + done + i, err);
            if (!status)
                cli_prediction_print(style, data, first + done + i, p);
        }
        done += n;
    }
    free(probabilities);
    return status;
}

/* What is the same for all files. */
typedef struct job {
    const predict_args *args;
    cli_form form;
    mnist_network *net;
    mnist_notes *notes;
    size_t idx_files; /* of which images were told */
    cli_terminal terminal;
    bool several;
} job;

static int predict_range(const job *j, const char *file,
                         const mnist_dataset *data)
{
    const predict_args *args = j->args;
    mnist_error err;
    mnist_workspace *ws;
    size_t first, count;
    int status = cli_range_resolve(&args->index, data->count, &first, &count);
    if (status != CLI_GO)
        return status;
    cli_predictions style = {.terminal = &j->terminal,
                             .file = j->several ? file : NULL,
                             .classes = mnist_network_classes(j->net),
                             .top = (size_t)args->top,
                             .json = args->json,
                             .draw = args->show ||
                                     (j->terminal.person && count <= DRAWN)};
    unsigned threads = (unsigned)args->threads;
    if (threads == 0 && count <= SINGLE_THREAD)
        threads = 1;
    if (mnist_workspace_new(&ws, j->net, count < BATCH ? count : BATCH, threads,
                            0, &err))
        return cli_fail(&err);
    status = cli_predictions_start(&style) ? CLI_DONE : cli_no_memory();
    if (status == CLI_DONE && predict(ws, data, first, count, &style, &err))
        status = cli_fail(&err);
    if (status == CLI_DONE && !args->quiet && !data->is_picture)
        warn_inverted(data, first, count);
    cli_predictions_end(&style);
    mnist_workspace_free(ws);
    return status;
}

static int predict_file(job *j, const char *file)
{
    const predict_args *args = j->args;
    mnist_error err;
    mnist_dataset data = {0};
    size_t first, end;
    cli_form before = j->form;
    int status;
    cli_range_bounds(&args->index, &first, &end);
    if (mnist_dataset_load_range(&data, file, args->labels, first, end, &err) ||
        cli_form_apply(&j->form, &data, &args->index,
                       mnist_network_rows(j->net), mnist_network_cols(j->net),
                       &err) ||
        cli_weights_fit(args->weights, j->net, &data, &err))
        status = cli_fail(&err);
    else
        status = predict_range(j, file, &data);
    if (status != CLI_DONE)
        j->form = before; /* of what failed, nothing more is told */
    else
        j->idx_files += !data.is_picture;
    mnist_dataset_free(&data);
    return status;
}

static int check_line(const cli_line *line, const predict_args *args)
{
    size_t pipes =
        cli_line_standard_input(line) + (strcmp(args->weights, "-") == 0);
    if (line->operand_count > 1 && args->labels)
        return cli_usage("--labels are those of one file, and %zu are named",
                         line->operand_count);
    int status = cli_check_standard_input(pipes);
    return status == CLI_GO ? cli_form_check(&args->form) : status;
}

static int run(const cli_command *self, int argc, char **argv)
{
    predict_args args = {.common = CLI_COMMON_DEFAULTS,
                         .weights = CLI_WEIGHTS_NAME,
                         .kernel = "auto",
                         .style = cli_picture_styles[0]};
    cli_line line;
    mnist_error err;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status == CLI_GO)
        status = check_line(&line, &args);
    if (status != CLI_GO)
        return status;
    job j = {.args = &args,
             .form = args.form,
             .terminal = cli_terminal_of(stdout, &args.common),
             .several = line.operand_count > 1};
    cli_picture_choose(&j.terminal, args.style);
    if (mnist_cpu_use(args.kernel, &err) ||
        cli_weights_load(&j.net, &j.notes, args.weights, &err))
        return cli_fail(&err);
    status = CLI_DONE;
    /* A bad file does not keep the others from being told. */
    for (size_t i = 0;
         i < line.operand_count && status != CLI_MEMORY && !cli_output_error();
         i++) {
        int told = predict_file(&j, line.operands[i]);
        if (status == CLI_DONE)
            status = told;
    }
    if (!args.quiet && status != CLI_MEMORY)
        cli_form_tell(&j.form);
    if (!args.quiet && j.idx_files > 0)
        cli_form_tell_trained(j.notes, args.form.invert, args.form.transpose);
    mnist_notes_free(j.notes);
    mnist_network_free(j.net);
    return status;
}

const cli_command cli_command_predict = {
    .name = "predict",
    .summary = "tells which digit an image shows",
    .operands = "FILE...",
    .examples = "  mnist predict photo.png\n"
                "  mnist predict drawings/*.png --json\n"
                "  mnist predict data/mnist/t10k-images-idx3-ubyte "
                "--index 0:5 \\\n"
                "      --labels data/mnist/t10k-labels-idx1-ubyte\n"
                "  zcat images.gz | mnist predict - --json\n",
    .least_operands = 1,
    .most_operands = UINT32_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
