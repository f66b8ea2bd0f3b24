/* For truncate. */
#define _XOPEN_SOURCE 700

#include "cli/history.h"

#include "cli/report.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = 512 };

static mnist_status fail_system(const char *what, const char *path,
                                mnist_error *err)
{
    char quoted[CLI_QUOTE_MAX];
    int reason = errno;
    return mnist_fail(err, MNIST_ERROR_SYSTEM, "%s: cannot %s: %s",
                      cli_quote(quoted, path), what, strerror(reason));
}

static bool is_jsonl(const char *path)
{
    static const char ending[] = ".jsonl";
    size_t length = strlen(path), end = sizeof ending - 1;
    return length >= end && strcmp(path + length - end, ending) == 0;
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

/* How many bytes of the file stay: the header and the rows of epochs done. A
   last line without its end was torn, and goes. */
static mnist_status measure(FILE *file, const cli_history_start *start,
                            long *kept, mnist_error *err)
{
    char line[LINE];
    size_t epoch;
    *kept = 0;
    for (size_t number = 1; fgets(line, sizeof line, file); number++) {
        bool whole = strchr(line, '\n') != NULL;
        bool head = number == 1 && !is_jsonl(start->path);
        if (!whole && feof(file))
            break;
        if (head ? strcmp(line, header(start->validates)) != 0
                 : !whole || !read_epoch(start, line, &epoch))
            return fail_row(start, number, err);
        if (!head && epoch > start->epochs)
            break;
        *kept = ftell(file);
    }
    return ferror(file) ? fail_system("read", start->path, err) : MNIST_OK;
}

/* Cuts the file down to what stays. */
static mnist_status cut(const cli_history_start *start, mnist_error *err)
{
    struct stat info;
    long kept;
    FILE *file = fopen(start->path, "rb");
    if (!file)
        return errno == ENOENT ? MNIST_OK
                               : fail_system("open", start->path, err);
    mnist_status status = MNIST_OK;
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
        status = measure(file, start, &kept, err);
        if (!status && kept < info.st_size && truncate(start->path, kept) != 0)
            status = fail_system("write", start->path, err);
    }
    fclose(file);
    return status;
}

/* ---- Writing ---- */

static mnist_status finish_row(cli_history *history, mnist_error *err)
{
    if (fflush(history->file) == 0 && !ferror(history->file))
        return MNIST_OK;
    return fail_system("write", history->path, err);
}

mnist_status cli_history_open(cli_history *history,
                              const cli_history_start *start, mnist_error *err)
{
    struct stat info;
    mnist_status status = start->goes_on ? cut(start, err) : MNIST_OK;
    if (status)
        return status;
    FILE *file = fopen(start->path, start->goes_on ? "ab" : "wb");
    if (!file)
        return fail_system("open", start->path, err);
    *history = (cli_history){file, start->path, is_jsonl(start->path),
                             start->validates};
    bool empty = fstat(fileno(file), &info) != 0 || info.st_size == 0;
    if (history->json || !empty)
        return MNIST_OK;
    fputs(header(start->validates), file);
    return finish_row(history, err);
}

static void add_figure(const cli_history *history, double value)
{
    char text[CLI_NUMBER_MAX];
    fprintf(history->file, ",%s",
            isnan(value) ? "nan" : cli_real_text(text, value));
}

static void add_csv(const cli_history *history, const mnist_progress *at)
{
    fprintf(history->file, "%zu", at->epoch);
    add_figure(history, at->loss);
    add_figure(history, at->cross_entropy);
    add_figure(history, at->accuracy);
    if (history->validates) {
        add_figure(history, at->validation_loss);
        add_figure(history, at->validation_cross_entropy);
        add_figure(history, at->validation_accuracy);
    }
    add_figure(history, at->lr);
    fprintf(history->file, ",%.3f\n", at->seconds);
}

mnist_status cli_history_add(cli_history *history, const mnist_progress *at,
                             mnist_error *err)
{
    if (!history->file)
        return MNIST_OK;
    if (history->json) {
        cli_json json = cli_json_open(history->file);
        cli_json_epoch(&json, at);
        cli_json_close(&json);
    } else {
        add_csv(history, at);
    }
    return finish_row(history, err);
}

void cli_history_close(cli_history *history)
{
    if (history->file)
        fclose(history->file);
    history->file = NULL;
}
