#include "cli/files/paths.h"

#include "cli/terminal/signals.h"
#include "cli/text/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the longest suffix that is added to a name. */
enum { NAME_ROOM = 64 };

const char *cli_data_folder(const char *option)
{
    const char *variable = getenv("MNIST_DATA");
    if (option)
        return option;
    return variable && *variable ? variable : "data/mnist";
}

mnist_status cli_weights_load(mnist_network **out, mnist_notes **notes,
                              const char *path, mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    if (strcmp(path, "-") != 0 && access(path, F_OK) != 0 && errno == ENOENT)
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "%s: no such weights file; mnist train writes one, "
                          "--weights names another",
                          cli_quote(quoted, path));
    return mnist_weights_load(out, notes, path, err);
}

mnist_status cli_weights_fit(const char *weights, const mnist_network *net,
                             const mnist_dataset *data, mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    size_t rows = mnist_network_rows(net), cols = mnist_network_cols(net);
    if (rows == data->rows && cols == data->cols)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: weights for images of %zux%zu; %s holds images of "
                      "%zux%zu; %s",
                      cli_quote(quoted, weights), rows, cols, data->images_name,
                      data->rows, data->cols,
                      data->is_picture ? "leave out --no-preprocess"
                                       : "use weights trained on that size");
}

const char *cli_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool cli_path_ends(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length >= end && strcmp(path + length - end, ending) == 0;
}

/* The folder that a path's last part is in. */
static void folder_of(char out[PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (!slash)
        snprintf(out, PATH_MAX, ".");
    else
        snprintf(out, PATH_MAX, "%.*s", length ? (int)length : 1, path);
}

static mnist_status check_folder(const char *path, const char *option,
                                 mnist_error *err)
{
    struct stat info;
    char folder[PATH_MAX], quoted[CLI_QUOTE_MAX];
    folder_of(folder, path);
    cli_quote(quoted, folder);
    if (stat(folder, &info) != 0)
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "--%s: cannot write into %s: %s%s", option, quoted,
                          strerror(errno),
                          errno == ENOENT ? "; make the folder first" : "");
    if (!S_ISDIR(info.st_mode))
        return mnist_fail(err, MNIST_ERROR_SYSTEM, "--%s: %s is not a folder",
                          option, quoted);
    if (access(folder, W_OK | X_OK) != 0)
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "--%s: cannot write into %s: %s", option, quoted,
                          strerror(errno));
    return MNIST_OK;
}

static mnist_status try_output(const char *path, const char *option,
                               mnist_error *err)
{
    mnist_error why;
    cli_signals_watch(); /* not to leave behind what it is tried with */
    mnist_status status = mnist_file_can_replace(path, &why);
    int number = cli_signals_caught();
    cli_signals_release();
    if (number)
        cli_signals_die(number);
    return status ? mnist_fail(err, status, "--%s: %s", option, why.message)
                  : MNIST_OK;
}

mnist_status cli_path_check_output(const char *path, const char *option,
                                   mnist_error *err)
{
    struct stat info;
    char quoted[CLI_QUOTE_MAX];
    mnist_status status = MNIST_OK;
    cli_quote(quoted, path);
    if (strcmp(path, "-") == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "--%s -: this goes to a file, not to standard "
                          "output; name one",
                          option);
    if (strlen(path) >= PATH_MAX - NAME_ROOM)
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "--%s: the name is longer than %d bytes", option,
                          PATH_MAX - NAME_ROOM);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return mnist_fail(err, MNIST_ERROR_SYSTEM,
                          "--%s %s: this is a folder; name a file in it",
                          option, quoted);
    /* Of a link, the folder that counts is where it leads. */
    if (lstat(path, &info) != 0)
        status = check_folder(path, option, err);
    return status ? status : try_output(path, option, err);
}

bool cli_path_same(const char *a, const char *b)
{
    struct stat one, two;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &one) == 0 && stat(b, &two) == 0 && S_ISREG(one.st_mode) &&
           one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

mnist_status cli_path_check_resumed(const char *resume, const char *out,
                                    mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    if (!cli_path_same(resume, out))
        return MNIST_OK;
    return mnist_fail(
        err, MNIST_ERROR_ARGUMENT,
        "--resume %s: the weights would go there too; if it holds "
        "weights, start from them with --init, else name another "
        "--out",
        cli_quote(quoted, resume));
}

mnist_status cli_path_check_different(const cli_path_use *files, size_t count,
                                      mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (files[i].path && files[j].path &&
                cli_path_same(files[i].path, files[j].path))
                return mnist_fail(
                    err, MNIST_ERROR_ARGUMENT,
                    "%s would hold %s and %s at once; name two files",
                    cli_quote(quoted, files[i].path), files[j].what,
                    files[i].what);
    return MNIST_OK;
}

/* In place of the number of an epoch. */
static const char epoch_mark[] = "%e";

const char *cli_path_epoch(const char *path)
{
    return strstr(cli_path_name(path), epoch_mark);
}

char *cli_path_of_epoch(char out[PATH_MAX], const char *path, size_t epoch)
{
    const char *at = cli_path_epoch(path);
    if (at)
        snprintf(out, PATH_MAX, "%.*s%zu%s", (int)(at - path), path, epoch,
                 at + sizeof epoch_mark - 1);
    else
        snprintf(out, PATH_MAX, "%s", path);
    return out;
}

/* The number that makes a file's name of the other; 0 if none does. */
static size_t epoch_of(const char *path, const char *file)
{
    const char *at = cli_path_epoch(path), *name = cli_path_name(file);
    size_t before = (size_t)(at - cli_path_name(path)), epoch = 0;
    if (strncmp(name, cli_path_name(path), before) != 0)
        return 0;
    name += before;
    size_t digits = strspn(name, "0123456789");
    if (digits == 0 || digits > 9 || name[0] == '0' ||
        strcmp(name + digits, at + sizeof epoch_mark - 1) != 0)
        return 0;
    for (size_t i = 0; i < digits; i++)
        epoch = 10 * epoch + (size_t)(name[i] - '0');
    return epoch;
}

mnist_status cli_path_check_epochs(const char *path, const char *what,
                                   const cli_path_use *files, size_t count,
                                   mnist_error *err)
{
    char name[PATH_MAX];
    mnist_status status = MNIST_OK;
    for (size_t i = 0; i < count && cli_path_epoch(path) && !status; i++) {
        size_t epoch = files[i].path ? epoch_of(path, files[i].path) : 0;
        if (epoch == 0)
            continue;
        const cli_path_use both[] = {
            {what, cli_path_of_epoch(name, path, epoch)}, files[i]};
        status = cli_path_check_different(both, 2, err);
    }
    return status;
}

/* Stands before the last dot of the name. */
static const char mark[] = ".checkpoint";

char *cli_path_checkpoint(char out[PATH_MAX], const char *path)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        path = CLI_WEIGHTS_NAME;
    const char *name = cli_path_name(path);
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name)
        dot = path + strlen(path);
    snprintf(out, PATH_MAX, "%.*s%s%s", (int)(dot - path), path, mark, dot);
    return out;
}

char *cli_path_resumed(char out[PATH_MAX], const char *path,
                       const char *otherwise)
{
    const char *name = cli_path_name(path);
    const char *at = name;
    /* Its last place in the name, before the ending or at the end. */
    for (const char *next = at; (next = strstr(next, mark)); next++)
        at = next;
    const char *rest = at + sizeof mark - 1;
    if (at == name || (*rest != '\0' && *rest != '.'))
        snprintf(out, PATH_MAX, "%s", otherwise);
    else
        snprintf(out, PATH_MAX, "%.*s%s", (int)(at - path), path, rest);
    return out;
}

/* Puts `to` in the place of `from`, of the same length, in a path's last part;
   false if it is not there. */
static bool exchange(char *path, const char *from, const char *to)
{
    char *slash = strrchr(path, '/');
    char *at = strstr(slash ? slash : path, from);
    if (!at)
        return false;
    memcpy(at, to, strlen(to));
    return true;
}

bool cli_path_labels(char out[PATH_MAX], const char *images)
{
    size_t length = strlen(images);
    if (length + sizeof ".gz" > PATH_MAX)
        return false;
    memcpy(out, images, length + 1);
    if (!exchange(out, "images", "labels"))
        return false;
    exchange(out, "idx3", "idx1");
    if (access(out, R_OK) == 0)
        return true;
    if (length > 3 && strcmp(out + length - 3, ".gz") == 0)
        out[length - 3] = '\0';
    else
        memcpy(out + length, ".gz", sizeof ".gz");
    return access(out, R_OK) == 0;
}
