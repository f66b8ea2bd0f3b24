#include "cli/files/form.h"

#include "cli/files/notes.h"
#include "cli/options/command.h"
#include "cli/options/values.h"

#include <stdio.h>

enum { SIDE = 28 };

int cli_form_check(const cli_form *form)
{
    if (form->invert && form->no_invert)
        return cli_usage("--invert and --no-invert contradict each other; give "
                         "one of them");
    if (form->preprocess && form->no_preprocess)
        return cli_usage("--preprocess and --no-preprocess contradict each "
                         "other; give one of them");
    return CLI_GO;
}

static mnist_status turn(mnist_dataset *data, size_t first, size_t end,
                         bool invert, bool transpose, mnist_error *err)
{
    if (invert)
        mnist_dataset_invert(data, first, end);
    return transpose ? mnist_dataset_transpose(data, first, end, err)
                     : MNIST_OK;
}

mnist_status cli_form_turn(mnist_dataset *data, bool invert, bool transpose,
                           mnist_error *err)
{
    return turn(data, 0, SIZE_MAX, invert, transpose, err);
}

static bool wants_form(const cli_form *form, const mnist_dataset *data,
                       size_t rows, size_t cols)
{
    bool other = rows > 0 && (data->rows != rows || data->cols != cols);
    return form->preprocess ||
           (data->is_picture && other && !form->no_preprocess);
}

mnist_status cli_form_apply(cli_form *form, mnist_dataset *data,
                            const cli_range *wanted, size_t rows, size_t cols,
                            mnist_error *err)
{
    size_t from_rows = data->rows, from_cols = data->cols, first, end;
    cli_range_bounds(wanted, &first, &end);
    bool looks = data->is_picture && (rows > 0 || form->preprocess) &&
                 !form->invert && !form->no_invert &&
                 mnist_looks_inverted(data->pixels, from_rows, from_cols);
    mnist_status status =
        turn(data, first, end, form->invert || looks, form->transpose, err);
    bool forms = wants_form(form, data, rows, cols);
    if (!status && forms)
        status = mnist_dataset_preprocess(data, first, end, rows ? rows : SIDE,
                                          cols ? cols : SIDE, err);
    if (status || !data->is_picture)
        return status;
    form->pictures++;
    form->inverted += looks;
    if (looks || forms)
        snprintf(form->name, sizeof form->name, "%s", data->images_name);
    if (!forms)
        return MNIST_OK;
    form->formed++;
    form->rows = from_rows;
    form->cols = from_cols;
    form->to_rows = data->rows;
    form->to_cols = data->cols;
    return MNIST_OK;
}

static void tell_one(const cli_form *form)
{
    fprintf(stderr, "mnist: %s:%s%s", form->name,
            form->inverted ? " black on white, so inverted" : "",
            form->inverted && form->formed ? ";" : "");
    if (form->formed)
        fprintf(stderr, " brought from %zux%zu to MNIST's form, %zux%zu",
                form->cols, form->rows, form->to_cols, form->to_rows);
    fputs(form->inverted ? " (--no-invert leaves it)\n" : "\n", stderr);
}

void cli_form_tell(const cli_form *form)
{
    if (form->inverted + form->formed == 0)
        return;
    if (form->pictures == 1) {
        tell_one(form);
        return;
    }
    fprintf(stderr, "mnist: of %zu pictures", form->pictures);
    if (form->inverted)
        fprintf(stderr, " %zu black on white, so inverted%s", form->inverted,
                form->formed ? ";" : "");
    if (form->formed)
        fprintf(stderr, " %zu brought to MNIST's form, %zux%zu", form->formed,
                form->to_cols, form->to_rows);
    fputs(form->inverted ? " (--no-invert leaves them)\n" : "\n", stderr);
}

void cli_form_tell_trained(const mnist_notes *notes, bool invert,
                           bool transpose)
{
    bool lacks_invert = !invert && cli_notes_find(notes, "invert");
    bool lacks_transpose = !transpose && cli_notes_find(notes, "transpose");
    if (lacks_invert || lacks_transpose)
        fprintf(stderr,
                "mnist: the network was trained with%s%s; files like those "
                "need it here, too\n",
                lacks_invert ? " --invert" : "",
                lacks_transpose ? " --transpose" : "");
}
