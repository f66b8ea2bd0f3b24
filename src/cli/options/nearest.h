/* The word that a mistyped one was meant to be. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* A search over candidates offered one by one. */
typedef struct cli_nearest {
    const char *word; /* as typed */
    const char *best; /* the nearest so far; NULL: none is near */
    size_t distance;
} cli_nearest;

/* Begins a search. */
cli_nearest cli_nearest_to(const char *word);

/* Looks at one more candidate; NULL is none. */
void cli_nearest_offer(cli_nearest *search, const char *candidate);

#endif
