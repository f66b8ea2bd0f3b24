/* One prediction as a drawing, as a line of text, or as JSON. */
#ifndef CLI_PREDICTION_H
#define CLI_PREDICTION_H

#include "cli/terminal/terminal.h"

#include <mnist.h>

#include <stdbool.h>

/* How predictions are to be printed. */
typedef struct cli_predictions {
    const cli_terminal *terminal;
    const char *file; /* named with each, where there are several; or NULL */
    size_t classes;
    size_t top; /* how many labels to tell, likeliest first; 0: not sorted */
    bool json;
    bool draw;     /* draw the image and a bar for each probability */
    size_t *order; /* private: labels by falling probability */
} cli_predictions;

/* Takes memory, false without; end releases it and is fine in any case. */
bool cli_predictions_start(cli_predictions *style);
void cli_predictions_end(cli_predictions *style);

/* Prints the prediction for image i of the dataset: `classes` probabilities.
   Where the dataset has labels, the true one is told as well. */
void cli_prediction_print(const cli_predictions *style,
                          const mnist_dataset *data, size_t i,
                          const float *probabilities);

#endif
