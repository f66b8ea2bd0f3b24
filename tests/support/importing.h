/* Importing in tests: what must be right, and what must be refused. */
#ifndef SUPPORT_IMPORTING_H
#define SUPPORT_IMPORTING_H

#include <mnist/exchange.h>

/* Imports what must be right. report: may be NULL. */
mnist_network *import_file(const char *path, mnist_import_options options,
                           mnist_import_report *report);

/* The defaults with that network line; NULL for none. */
mnist_import_options import_with_line(const char *line);

/* Fails unless it is refused with a message that holds both words. */
void import_refused(const char *path, mnist_import_options options,
                    mnist_status status, const char *word, const char *other);

#endif
