#include "cli/text/json.h"

#include "cli/text/characters.h"
#include "cli/text/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A file name may hold any bytes; what is not UTF-8 becomes U+FFFD. */
static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text) {
        size_t length = cli_character_length(text);
        /* Of two bytes that are a control character the second is its number.
         */
        if (length == 0)
            fputs("\\ufffd", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (cli_character_controls(text))
            fprintf(out, "\\u%04x", (unsigned char)text[length - 1]);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
    fputc('"', out);
}

static void begin_member(cli_json *json, const char *key)
{
    if (json->comma)
        fputc(',', json->out);
    json->comma = true;
    if (key) {
        write_string(json->out, key);
        fputc(':', json->out);
    }
}

cli_json cli_json_open(FILE *out)
{
    fputc('{', out);
    return (cli_json){.out = out};
}

void cli_json_close(cli_json *json)
{
    /* At once, so that whoever reads a pipe sees each epoch as it ends. */
    fputs("}\n", json->out);
    fflush(json->out);
}

cli_json cli_json_line(const char *command)
{
    cli_json json = cli_json_open(stdout);
    cli_json_count(&json, "version", CLI_JSON_VERSION);
    cli_json_text(&json, "command", command);
    return json;
}

void cli_json_text(cli_json *json, const char *key, const char *value)
{
    begin_member(json, key);
    write_string(json->out, value);
}

void cli_json_count(cli_json *json, const char *key, uint64_t value)
{
    begin_member(json, key);
    fprintf(json->out, "%" PRIu64, value);
}

void cli_json_bool(cli_json *json, const char *key, bool value)
{
    begin_member(json, key);
    fputs(value ? "true" : "false", json->out);
}

void cli_json_null(cli_json *json, const char *key)
{
    begin_member(json, key);
    fputs("null", json->out);
}

void cli_json_real(cli_json *json, const char *key, double value)
{
    char text[CLI_NUMBER_MAX];
    if (!isfinite(value)) {
        cli_json_null(json, key);
        return;
    }
    begin_member(json, key);
    fputs(cli_real_text(text, value), json->out);
}

void cli_json_float(cli_json *json, const char *key, float value)
{
    char text[CLI_NUMBER_MAX];
    if (!isfinite(value)) {
        cli_json_null(json, key);
        return;
    }
    begin_member(json, key);
    fputs(cli_float_text(text, value), json->out);
}

void cli_json_begin(cli_json *json, const char *key, char bracket)
{
    begin_member(json, key);
    fputc(bracket, json->out);
    json->comma = false;
}

void cli_json_end(cli_json *json, char bracket)
{
    fputc(bracket, json->out);
    json->comma = true;
}

void cli_json_evaluation(cli_json *json, const mnist_evaluation *figures)
{
    cli_json_real(json, "loss", figures->loss);
    cli_json_real(json, "cross_entropy", figures->cross_entropy);
    cli_json_real(json, "loss_error", figures->loss_error);
    cli_json_real(json, "accuracy", figures->accuracy);
    cli_json_real(json, "accuracy_error", figures->accuracy_error);
    cli_json_count(json, "correct", figures->correct);
    cli_json_count(json, "count", figures->count);
}

void cli_json_figures(cli_json *json, const mnist_progress *at)
{
    cli_json_real(json, "loss", at->loss);
    cli_json_real(json, "cross_entropy", at->cross_entropy);
    cli_json_real(json, "accuracy", at->accuracy);
    if (at->validated) {
        cli_json_real(json, "val_loss", at->validation_loss);
        cli_json_real(json, "val_cross_entropy", at->validation_cross_entropy);
        cli_json_real(json, "val_accuracy", at->validation_accuracy);
    }
}

void cli_json_epoch(cli_json *json, const mnist_progress *at)
{
    cli_json_count(json, "epoch", at->epoch);
    cli_json_figures(json, at);
    cli_json_real(json, "lr", at->lr);
    cli_json_real(json, "seconds", at->seconds);
}

void cli_json_confusion(cli_json *json, const size_t *counts, size_t classes)
{
    cli_json_begin(json, "confusion", '[');
    for (size_t label = 0; label < classes; label++) {
        cli_json_begin(json, NULL, '[');
        for (size_t k = 0; k < classes; k++)
            cli_json_count(json, NULL, counts[label * classes + k]);
        cli_json_end(json, ']');
    }
    cli_json_end(json, ']');
}
