/* mnist show: images drawn in the terminal. */
#include "cli/drawing/picture.h"
#include "cli/files/form.h"
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/values.h"
#include "cli/terminal/terminal.h"

#include <stdio.h>
#include <stdlib.h>

/* How many are drawn of a file of many, when none are asked for. */
enum { FIRST = 10 };

typedef struct show_args {
    cli_common common;
    cli_range index;
    const char *labels, *style;
    cli_form form;
} show_args;

static const cli_option options[] = {
    {.name = "index",
     .letter = 'n',
     .kind = CLI_RANGE,
     .at = offsetof(show_args, index),
     .value = "N|A:B",
     .help = "which images, counted from 0, B not included; the first 10 if "
             "not given"},
    {.name = "labels",
     .kind = CLI_TEXT,
     .at = offsetof(show_args, labels),
     .value = "FILE",
     .help = "their labels, to stand below them; if not given, those of the "
             "file beside FILE that has its name with labels for images"},
    CLI_PICTURE_STYLE(show_args, style, "how to draw"),
    CLI_FORM_PREPROCESS(show_args, form),
    CLI_FORM_INVERT(show_args, form),
    CLI_FORM_TRANSPOSE(show_args, form.transpose),
};

static void caption(cli_picture *picture, const mnist_dataset *data, size_t i)
{
    if (data->labels)
        snprintf(picture->caption, sizeof picture->caption, "%zu: %u", i,
                 (unsigned)data->labels[i]);
    else if (data->count > 1)
        snprintf(picture->caption, sizeof picture->caption, "%zu", i);
    else
        picture->caption[0] = '\0';
}

static int draw(const mnist_dataset *data, size_t first, size_t count,
                const cli_terminal *terminal)
{
    size_t columns = cli_picture_columns(terminal, data->cols, 0);
    cli_picture *row = calloc(columns, sizeof *row);
    if (!row)
        return cli_no_memory();
    for (size_t done = 0; done < count && !cli_output_error();) {
        size_t n = count - done < columns ? count - done : columns;
        for (size_t i = 0; i < n; i++) {
            size_t number = first + done + i;
            row[i].pixels = data->pixels + number * data->rows * data->cols;
            caption(&row[i], data, number);
        }
        if (done > 0)
            putchar('\n');
        cli_picture_draw(terminal, row, n, data->rows, data->cols);
        done += n;
    }
    free(row);
    return CLI_DONE;
}

static int show(const show_args *args, const mnist_dataset *data)
{
    cli_terminal terminal = cli_terminal_of(stdout, &args->common);
    cli_picture_choose(&terminal, args->style);
    size_t first, count;
    int status = cli_range_resolve(&args->index, data->count, &first, &count);
    if (status != CLI_GO)
        return status;
    if (!args->index.given && count > FIRST) {
        count = FIRST;
        if (terminal.person)
            fprintf(stderr,
                    "the first %d of %zu images; --index A:B shows others\n",
                    FIRST, data->count);
    }
    return draw(data, first, count, &terminal);
}

/* Labels that nobody named are a courtesy: it goes without them if need be. */
static mnist_status load(mnist_dataset *data, const char *images,
                         const show_args *args, mnist_error *err)
{
    char beside[PATH_MAX];
    size_t first, end;
    cli_range_bounds(&args->index, &first, &end);
    if (!args->labels && cli_path_labels(beside, images)) {
        if (mnist_dataset_load_range(data, images, beside, first, end, err) ==
            MNIST_OK)
            return MNIST_OK;
        if (err->status == MNIST_ERROR_MEMORY)
            return err->status;
    }
    return mnist_dataset_load_range(data, images, args->labels, first, end,
                                    err);
}

static int run(const cli_command *self, int argc, char **argv)
{
    show_args args = {.common = CLI_COMMON_DEFAULTS,
                      .style = cli_picture_styles[0]};
    cli_line line;
    mnist_dataset data = {0};
    mnist_error err;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status == CLI_GO)
        status = cli_form_check(&args.form);
    if (status != CLI_GO)
        return status;
    if (load(&data, line.operands[0], &args, &err) ||
        cli_form_apply(&args.form, &data, &args.index, 0, 0, &err))
        status = cli_fail(&err);
    else
        status = show(&args, &data);
    if (status == CLI_DONE)
        cli_form_tell(&args.form);
    mnist_dataset_free(&data);
    return status;
}

const cli_command cli_command_show = {
    .name = "show",
    .summary = "draws images in the terminal",
    .operands = "FILE",
    .examples = "  mnist show data/mnist/t10k-images-idx3-ubyte\n"
                "  mnist show data/digit.idx --style numbers\n"
                "  mnist show photo.png --preprocess\n",
    .least_operands = 1,
    .most_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
