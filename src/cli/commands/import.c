/* mnist import: weights that another program made. */
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/options/values.h"
#include "cli/terminal/caret.h"
#include "cli/text/text.h"

#include <stdio.h>
#include <string.h>

typedef struct import_args {
    cli_common common;
    const char *net, *input, *out, *layout;
    double scale, mean, deviation;
    bool quiet;
} import_args;

/* In the order of mnist_import_layout. */
static const char *const layouts[] = {"auto", "pytorch", "keras", NULL};

static const cli_option options[] = {
    {.name = "net",
     .kind = CLI_TEXT,
     .at = offsetof(import_args, net),
     .value = "NAME|LINE",
     .help = "the network, as for train; found out if it is a chain of dense "
             "layers"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_TEXT,
     .at = offsetof(import_args, out),
     .value = "FILE",
     .help = "where the weights go"},
    {.name = "layout",
     .kind = CLI_CHOICE,
     .at = offsetof(import_args, layout),
     .value = "NAME",
     .choices = layouts,
     .help = "auto, pytorch (out, in) or keras (in, out)"},
    {.name = "input",
     .kind = CLI_TEXT,
     .at = offsetof(import_args, input),
     .value = "ROWSxCOLS",
     .help = "size of the images; 28x28 unless the file tells another"},
    {.name = "scale",
     .kind = CLI_REAL,
     .at = offsetof(import_args, scale),
     .value = "X",
     .low = 0,
     .high = 0x1p60,
     .above = true,
     .help = "pixels entered as pixel / X"},
    {.name = "mean",
     .kind = CLI_REAL,
     .at = offsetof(import_args, mean),
     .value = "F",
     .low = -1e6,
     .high = 1e6,
     .help = "then F was taken off, as torchvision's Normalize does"},
    {.name = "std",
     .kind = CLI_REAL,
     .at = offsetof(import_args, deviation),
     .value = "F",
     .low = 0,
     .high = 1e6,
     .above = true,
     .help = "and they were divided by F; both go into the first layer"},
    CLI_ROW_QUIET(import_args, quiet),
};

/* "28x28" */
static bool read_input(const char *text, mnist_import_options *to)
{
    char rows[32];
    const char *x = strchr(text, 'x');
    size_t length = x ? (size_t)(x - text) : sizeof rows;
    uint64_t h, w;
    if (length >= sizeof rows)
        return false;
    memcpy(rows, text, length);
    rows[length] = '\0';
    if (!cli_read_count(&h, rows) || !cli_read_count(&w, x + 1) || h == 0 ||
        w == 0 || h > UINT32_MAX || w > UINT32_MAX)
        return false;
    to->rows = (size_t)h;
    to->cols = (size_t)w;
    return true;
}

static mnist_import_layout layout_of(const char *name)
{
    mnist_import_layout layout = MNIST_IMPORT_AUTO;
    while (strcmp(layouts[layout], name) != 0)
        layout++;
    return layout;
}

/* "3x3x1x32". Returns `out`. */
#define SHAPE_MAX 96
static char *shape_text(char out[SHAPE_MAX], unsigned dims, const size_t *size)
{
    size_t used = 0;
    for (unsigned d = 0; d < dims && used < SHAPE_MAX; d++)
        used += (size_t)snprintf(out + used, SHAPE_MAX - used, "%s%zu",
                                 d ? "x" : "", size[d]);
    return out;
}

/* "conv2d.kernel  3x3x1x32  from conv1.weight 32x1x3x3" */
static void tell_tensor(const mnist_imported *from)
{
    char shape[SHAPE_MAX];
    const mnist_tensor *tensor = from->tensor;
    printf("  %-17s %-12s  ", tensor->name,
           shape_text(shape, tensor->dims, tensor->size));
    if (!from->from[0]) {
        printf("zeros: the file has none\n");
        return;
    }
    fputs("from ", stdout);
    cli_print_name(stdout, from->from);
    printf(" %s\n", shape_text(shape, from->dims, from->size));
}

/* Above all what the file did not tell, and so could be wrong. */
static void tell(const import_args *args, const mnist_network *net,
                 const mnist_import_report *report)
{
    char scale[CLI_NUMBER_MAX];
    for (size_t i = 0; i < report->count; i++)
        tell_tensor(&report->tensor[i]);
    printf("layout %s", layouts[report->layout]);
    if (report->layout_by_names)
        printf(", by the names: the shapes would fit the other one, too; "
               "--layout names it");
    if (report->order_by_names)
        printf("\norder of layers of one shape: that of their names");
    printf("\nnetwork %s", mnist_network_line(net));
    if (report->line_inferred)
        printf("\n  relu between the layers is assumed; --net names others");
    printf("\ninput %zux%zu, pixels / %s\n", mnist_network_rows(net),
           mnist_network_cols(net),
           cli_float_text(scale, mnist_network_scale(net)));
    if (args->mean != 0 || args->deviation != 1)
        printf("  less %g, divided by %g: both are in the first layer now\n",
               args->mean, args->deviation);
}

static int take_over(const import_args *args, const char *path,
                     const mnist_import_options *how)
{
    mnist_network *net;
    mnist_import_report report;
    mnist_error err;
    if (mnist_import(&net, path, how, &report, &err)) {
        int status = cli_fail(&err);
        /* The column is one of a line as it was given, not of a name's. */
        if (err.column && args->net && strpbrk(args->net, ":,"))
            cli_caret(stderr, args->net, err.column);
        return status;
    }
    const mnist_note note = {"imported", layouts[report.layout]};
    mnist_status status = mnist_weights_save(net, args->out, &note, 1, &err);
    if (!status && !args->quiet) {
        tell(args, net, &report);
        fputs("wrote ", stdout);
        cli_print_name(stdout, args->out);
        putchar('\n');
    }
    mnist_network_free(net);
    return status ? cli_fail(&err) : CLI_DONE;
}

static int run(const cli_command *self, int argc, char **argv)
{
    mnist_import_options how = mnist_import_defaults();
    import_args args = {.common = CLI_COMMON_DEFAULTS,
                        .out = CLI_WEIGHTS_NAME,
                        .layout = layouts[MNIST_IMPORT_AUTO],
                        .scale = how.scale,
                        .deviation = how.deviation};
    cli_line line;
    mnist_error err;
    char quoted[CLI_QUOTE_MAX];
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status != CLI_GO)
        return status;
    const char *path = line.operands[0];
    if (args.input && !read_input(args.input, &how))
        return cli_usage("--input %s: expected rows x columns, as 28x28",
                         cli_quote(quoted, args.input));
    if (cli_path_check_output(args.out, "out", &err))
        return cli_fail(&err);
    if (cli_path_same(path, args.out))
        return cli_usage("--out %s: this is the file to be imported; name "
                         "another",
                         cli_quote(quoted, args.out));
    how.line = args.net;
    how.layout = layout_of(args.layout);
    how.scale = (float)args.scale;
    how.mean = args.mean;
    how.deviation = args.deviation;
    return take_over(&args, path, &how);
}

const cli_command cli_command_import = {
    .name = "import",
    .summary = "takes over weights that PyTorch or Keras trained",
    .operands = "FILE",
    .examples =
        "  mnist import torch.safetensors\n"
        "  mnist import cnn.safetensors --out cnn-mnist.safetensors "
        "--mean 0.1307 \\\n"
        "      --std 0.3081 --net conv2d:32:3x3:relu,conv2d:64:3x3:relu,"
        "\\\n"
        "maxpool:2x2,dense:128:relu,dense:10:softmax\n",
    .least_operands = 1,
    .most_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
