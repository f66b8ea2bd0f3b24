#include "cli/results/epoch_note.h"

#include "cli/options/values.h"
#include "cli/text/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIGURES = 5, TRAINING = 3 }; /* of an epoch; those without validation */

static void take_figures(double figures[FIGURES], const mnist_progress *at)
{
    figures[0] = at->loss;
    figures[1] = at->accuracy;
    figures[2] = at->lr;
    figures[3] = at->validation_loss;
    figures[4] = at->validation_accuracy;
}

static char *append(char *to, char separator, double value)
{
    char text[CLI_NUMBER_MAX];
    *to++ = separator;
    cli_real_text(text, value);
    size_t length = isfinite(value) ? strlen(text) : 1;
    memcpy(to, isfinite(value) ? text : "-", length);
    return to + length;
}

char *cli_epoch_note_text(const mnist_progress *epochs, size_t count)
{
    char *text = calloc(count + 1, FIGURES * CLI_NUMBER_MAX);
    char *to = text;
    for (size_t i = 0; text && i < count; i++) {
        double figures[FIGURES];
        take_figures(figures, &epochs[i]);
        for (size_t k = 0; k < (epochs[i].validated ? FIGURES : TRAINING); k++)
            to = append(to, k ? ',' : ';', figures[k]);
    }
    /* There is nothing in front of the first. */
    if (text)
        memmove(text, text + (count > 0), strlen(text) + (count == 0));
    return text;
}

/* The number up to the next ',' or ';' or the end, where *text is left. */
static bool read_figure(double *value, const char **text)
{
    char number[CLI_NUMBER_MAX];
    size_t length = strcspn(*text, ",;");
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, *text, length);
    number[length] = '\0';
    *text += length;
    *value = NAN;
    return strcmp(number, "-") == 0 || cli_read_real(value, number);
}

static bool read_epoch(mnist_progress *at, const char **text)
{
    double figures[FIGURES] = {0};
    size_t count = 0;
    do {
        *text += count > 0;
        if (count == FIGURES || !read_figure(&figures[count++], text))
            return false;
    } while (**text == ',');
    at->loss = figures[0];
    at->accuracy = figures[1];
    at->lr = figures[2];
    at->validated = count == FIGURES;
    at->validation_loss = figures[3];
    at->validation_accuracy = figures[4];
    return count == FIGURES || count == TRAINING;
}

bool cli_epoch_note_read(mnist_progress *epochs, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        epochs[i] = (mnist_progress){.epoch = i + 1, .epochs = count};
        if (!read_epoch(&epochs[i], &text) ||
            *text != (i + 1 < count ? ';' : '\0'))
            return false;
        text++;
    }
    return count > 0;
}
