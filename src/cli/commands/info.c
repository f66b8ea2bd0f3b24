/* mnist info: what a data folder, an IDX file, weights or a checkpoint hold. */
#include "cli/files/notes.h"
#include "cli/files/paths.h"
#include "cli/options/command.h"
#include "cli/options/values.h"
#include "cli/results/nets.h"
#include "cli/results/results.h"
#include "cli/text/json.h"
#include "cli/text/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct info_args {
    cli_common common;
    bool nets, check, json;
} info_args;

static const cli_option options[] = {
    {.name = "nets",
     .kind = CLI_FLAG,
     .at = offsetof(info_args, nets),
     .help = "list the networks that have a name"},
    {.name = "check",
     .kind = CLI_FLAG,
     .at = offsetof(info_args, check),
     .help = "exit with status 1 if a data file is not a known one, such as "
             "MNIST's"},
    {.name = "json",
     .kind = CLI_FLAG,
     .at = offsetof(info_args, json),
     .help = "print one JSON object a file"},
};

/* A weights file begins with the length of its header, 8 bytes that are small
   when the least comes first, and '{'. Bytes 4 to 7 of an IDX file are its
   first size, which is not 0. A pipe cannot be looked into twice: it is IDX.
   No stdio: without memory for it, weights would be taken for IDX. */
static bool looks_like_weights(const char *path)
{
    static const unsigned char zeros[4];
    unsigned char head[9];
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, head, sizeof head);
    close(fd);
    return got == (ssize_t)sizeof head && head[8] == '{' &&
           memcmp(head + 4, zeros, sizeof zeros) == 0;
}

static const char *idx_kind(const mnist_idx *idx)
{
    return idx->dims == 1 ? "labels" : idx->dims == 2 ? "image" : "images";
}

/* The size of the raw file: zeros, type, dimensions, sizes, data. */
static size_t idx_bytes(const mnist_idx *idx)
{
    return 4 + 4 * (size_t)idx->dims + idx->count;
}

static void idx_text(const char *path, const mnist_idx *idx, const char *sha256)
{
    const char *known = mnist_idx_known(sha256);
    cli_print_name(stdout, path);
    printf("\n  kind    IDX, %s\n  type    unsigned byte\n  sizes   ",
           idx_kind(idx));
    for (unsigned d = 0; d < idx->dims; d++)
        printf("%s%zu", d ? " x " : "", idx->size[d]);
    printf("\n  bytes   %zu\n  sha256  %s\n  known   %s\n", idx_bytes(idx),
           sha256, known ? known : "no");
}

static void idx_json(const char *path, const mnist_idx *idx, const char *sha256)
{
    const char *known = mnist_idx_known(sha256);
    cli_json json = cli_json_line("info");
    cli_json_text(&json, "file", path);
    cli_json_text(&json, "kind", "idx");
    cli_json_text(&json, "holds", idx_kind(idx));
    cli_json_text(&json, "type", "unsigned byte");
    cli_json_begin(&json, "sizes", '[');
    for (unsigned d = 0; d < idx->dims; d++)
        cli_json_count(&json, NULL, idx->size[d]);
    cli_json_end(&json, ']');
    cli_json_count(&json, "bytes", idx_bytes(idx));
    cli_json_text(&json, "sha256", sha256);
    if (known)
        cli_json_text(&json, "known", known);
    else
        cli_json_null(&json, "known");
    cli_json_close(&json);
}

/* Returns CLI_DONE, or CLI_BELOW after telling that it is not what was asked
   for. */
static int tell_idx(const char *path, const mnist_idx *idx,
                    const info_args *args)
{
    char sha256[65], quoted[CLI_QUOTE_MAX];
    mnist_idx_sha256(idx, sha256);
    if (args->json)
        idx_json(path, idx, sha256);
    else
        idx_text(path, idx, sha256);
    if (!args->check || mnist_idx_known(sha256))
        return CLI_DONE;
    fflush(stdout);
    fprintf(stderr,
            "mnist: %s: not a known data file: its SHA-256 is none of MNIST's; "
            "scripts/get-mnist.sh fetches those\n",
            cli_quote(quoted, path));
    return CLI_BELOW;
}

static int tell_idx_file(const char *path, const info_args *args)
{
    mnist_idx idx;
    mnist_error err;
    if (mnist_idx_read(&idx, path, &err))
        return cli_fail(&err);
    int status = tell_idx(path, &idx, args);
    mnist_idx_free(&idx);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The files of a data folder, as they are found where it is named with --data,
   and that they go together. */
static int tell_folder(const char *path, const info_args *args)
{
    int status = CLI_DONE;
    size_t told = 0;
    bool has_test = mnist_dataset_has_part(path, MNIST_TEST) != 0;
    for (mnist_part part = MNIST_TRAIN; part <= MNIST_TEST; part++) {
        mnist_dataset data;
        mnist_error err;
        if (part == MNIST_TEST
                ? !has_test
                : has_test && !mnist_dataset_has_part(path, part))
            continue;
        if (mnist_dataset_load_part(&data, path, part, &err))
            return cli_fail(&err);
        const char *const names[] = {data.images_name, data.labels_name};
        const mnist_idx *const files[] = {&data.images_file, &data.labels_file};
        for (size_t i = 0; i < 2; i++) {
            if (told++ > 0 && !args->json)
                putchar('\n');
            int found = tell_idx(names[i], files[i], args);
            status = status == CLI_DONE ? found : status;
        }
        mnist_dataset_free(&data);
    }
    return status;
}

/* Where a checkpoint stands; false if these notes are of plain weights. */
typedef struct position {
    uint64_t epoch, step; /* epochs that are done, batches of the next one */
    mnist_train_options options;
} position;

static bool find_position(position *at, const mnist_notes *notes)
{
    const char *epoch = cli_notes_find(notes, "checkpoint_epoch");
    const char *step = cli_notes_find(notes, "checkpoint_step");
    at->options = mnist_train_defaults();
    return epoch && step && cli_read_count(&at->epoch, epoch) &&
           cli_read_count(&at->step, step) &&
           mnist_checkpoint_options(&at->options, notes, NULL) == MNIST_OK;
}

static void weights_text(const char *path, const mnist_network *net,
                         const mnist_notes *notes)
{
    const mnist_note *note;
    position at;
    bool kept = find_position(&at, notes);
    char scale[CLI_NUMBER_MAX], quoted[CLI_QUOTE_MAX];
    cli_print_name(stdout, path);
    printf("\n  kind     %s\n", kept ? "checkpoint" : "weights");
    if (kept && at.step)
        printf("  stands   epoch %" PRIu64 "/%zu after batch %" PRIu64 "\n",
               at.epoch + 1, at.options.epochs, at.step);
    else if (kept)
        printf("  stands   %" PRIu64 " of %zu epochs done\n", at.epoch,
               at.options.epochs);
    printf("  network  %s\n  input    %zux%zu, pixels / %s\n\n",
           mnist_network_line(net), mnist_network_rows(net),
           mnist_network_cols(net),
           cli_float_text(scale, mnist_network_scale(net)));
    cli_print_layers(stdout, net);
    for (size_t i = 0, told = 0; (note = mnist_notes_get(notes, i)); i++)
        if (!cli_note_is_own(note))
            printf("%s  %-17s %s\n", told++ ? "" : "\nHow it was trained\n",
                   note->key, cli_quote(quoted, note->value));
}

static void weights_json(const char *path, const mnist_network *net,
                         const mnist_notes *notes)
{
    const mnist_note *note;
    position at;
    bool kept = find_position(&at, notes);
    cli_json json = cli_json_line("info");
    cli_json_text(&json, "file", path);
    cli_json_text(&json, "kind", kept ? "checkpoint" : "weights");
    if (kept) {
        cli_json_count(&json, "epochs", at.options.epochs);
        cli_json_count(&json, "epochs_done", at.epoch);
        cli_json_count(&json, "batches_done", at.step);
    }
    cli_json_text(&json, "network", mnist_network_line(net));
    cli_json_begin(&json, "input", '[');
    cli_json_count(&json, NULL, mnist_network_rows(net));
    cli_json_count(&json, NULL, mnist_network_cols(net));
    cli_json_end(&json, ']');
    cli_json_float(&json, "scale", mnist_network_scale(net));
    cli_json_count(&json, "classes", mnist_network_classes(net));
    cli_json_count(&json, "parameters", mnist_network_parameters(net));
    cli_json_layers(&json, net);
    cli_json_begin(&json, "notes", '{');
    for (size_t i = 0; (note = mnist_notes_get(notes, i)); i++)
        cli_json_text(&json, note->key, note->value);
    cli_json_end(&json, '}');
    cli_json_close(&json);
}

static int tell_weights(const char *path, bool as_json)
{
    mnist_network *net;
    mnist_notes *notes;
    mnist_error err;
    if (mnist_weights_load(&net, &notes, path, &err))
        return cli_fail(&err);
    if (as_json)
        weights_json(path, net, notes);
    else
        weights_text(path, net, notes);
    mnist_notes_free(notes);
    mnist_network_free(net);
    return CLI_DONE;
}

static int run(const cli_command *self, int argc, char **argv)
{
    info_args args = {.common = CLI_COMMON_DEFAULTS};
    cli_line line;
    int status = cli_line_read(&line, self, argc, argv, &args);
    if (status != CLI_GO)
        return status;
    if (line.operand_count == 0 && !args.nets)
        return cli_usage("mnist info needs FILE or --nets; see mnist info "
                         "--help");
    status = cli_check_standard_input(cli_line_standard_input(&line));
    if (status != CLI_GO)
        return status;
    status = args.nets ? cli_nets_tell(args.json) : CLI_DONE;
    /* A bad file does not keep the others from being told. */
    for (size_t i = 0; i < line.operand_count; i++) {
        const char *path = line.operands[i];
        if (i > 0 && !args.json)
            putchar('\n');
        int told = looks_like_weights(path) ? tell_weights(path, args.json)
                   : is_folder(path)        ? tell_folder(path, &args)
                                            : tell_idx_file(path, &args);
        if (status == CLI_DONE)
            status = told;
    }
    return status;
}

const cli_command cli_command_info = {
    .name = "info",
    .summary = "tells what a data folder, an IDX or a weights file holds",
    .operands = "FILE...",
    .examples = "  mnist info mnist.safetensors\n"
                "  mnist info data/mnist\n"
                "  mnist info --check data/mnist\n"
                "  mnist info --nets\n",
    .most_operands = UINT32_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
