/* Results as text and as JSON. Numbers have a '.' in every locale, because the
   program sets LC_CTYPE and nothing else. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/terminal.h"

#include <mnist.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A word of the command line made fit for a message: control codes become
   \xNN, what is over 64 bytes is cut. Returns `out`. */
#define CLI_QUOTE_MAX 264
char *cli_quote(char out[CLI_QUOTE_MAX], const char *text);

/* The whole of a name, made fit to show in the same way. */
void cli_print_name(FILE *out, const char *name);

/* A word of a command line to be copied into a shell: quoted if need be. */
void cli_print_argument(FILE *out, const char *text);

/* The shortest text that reads back as the same number. Returns `out`. */
#define CLI_NUMBER_MAX 32
char *cli_float_text(char out[CLI_NUMBER_MAX], float value);
char *cli_real_text(char out[CLI_NUMBER_MAX], double value);

/* 407050 as "407,050". Returns `out`. */
char *cli_grouped(char out[CLI_NUMBER_MAX], size_t value);

/* Seconds as "1.9 s", "2:05" or "1:00:00". Returns `out`. */
char *cli_duration(char out[CLI_NUMBER_MAX], double seconds);

/* Seconds of a clock that only goes forward. */
double cli_now(void);

/* An object written member by member, on one line. */
typedef struct cli_json {
    FILE *out;
    bool comma; /* something stands before the next member */
} cli_json;

cli_json cli_json_open(FILE *out);
void cli_json_close(cli_json *json); /* ends the line and flushes it */

/*
 * A line of --json: an object on stdout that begins with the version of all
 * these lines and the command that writes it. data/mnist.schema.json describes
 * every one; a member that is new goes there too, and CLI_JSON_VERSION goes up
 * when one is taken away or means something else.
 */
#define CLI_JSON_VERSION 1
cli_json cli_json_line(const char *command);

void cli_json_text(cli_json *json, const char *key, const char *value);
void cli_json_count(cli_json *json, const char *key, uint64_t value);
void cli_json_bool(cli_json *json, const char *key, bool value);
void cli_json_null(cli_json *json, const char *key);
/* A number that is not finite becomes null: JSON has no other word for it. */
void cli_json_real(cli_json *json, const char *key, double value);
void cli_json_float(cli_json *json, const char *key, float value);

/* Members up to the matching end go into an object or an array under that key;
   in an array, and there only, keys are NULL. */
void cli_json_begin(cli_json *json, const char *key, char bracket);
void cli_json_end(cli_json *json, char bracket);

/* The figures of an evaluation: as two lines, each begun with `prefix`; as
   members of an object. */
void cli_report_evaluation(const cli_terminal *terminal, const char *prefix,
                           const mnist_evaluation *figures);
void cli_json_evaluation(cli_json *json, const mnist_evaluation *figures);

/* The figures of an epoch that is complete, as members of an object: those of
   the network, and what else is told of the epoch. */
void cli_json_figures(cli_json *json, const mnist_progress *at);
void cli_json_epoch(cli_json *json, const mnist_progress *at);

/* Counts of labels (rows) predicted as (columns), classes x classes; as text in
   confusion.h. */
void cli_json_confusion(cli_json *json, const size_t *counts, size_t classes);

/* By class, from the same counts: precision (of what was taken for it, how much
   is it), recall (of what is it, how much was found) and F1, their harmonic
   mean. "-" and null where there is nothing to divide by. */
void cli_report_classes(FILE *out, const size_t *counts, size_t classes);
void cli_json_classes(cli_json *json, const size_t *counts, size_t classes);

/* The table of layers that Keras' summary() prints. */
void cli_report_layers(FILE *out, const mnist_network *net);
void cli_json_layers(cli_json *json, const mnist_network *net);

#endif
