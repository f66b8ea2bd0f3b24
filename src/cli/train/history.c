/* For truncate. */
#define _XOPEN_SOURCE 700

#include "cli/train/history.h"

#include "cli/files/paths.h"
#include "cli/text/json.h"
#include "cli/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mnist_status fail_system(const char *what, const char *path,
                                mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    int reason = errno;
    if (reason == ENOMEM)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory",
                          cli_quote(quoted, path));
    return mnist_fail(err, MNIST_ERROR_SYSTEM, "%s: cannot %s: %s",
                      cli_quote(quoted, path), what, strerror(reason));
}

static bool is_jsonl(const char *path)
{
    return cli_path_ends(path, ".jsonl");
}

static const char *header(bool validates)
{
    return validates ? "epoch,loss,cross_entropy,accuracy,val_loss,"
                       "val_cross_entropy,val_accuracy,lr,seconds\n"
                     : "epoch,loss,cross_entropy,accuracy,lr,seconds\n";
}

/* ---- Going on ---- */

/* Whether a whole line begins as the row of an epoch does, and which. */
static bool read_epoch(const cli_history_start *start, const char *line,
                       size_t *epoch)
{
    static const char member[] = "{\"epoch\":";
    if (is_jsonl(start->path)) {
        if (strncmp(line, member, sizeof member - 1) != 0)
            return false;
        line += sizeof member - 1;
    }
    size_t digits = strspn(line, "0123456789");
    *epoch = 0;
    for (size_t i = 0; i < digits && i < 9; i++)
        *epoch = 10 * *epoch + (size_t)(line[i] - '0');
    return digits > 0 && digits < 10 && line[digits] == ',';
}

static mnist_status fail_row(const cli_history_start *start, size_t number,
                             mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    const char *expected = is_jsonl(start->path) ? "{\"epoch\":...}"
                           : number > 1          ? "an epoch and its figures"
                                                 : header(start->validates);
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "%s: line %zu is not of this training's history, "
                      "expected %.*s; name another file with --history",
                      cli_quote(quoted, start->path), number,
                      (int)strcspn(expected, "\n"), expected);
}

/* How many bytes of the file stay: the header, the rows of other trainings, and
   those of epochs done. A last line without its end was torn, and goes. *before
   is how many rows there are of others. */
static mnist_status measure(FILE *file, const cli_history_start *start,
                            long *kept, size_t *before, mnist_error *err)
{
    char line[CLI_HISTORY_ROW];
    size_t epoch, rows = 0;
    *kept = 0;
    *before = 0;
    for (size_t number = 1; fgets(line, sizeof line, file); number++) {
        bool whole = strchr(line, '\n') != NULL;
        bool head = number == 1 && !is_jsonl(start->path);
        if (!whole && feof(file))
            break;
        if (head ? strcmp(line, header(start->validates)) != 0
                 : !whole || !read_epoch(start, line, &epoch))
            return fail_row(start, number, err);
        bool other = !head && (start->append || rows < start->before);
        if (!head && !other && epoch > start->epochs)
            break;
        rows += !head;
        *before += other;
        *kept = ftell(file);
    }
    return ferror(file) ? fail_system("read", start->path, err) : MNIST_OK;
}

/* Cuts the file down to what stays. */
static mnist_status cut(const cli_history_start *start, size_t *before,
                        mnist_error *err)
{
    struct stat info;
    long kept;
    FILE *file = fopen(start->path, "rb");
    if (!file)
        return errno == ENOENT ? MNIST_OK
                               : fail_system("open", start->path, err);
    mnist_status status = MNIST_OK;
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
        status = measure(file, start, &kept, before, err);
        if (!status && kept < info.st_size && truncate(start->path, kept) != 0)
            status = fail_system("write", start->path, err);
    }
    fclose(file);
    return status;
}

/* ---- Writing ---- */

static bool write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            text += n;
            length -= (size_t)n;
        }
    }
    return true;
}

/* Writes what was put together. */
static mnist_status finish_row(cli_history *history, mnist_error *err)
{
    mnist_status status = MNIST_OK;
    long length = fflush(history->row) == 0 ? ftell(history->row) : (long)EOF;
    if (length < 0 || !write_all(history->fd, history->text, (size_t)length)) {
        status = fail_system("write", history->path, err);
        /* A pipe and a device keep what they have got. */
        (void)!ftruncate(history->fd, history->end);
    }
    history->end += status ? 0 : length;
    rewind(history->row);
    return status;
}

static mnist_status open_files(cli_history *history, bool behind,
                               mnist_error *err)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    struct stat info;
    history->row = fmemopen(history->text, sizeof history->text, "w");
    if (!history->row)
        return fail_system("open", history->path, err);
    if (!behind)
        flags |= O_TRUNC;
    do
        history->fd = open(history->path, flags, 0666);
    while (history->fd < 0 && errno == EINTR);
    if (history->fd < 0 || fstat(history->fd, &info) != 0) {
        mnist_status status = fail_system("open", history->path, err);
        cli_history_close(history, NULL);
        return status;
    }
    history->end = info.st_size;
    return MNIST_OK;
}

mnist_status cli_history_open(cli_history *history,
                              const cli_history_start *start, mnist_error *err)
{
    bool behind = start->append || start->goes_on;
    mnist_status status = behind ? cut(start, &history->before, err) : MNIST_OK;
    if (status)
        return status;
    history->path = start->path;
    history->json = is_jsonl(start->path);
    history->validates = start->validates;
    status = open_files(history, behind, err);
    if (status || history->json || history->end > 0)
        return status;
    fputs(header(start->validates), history->row);
    return finish_row(history, err);
}

static void add_figure(const cli_history *history, double value)
{
    char text[CLI_NUMBER_MAX];
    fprintf(history->row, ",%s",
            isnan(value) ? "nan" : cli_real_text(text, value));
}

static void add_csv(const cli_history *history, const mnist_progress *at)
{
    fprintf(history->row, "%zu", at->epoch);
    add_figure(history, at->loss);
    add_figure(history, at->cross_entropy);
    add_figure(history, at->accuracy);
    if (history->validates) {
        add_figure(history, at->validation_loss);
        add_figure(history, at->validation_cross_entropy);
        add_figure(history, at->validation_accuracy);
    }
    add_figure(history, at->lr);
    fprintf(history->row, ",%.3f\n", at->seconds);
}

mnist_status cli_history_add(cli_history *history, const mnist_progress *at,
                             mnist_error *err)
{
    if (!history->row)
        return MNIST_OK;
    if (history->json) {
        cli_json json = cli_json_open(history->row);
        cli_json_epoch(&json, at);
        cli_json_close(&json);
    } else {
        add_csv(history, at);
    }
    return finish_row(history, err);
}

mnist_status cli_history_close(cli_history *history, mnist_error *err)
{
    mnist_status status = MNIST_OK;
    if (!history->row)
        return MNIST_OK;
    if (history->fd >= 0 && close(history->fd) != 0 && errno != EINTR)
        status = fail_system("write", history->path, err);
    fclose(history->row);
    history->row = NULL;
    return status;
}
