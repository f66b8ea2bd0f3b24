/* mnist export: a network as files of other programs. */
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/rows.h"
#include "cli/text/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct export_args {
    cli_common common;
    const char *weights, *html, *onnx, *npz, *c_header, *c_name;
    bool quiet;
} export_args;

static const cli_option options[] = {
    CLI_ROW_WEIGHTS(export_args, weights),
    {.name = "html",
     .kind = CLI_TEXT,
     .at = offsetof(export_args, html),
     .value = "FILE",
     .help = "write a page to draw digits on, which the network in it reads; "
             "any browser opens it, without a server"},
    {.name = "onnx",
     .kind = CLI_TEXT,
     .at = offsetof(export_args, onnx),
     .value = "FILE",
     .help = "write an ONNX model, which takes raw pixels and gives "
             "probabilities"},
    {.name = "npz",
     .kind = CLI_TEXT,
     .at = offsetof(export_args, npz),
     .value = "FILE",
     .help = "write the arrays for NumPy: numpy.load(FILE)[\"dense.kernel\"]"},
    {.name = "c-header",
     .kind = CLI_TEXT,
     .at = offsetof(export_args, c_header),
     .value = "FILE",
     .help = "write a C header with a function that predicts, and needs no "
             "library"},
    {.name = "c-name",
     .kind = CLI_TEXT,
     .at = offsetof(export_args, c_name),
     .value = "NAME",
     .help = "what its names begin with, as in NAME_predict; the name of its "
             "file if not given"},
    CLI_ROW_QUIET(export_args, quiet),
};

/* What is written, and all that is known of it. */
typedef struct exported {
    const mnist_network *net;
    const mnist_notes *notes;
    const export_args *args;
} exported;

/* A format: the option that asks for it, and what writes it. */
typedef struct format {
    const char *option;
    size_t at;   /* of the option's field in the arguments */
    bool binary; /* not to be sent to a terminal */
    mnist_status (*write)(const exported *from, const char *path,
                          mnist_error *err);
} format;

static mnist_status write_html(const exported *from, const char *path,
                               mnist_error *err)
{
    return mnist_export_html(from->net, path, err);
}

static mnist_status write_onnx(const exported *from, const char *path,
                               mnist_error *err)
{
    return mnist_export_onnx(from->net, from->notes, path, err);
}

static mnist_status write_npz(const exported *from, const char *path,
                              mnist_error *err)
{
    return mnist_export_npz(from->net, path, err);
}

static bool is_standard_output(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* The name of a file made fit to begin names in C: "my-net.h" is my_net,
   and "2.h" net_2. */
static void name_after(char out[MNIST_C_NAME_MAX], const char *path)
{
    static const char digits[] = "0123456789";
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const char *name = cli_path_name(path);
    size_t length = strcspn(name, "."), at = 0;
    if (is_standard_output(path) || length == 0) {
        name = "mnist";
        length = strlen(name);
    }
    if (strchr(digits, name[0]))
        at = (size_t)snprintf(out, MNIST_C_NAME_MAX, "net_");
    for (size_t i = 0; i < length && at + 1 < MNIST_C_NAME_MAX; i++)
        if (strchr(fit, name[i]))
            out[at++] = name[i];
        else
            out[at++] = '_';
    out[at] = '\0';
}

static mnist_status write_c_header(const exported *from, const char *path,
                                   mnist_error *err)
{
    char name[MNIST_C_NAME_MAX];
    name_after(name, path);
    return mnist_export_c(
        from->net, from->args->c_name ? from->args->c_name : name, path, err);
}

static const format formats[] = {
    {"html", offsetof(export_args, html), false, write_html},
    {"onnx", offsetof(export_args, onnx), true, write_onnx},
    {"npz", offsetof(export_args, npz), true, write_npz},
    {"c-header", offsetof(export_args, c_header), false, write_c_header},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

/* The file that is asked for, or NULL. */
static const char *file_of(const format *f, const export_args *args)
{
    return *(const char *const *)((const char *)args + f->at);
}

static int ask_for_format(void)
{
    char list[256];
    size_t used = 0;
    for (size_t i = 0; i < FORMATS; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s--%s FILE",
                                 i == 0             ? ""
                                 : i + 1 == FORMATS ? " or "
                                                    : ", ",
                                 formats[i].option);
    return cli_usage("mnist export needs what to write: %s", list);
}

/* Standard output takes one file and nothing else. */
static int check_standard_output(const export_args *args)
{
    const format *first = NULL;
    for (size_t i = 0; i < FORMATS; i++) {
        const format *f = &formats[i];
        if (!is_standard_output(file_of(f, args)))
            continue;
        if (first)
            return cli_usage("--%s - and --%s -: one file goes to standard "
                             "output; name the other",
                             first->option, f->option);
        if (f->binary && isatty(STDOUT_FILENO))
            return cli_usage("--%s -: these are bytes, which a terminal cannot "
                             "show; name a file, or send them on with | or >",
                             f->option);
        first = f;
    }
    return CLI_GO;
}

/* What is at that path already: the weights, or a format before number i; or
   NULL. */
static const char *taken_by(const export_args *args, const char *path, size_t i)
{
    if (cli_path_same(path, args->weights))
        return "weights";
    while (i-- > 0) {
        const char *other = file_of(&formats[i], args);
        if (other && cli_path_same(path, other))
            return formats[i].option;
    }
    return NULL;
}

/* Before any work: each file can be written, and holds nothing else. */
static mnist_status check_files(const export_args *args, mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    for (size_t i = 0; i < FORMATS; i++) {
        const char *path = file_of(&formats[i], args);
        const char *option = formats[i].option;
        if (!path || is_standard_output(path))
            continue;
        mnist_status status = cli_path_check_output(path, option, err);
        if (status)
            return status;
        const char *taken = taken_by(args, path, i);
        if (taken)
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "%s would hold %s and %s at once; name two files",
                              cli_quote(quoted, path), taken, option);
    }
    return MNIST_OK;
}

static int check_line(const cli_line *line, export_args *args)
{
    mnist_error err;
    size_t asked = 0;
    int status = cli_line_operand(line, "weights", &args->weights);
    if (status != CLI_GO)
        return status;
    for (size_t i = 0; i < FORMATS; i++)
        asked += file_of(&formats[i], args) != NULL;
    if (asked == 0)
        return ask_for_format();
    if (args->c_name && !args->c_header)
        return cli_usage("--c-name does nothing without --c-header FILE; give "
                         "both or neither");
    if (args->c_name && mnist_export_c_name(args->c_name, &err))
        return cli_fail(&err);
    status = check_standard_output(args);
    if (status != CLI_GO)
        return status;
    return check_files(args, &err) ? cli_fail(&err) : CLI_GO;
}

/* On standard output, unless the file itself is there. */
static void tell(const export_args *args, const char *path)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (args->quiet || is_standard_output(file_of(&formats[i], args)))
            return;
    fputs("wrote ", stdout);
    cli_print_name(stdout, path);
    putchar('\n');
    fflush(stdout);
}

static mnist_status write_all(const exported *from, mnist_error *err)
{
    for (size_t i = 0; i < FORMATS; i++) {
        const char *path = file_of(&formats[i], from->args);
        if (!path)
            continue;
        mnist_status status = formats[i].write(from, path, err);
        if (status)
            return status;
        tell(from->args, path);
    }
    return MNIST_OK;
}

static int run(const cli_command *self, int argc, char **argv)
{
    export_args args = {.common = CLI_COMMON_DEFAULTS,
                        .weights = CLI_WEIGHTS_NAME};
    cli_line line;
    mnist_error err;
    mnist_network *net = NULL;
    mnist_notes *notes = NULL;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status == CLI_GO)
        status = check_line(&line, &args);
    if (status != CLI_GO)
        return status;
    mnist_status done = cli_weights_load(&net, &notes, args.weights, &err);
    if (!done)
        done = write_all(&(exported){net, notes, &args}, &err);
    status = done ? cli_fail(&err) : CLI_DONE;
    mnist_notes_free(notes);
    mnist_network_free(net);
    return status;
}

const cli_command cli_command_export = {
    .name = "export",
    .summary = "writes a network for other programs",
    .operands = "[WEIGHTS]",
    .examples = "  mnist export --html digits.html\n"
                "  mnist export --onnx digits.onnx\n"
                "  mnist export mnist.safetensors --npz digits.npz "
                "--c-header digits.h\n",
    .most_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
