#include "cli/report.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *cli_quote(char out[CLI_QUOTE_MAX], const char *text)
{
    size_t used = 0, read = 0;
    for (; text[read] && read < 64; read++) {
        unsigned char c = (unsigned char)text[read];
        if (c < 0x20 || c == 0x7f)
            used += (size_t)snprintf(out + used, 5, "\\x%02x", c);
        else
            out[used++] = (char)c;
    }
    snprintf(out + used, 4, "%s", text[read] ? "..." : "");
    if (out[0] == '\0')
        snprintf(out, 3, "''");
    return out;
}

void cli_print_name(FILE *out, const char *name)
{
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
}

char *cli_float_text(char out[CLI_NUMBER_MAX], float value)
{
    char text[CLI_NUMBER_MAX];
    /* 9 digits tell every float from its neighbours; 6 give back whatever was
       written with 6 or fewer. */
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return memcpy(out, text, sizeof text);
}

char *cli_grouped(char out[CLI_NUMBER_MAX], size_t value)
{
    char digits[CLI_NUMBER_MAX];
    int length = snprintf(digits, sizeof digits, "%zu", value);
    char *to = out;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

char *cli_duration(char out[CLI_NUMBER_MAX], double seconds)
{
    if (seconds < 59.95) {
        snprintf(out, CLI_NUMBER_MAX, "%.1f s", seconds);
        return out;
    }
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole < 3600)
        snprintf(out, CLI_NUMBER_MAX, "%lu:%02lu", whole / 60, whole % 60);
    else
        snprintf(out, CLI_NUMBER_MAX, "%lu:%02lu:%02lu", whole / 3600,
                 whole / 60 % 60, whole % 60);
    return out;
}

double cli_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void cli_report_evaluation(FILE *out, const char *prefix,
                           const mnist_evaluation *figures)
{
    fprintf(out, "%sloss %.4f +- %.4f\n", prefix, figures->loss,
            figures->loss_error);
    fprintf(out, "%saccuracy %.4f +- %.4f  %zu/%zu\n", prefix,
            figures->accuracy, figures->accuracy_error, figures->correct,
            figures->count);
}

static int digits_of(size_t value)
{
    return snprintf(NULL, 0, "%zu", value);
}

void cli_report_confusion(FILE *out, const size_t *counts, size_t classes)
{
    int width = digits_of(classes - 1);
    for (size_t i = 0; i < classes * classes; i++)
        width = width < digits_of(counts[i]) ? digits_of(counts[i]) : width;
    fprintf(out, "\nlabel   predicted\n%5s", "");
    for (size_t k = 0; k < classes; k++)
        fprintf(out, "  %*zu", width, k);
    fputc('\n', out);
    for (size_t label = 0; label < classes; label++) {
        fprintf(out, "%5zu", label);
        for (size_t k = 0; k < classes; k++) {
            size_t count = counts[label * classes + k];
            if (count > 0 || k == label)
                fprintf(out, "  %*zu", width, count);
            else
                fprintf(out, "  %*s", width, ".");
        }
        fputc('\n', out);
    }
}

/* "(None, 512)", as Keras writes a shape with its open batch size. */
static char *shape_text(char out[96], const mnist_shape *shape)
{
    if (shape->flat)
        snprintf(out, 96, "(None, %zu)", shape->c);
    else
        snprintf(out, 96, "(None, %zu, %zu, %zu)", shape->h, shape->w,
                 shape->c);
    return out;
}

/* Bytes as "1.55 MB", in Keras' units of 1024. */
static char *bytes_text(char out[CLI_NUMBER_MAX], double bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit < 3; unit++)
        bytes /= 1024;
    snprintf(out, CLI_NUMBER_MAX, "%.2f %s", bytes, units[unit]);
    return out;
}

void cli_report_layers(FILE *out, const mnist_network *net)
{
    mnist_layer_info layer;
    char shape[96], number[CLI_NUMBER_MAX], bytes[CLI_NUMBER_MAX], name[96];
    size_t parameters = mnist_network_parameters(net);
    fprintf(out, "%-28s  %-24s  %12s\n", "Layer (type)", "Output Shape",
            "Param #");
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++) {
        snprintf(name, sizeof name, "%s (%s)", layer.name, layer.kind);
        fprintf(out, "%-28s  %-24s  %12s\n", name,
                shape_text(shape, &layer.out),
                cli_grouped(number, layer.parameters));
    }
    fprintf(out, "Total params: %s (%s)\n", cli_grouped(number, parameters),
            bytes_text(bytes, 4.0 * (double)parameters));
}
