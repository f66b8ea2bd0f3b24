/* mnist idx: a folder of pictures becomes IDX files, and they a folder. */
#include "cli/files/form.h"
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/nearest.h"
#include "cli/options/rows.h"
#include "cli/options/values.h"
#include "cli/text/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* How many skipped files are told one by one. */
enum { TOLD = 10 };

typedef struct idx_args {
    cli_common common;
    const char *images, *labels;
    cli_range index;
    cli_form form;
    bool quiet;
} idx_args;

static const cli_option options[] = {
    {.name = "images",
     .kind = CLI_TEXT,
     .at = offsetof(idx_args, images),
     .value = "FILE",
     .help = "the IDX file of images: pack writes it, unpack reads it, raw or "
             "gzip'd"},
    {.name = "labels",
     .kind = CLI_TEXT,
     .at = offsetof(idx_args, labels),
     .value = "FILE",
     .help = "the IDX file of labels; without it the pictures lie in the "
             "folder itself"},
    {.name = "index",
     .letter = 'n',
     .kind = CLI_RANGE,
     .at = offsetof(idx_args, index),
     .value = "N|A:B",
     .help = "unpack: which images, counted from 0, B not included; all if "
             "not given"},
    CLI_FORM_PREPROCESS(idx_args, form),
    CLI_FORM_INVERT(idx_args, form),
    CLI_FORM_TRANSPOSE(idx_args, form.transpose),
    CLI_ROW_QUIET(idx_args, quiet),
};

/* ---- Packing ---- */

typedef struct packing {
    idx_args *args;
    size_t skipped;
} packing;

static mnist_status prepare(void *user, mnist_dataset *picture,
                            mnist_error *err)
{
    packing *p = user;
    return cli_form_apply(&p->args->form, picture, &p->args->index, 0, 0, err);
}

static void tell_skipped(void *user, const char *name, const char *why)
{
    packing *p = user;
    if (++p->skipped <= TOLD && !p->args->quiet)
        cli_warn("%s is skipped: %s", name, why);
}

/* Like the digits of synth, what is packed never takes the place of data. */
static mnist_status check_new(const char *path, const char *option,
                              mnist_error *err)
{
    struct stat info;
    char quoted[CLI_QUOTE_MAX];
    mnist_status status = cli_path_check_output(path, option, err);
    if (!status && lstat(path, &info) == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "--%s: %s exists already, and data are never "
                          "overwritten; name another file",
                          option, cli_quote(quoted, path));
    return status;
}

static mnist_status write_files(const idx_args *args, const mnist_dataset *data,
                                mnist_error *err)
{
    const size_t size[3] = {data->count, data->rows, data->cols};
    mnist_status status =
        mnist_idx_write(args->images, 3, size, data->pixels, err);
    if (status || !args->labels)
        return status;
    status = mnist_idx_write(args->labels, 1, size, data->labels, err);
    if (status)
        remove(args->images); /* which was not there before */
    return status;
}

static void tell_packed(const packing *p, const mnist_dataset *data)
{
    if (p->skipped > TOLD)
        cli_warn("%zu more are skipped", p->skipped - TOLD);
    cli_form_tell(&p->args->form);
    printf("wrote %zu images of %zux%zu into ", data->count, data->rows,
           data->cols);
    cli_print_name(stdout, p->args->images);
    if (p->args->labels) {
        fputs(" and their labels into ", stdout);
        cli_print_name(stdout, p->args->labels);
    }
    putchar('\n');
}

static mnist_status pack(idx_args *args, const char *folder, mnist_error *err)
{
    packing p = {.args = args};
    const mnist_folder_options how = {.labelled = args->labels != NULL,
                                      .prepare = prepare,
                                      .skipped = tell_skipped,
                                      .user = &p};
    mnist_dataset data = {0};
    mnist_status status = check_new(args->images, "images", err);
    if (!status && args->labels)
        status = check_new(args->labels, "labels", err);
    if (!status)
        status = mnist_folder_read(&data, folder, &how, err);
    if (!status)
        status = write_files(args, &data, err);
    if (!status && !args->quiet)
        tell_packed(&p, &data);
    mnist_dataset_free(&data);
    return status;
}

/* ---- Unpacking ---- */

static int unpack_range(const idx_args *args, const char *folder,
                        const mnist_dataset *data)
{
    mnist_error err;
    size_t first, count;
    int status = cli_range_resolve(&args->index, data->count, &first, &count);
    if (status != CLI_GO)
        return status;
    mnist_dataset some = mnist_dataset_slice(data, first, count);
    if (mnist_folder_write(folder, &some, &err))
        return cli_fail(&err);
    if (!args->quiet) {
        printf("wrote %zu pictures into ", count);
        cli_print_name(stdout, folder);
        putchar('\n');
    }
    return CLI_DONE;
}

static int unpack(idx_args *args, const char *folder)
{
    mnist_error err;
    mnist_dataset data = {0};
    int status;
    if (mnist_dataset_load(&data, args->images, args->labels, &err) ||
        cli_form_apply(&args->form, &data, &args->index, 0, 0, &err))
        status = cli_fail(&err);
    else
        status = unpack_range(args, folder, &data);
    mnist_dataset_free(&data);
    return status;
}

/* ---- Both ---- */

static int unknown_verb(const char *word)
{
    char quoted[CLI_QUOTE_MAX];
    cli_nearest search = cli_nearest_to(word);
    cli_nearest_offer(&search, "pack");
    cli_nearest_offer(&search, "unpack");
    cli_quote(quoted, word);
    if (search.best)
        return cli_usage("mnist idx %s: did you mean mnist idx %s?", quoted,
                         search.best);
    return cli_usage("mnist idx %s: expected pack or unpack; see mnist idx "
                     "--help",
                     quoted);
}

static int check_line(const cli_line *line, const idx_args *args)
{
    const char *verb = line->operands[0];
    bool packs = strcmp(verb, "pack") == 0;
    if (!packs && strcmp(verb, "unpack") != 0)
        return unknown_verb(verb);
    if (line->operand_count < 2)
        return cli_usage("mnist idx %s needs FOLDER; see mnist idx --help",
                         verb);
    if (!args->images)
        return cli_usage("mnist idx %s needs --images FILE", verb);
    if (packs && args->index.given)
        return cli_usage("--index is for unpack; pack takes all that a folder "
                         "holds");
    if (args->labels && strcmp(args->images, args->labels) == 0)
        return cli_usage("--images and --labels name the same file; name two");
    return cli_form_check(&args->form);
}

static int run(const cli_command *self, int argc, char **argv)
{
    idx_args args = {.common = CLI_COMMON_DEFAULTS};
    cli_line line;
    mnist_error err;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status == CLI_GO)
        status = check_line(&line, &args);
    if (status != CLI_GO)
        return status;
    if (strcmp(line.operands[0], "unpack") == 0)
        return unpack(&args, line.operands[1]);
    return pack(&args, line.operands[1], &err) ? cli_fail(&err) : CLI_DONE;
}

static int more_help(FILE *out)
{
    fputs(
        "\n"
        "The folder holds a folder for each label, named 0 to 255, and in it "
        "that\n"
        "label's pictures: PNG, PGM or PPM, all of one size, or --preprocess "
        "makes\n"
        "them 28x28. Images are in the order of the pictures' names, whatever "
        "the\n"
        "label; unpack names them by their number, so that pack brings back "
        "the same\n"
        "files.\n"
        "Hidden names are passed over, links followed, and what is no "
        "picture is\n"
        "skipped and told. Neither overwrites anything.\n",
        out);
    return CLI_DONE;
}

const cli_command cli_command_idx = {
    .name = "idx",
    .summary = "packs a folder of pictures into IDX files, and unpacks them",
    .operands = "pack|unpack FOLDER",
    .examples = "  mnist idx pack drawings --images drawn-images --labels "
                "drawn-labels \\\n"
                "      --preprocess\n"
                "  mnist idx unpack pictures --index 0:100 \\\n"
                "      --images data/mnist/t10k-images-idx3-ubyte \\\n"
                "      --labels data/mnist/t10k-labels-idx1-ubyte\n",
    .least_operands = 1,
    .most_operands = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .more_help = more_help,
    .run = run,
};
