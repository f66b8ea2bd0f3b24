/* Text put together from parts that stay whole: where it would be wider than
   the window, it goes on in another line, indented. */
#ifndef CLI_FLOW_H
#define CLI_FLOW_H

#include <mnist.h>

#include <stddef.h>

enum { CLI_FLOW_ROOM = 2 * MNIST_LINE_MAX };

/* {.width = W} is an empty one; 0: as wide as it comes. */
typedef struct cli_flow {
    size_t width;
    size_t used, column;
    char text[CLI_FLOW_ROOM]; /* what is beyond this is lost */
} cli_flow;

/* Adds a part behind `blanks` blanks, or in the next line without these. */
void cli_flow_add(cli_flow *flow, unsigned blanks, const char *format, ...)
    MNIST_PRINTF(3, 4);

/* The same if it fits into the line, and nothing otherwise. */
void cli_flow_add_if(cli_flow *flow, unsigned blanks, const char *text);

/* Each of the parts that `mark` ends, and what is behind the last. */
void cli_flow_add_list(cli_flow *flow, const char *text, char mark);

void cli_flow_end_line(cli_flow *flow);

#endif
