/* Results as JSON, written member by member. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <mnist.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An object on one line. */
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

void cli_json_evaluation(cli_json *json, const mnist_evaluation *figures);

/* The figures of an epoch that is complete, as members of an object: those of
   the network, and what else is told of the epoch. */
void cli_json_figures(cli_json *json, const mnist_progress *at);
void cli_json_epoch(cli_json *json, const mnist_progress *at);

/* Counts of labels (rows) predicted as (columns), classes x classes; as text in
   confusion.h. */
void cli_json_confusion(cli_json *json, const size_t *counts, size_t classes);

#endif
