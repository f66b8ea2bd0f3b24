/*
 * What --report of train and eval writes: gathered here, drawn by the library.
 *
 * The page tells no time and no folder, as the notes in a weights file do not:
 * the same training gives the same page wherever it runs.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cli/mistakes.h"

#include <mnist.h>

/* Mistakes that are drawn if nobody says how many. */
enum { CLI_PAGE_MISTAKES = 24, CLI_PAGE_FACTS = 128 };

/* Begins as {0}; release it with cli_page_free. */
typedef struct cli_page {
    mnist_report report;
    mnist_report_fact facts[CLI_PAGE_FACTS];
    mnist_report_mistake *drawn;
    size_t *confusion;
    float *probabilities;
    cli_mistakes mistakes;
} cli_page;

void cli_page_free(cli_page *page);

/* Adds a row of settings: a note of a weights file, with its meaning, unless it
   is the library's own. The text is lent. */
void cli_page_add_note(cli_page *page, const mnist_note *note);

/* Evaluates the workspace's network for the page, with up to `most` mistakes;
   the figures are then in page->report. `data` is lent. */
mnist_status cli_page_evaluate(cli_page *page, mnist_workspace *ws,
                               const mnist_dataset *data, size_t most,
                               mnist_error *err);

/* A path without its folders. */
const char *cli_page_name(const char *path);

#endif
