/* What a person is told who types the program's name and nothing else. */
#ifndef CLI_FIRST_STEPS_H
#define CLI_FIRST_STEPS_H

#include <stdio.h>

/* Three lines, with commands that run as they stand: by whether there are data,
   and weights, where the program would look for them. */
void cli_first_steps(FILE *out);

#endif
