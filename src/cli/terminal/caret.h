/* A network line with a caret below what is wrong in it. */
#ifndef CLI_CARET_H
#define CLI_CARET_H

#include <stddef.h>
#include <stdio.h>

/*
 * Two lines: `line`, and a caret below its byte number `column`, which counts
 * from 1 and may be one past the end. On a terminal that is narrower than the
 * line, the part around the caret is shown.
 */
void cli_caret(FILE *out, const char *line, size_t column);

#endif
