/* The sections of a report: each adds its heading, its words and its figures,
   or says what is missing. */
#ifndef PAGES_REPORT_PARTS_H
#define PAGES_REPORT_PARTS_H

#include "pages/html.h"

#include <mnist/report.h>

/* How it was trained: curves of loss and accuracy, and their numbers. */
void mnist_report_curves(mnist_html *html, const mnist_report *report);

/* Which labels were taken for which, and the figures of each class; nothing
   without data. */
void mnist_report_confusion(mnist_html *html, const mnist_report *report);
void mnist_report_classes(mnist_html *html, const mnist_report *report);

/* The worst mistakes as pictures; nothing without data. */
void mnist_report_mistakes(mnist_html *html, const mnist_report *report);

/* What the first layer that learns has learned, as pictures. */
void mnist_report_weights(mnist_html *html, const mnist_report *report);

/* The table of layers, and that of settings. */
void mnist_report_layers(mnist_html *html, const mnist_report *report);
void mnist_report_facts(mnist_html *html, const mnist_report *report);

/* A section's beginning; its end is "</section>\n". */
void mnist_report_section(mnist_html *html, const char *id,
                          const char *heading);

/* A cell with a count and a bar, `share` of the longest. */
void mnist_report_bar(mnist_html *html, size_t count, double share);

/* "word" for 1, else "words": with its count. */
void mnist_report_plural(mnist_html *html, size_t count, const char *word);

#endif
