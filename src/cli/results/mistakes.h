/* The images of a test set that were taken for another class with the most
   confidence: often those whose label is wrong. */
#ifndef CLI_MISTAKES_H
#define CLI_MISTAKES_H

#include "cli/terminal/terminal.h"
#include "cli/text/json.h"

#include <mnist.h>

typedef struct cli_mistake {
    size_t index;      /* of the image */
    size_t predicted;  /* the class it was taken for */
    float probability; /* of that class */
} cli_mistake;

typedef struct cli_mistakes {
    cli_mistake *worst; /* by falling probability, then by index */
    size_t count, room;
} cli_mistakes;

/* Looks through the whole set for up to `room`, at least 1. Release the result
   with cli_mistakes_free, whatever is returned; it must begin as {0}. */
mnist_status cli_mistakes_find(cli_mistakes *mistakes, size_t room,
                               mnist_workspace *ws, const mnist_dataset *data,
                               mnist_error *err);
void cli_mistakes_free(cli_mistakes *mistakes);

/* As pictures, and as an array of objects. */
int cli_mistakes_draw(const cli_mistakes *mistakes, const mnist_dataset *data,
                      const cli_terminal *terminal);
void cli_mistakes_json(cli_json *json, const cli_mistakes *mistakes,
                       const mnist_dataset *data);

#endif
