#include "cli/results/results.h"

#include "cli/text/flow.h"
#include "cli/text/text.h"

#include <math.h>

void cli_print_evaluation(const cli_terminal *terminal, const char *prefix,
                          const mnist_evaluation *figures)
{
    cli_flow text = {.width = cli_terminal_room(terminal)};
    cli_flow_add(&text, 0, "%sloss %.4f +- %.4f", prefix, figures->loss,
                 figures->loss_error);
    cli_flow_end_line(&text);
    cli_flow_add(&text, 0, "%saccuracy %.4f +- %.4f", prefix, figures->accuracy,
                 figures->accuracy_error);
    cli_flow_add(&text, 2, "%zu/%zu", figures->correct, figures->count);
    cli_flow_end_line(&text);
    fputs(text.text, terminal->out);
}

static void print_ratio(FILE *out, int width, double value)
{
    if (isnan(value))
        fprintf(out, "  %*s", width, "-");
    else
        fprintf(out, "  %*.4f", width, value);
}

void cli_print_classes(FILE *out, const size_t *counts, size_t classes)
{
    fprintf(out, "\nlabel  images  precision  recall      f1\n");
    for (size_t k = 0; k < classes; k++) {
        mnist_class_figures c = mnist_class_evaluate(counts, classes, k);
        fprintf(out, "%5zu  %6zu", k, c.count);
        print_ratio(out, 9, c.precision);
        print_ratio(out, 6, c.recall);
        print_ratio(out, 6, c.f1);
        fputc('\n', out);
    }
}

void cli_json_classes(cli_json *json, const size_t *counts, size_t classes)
{
    cli_json_begin(json, "per_class", '[');
    for (size_t k = 0; k < classes; k++) {
        mnist_class_figures c = mnist_class_evaluate(counts, classes, k);
        cli_json_begin(json, NULL, '{');
        cli_json_count(json, "label", k);
        cli_json_count(json, "count", c.count);
        cli_json_real(json, "precision", c.precision);
        cli_json_real(json, "recall", c.recall);
        cli_json_real(json, "f1", c.f1);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
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

/* "dense_1 (Dense)"; returns its length. */
static int name_text(char out[96], const mnist_layer_info *layer)
{
    return snprintf(out, 96, "%s (%s)", layer->name, layer->kind);
}

void cli_print_layers(FILE *out, const mnist_network *net)
{
    mnist_layer_info layer;
    char shape[96], number[CLI_NUMBER_MAX], bytes[CLI_NUMBER_MAX], name[96];
    size_t parameters = mnist_network_parameters(net);
    int width = 28;
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++)
        if (name_text(name, &layer) > width)
            width = name_text(name, &layer);
    fprintf(out, "%-*s  %-24s  %12s\n", width, "Layer (type)", "Output Shape",
            "Param #");
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++) {
        name_text(name, &layer);
        fprintf(out, "%-*s  %-24s  %12s\n", width, name,
                shape_text(shape, &layer.out),
                cli_grouped(number, layer.parameters));
    }
    fprintf(out, "Total params: %s (%s)\n", cli_grouped(number, parameters),
            bytes_text(bytes, 4.0 * (double)parameters));
}

void cli_json_layers(cli_json *json, const mnist_network *net)
{
    mnist_layer_info layer;
    cli_json_begin(json, "layers", '[');
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++) {
        cli_json_begin(json, NULL, '{');
        cli_json_text(json, "name", layer.name);
        cli_json_text(json, "type", layer.kind);
        cli_json_begin(json, "output", '[');
        if (!layer.out.flat) {
            cli_json_count(json, NULL, layer.out.h);
            cli_json_count(json, NULL, layer.out.w);
        }
        cli_json_count(json, NULL, layer.out.c);
        cli_json_end(json, ']');
        cli_json_count(json, "parameters", layer.parameters);
        cli_json_end(json, '}');
    }
    cli_json_end(json, ']');
}
