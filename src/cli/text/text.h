/* Words and numbers made fit to show. Numbers have a '.' in every locale,
   because the program sets LC_CTYPE and nothing else. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>
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

#endif
