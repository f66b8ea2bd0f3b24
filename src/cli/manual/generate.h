/*
 * The man page and the completions, written from the tables of commands and
 * options. Each goes to a stream and needs no other file.
 */
#ifndef CLI_GENERATE_H
#define CLI_GENERATE_H

#include <stdio.h>

/* What a shell evaluates to complete the words of a command line. */
void cli_generate_bash(FILE *out);
void cli_generate_zsh(FILE *out);
void cli_generate_fish(FILE *out);

/* The page mnist(1) for man, written to stdout as all help is. Returns an exit
   status, having told a failure. */
int cli_generate_man(void);

#endif
