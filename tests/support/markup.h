/* A look into the pages that the program writes. */
#ifndef SUPPORT_MARKUP_H
#define SUPPORT_MARKUP_H

#include <stddef.h>

/*
 * Fails the running test, with the place, unless the page is whole by itself:
 * every element is closed where it must be, attributes are quoted, no & or < or
 * control character stands bare, ids are there once, links lead to ids of the
 * page, pictures are data, and there are no scripts, frames or addresses.
 */
void assert_whole_page(const char *page);

/* The value of <data class="NAME" value="...">; fails the test without. */
double markup_figure(const char *page, const char *name);

/* How often a text is there. */
size_t count_text(const char *page, const char *text);

#endif
