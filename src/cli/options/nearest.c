#include "cli/options/nearest.h"

#include <string.h>

enum { LONGEST = 40 };

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits from a to b: insertions, deletions, changes, and swaps of neighbours,
   no part edited twice ("optimal string alignment"). */
static size_t edits(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    size_t d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= na; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        for (size_t j = 1; j <= nb; j++) {
            size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = min(change, 1 + min(d[i - 1][j], d[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[na][nb];
}

cli_nearest cli_nearest_to(const char *word)
{
    return (cli_nearest){.word = word, .distance = (size_t)-1};
}

void cli_nearest_offer(cli_nearest *search, const char *candidate)
{
    size_t length = strlen(search->word);
    if (!candidate || length < 2 || length > LONGEST ||
        strlen(candidate) > LONGEST)
        return;
    /* One edit for a short word, a third of a long one: of the longer if they
       begin alike, for "lern-rate" lacks letters. The beginning of a word is
       always near to it, and the other way round, as people try "epoch" for
       "epochs" and "evaluate" for "eval". */
    size_t distance = edits(search->word, candidate);
    size_t shorter = min(length, strlen(candidate));
    size_t longer = length + strlen(candidate) - shorter;
    size_t letters = search->word[0] == candidate[0] ? longer : length;
    size_t allowed = length < 6 ? 1 + length / 4 : letters / 3;
    if (shorter > 1 && strncmp(search->word, candidate, shorter) == 0)
        distance = min(distance, allowed);
    if (distance <= allowed && distance < search->distance) {
        search->best = candidate;
        search->distance = distance;
    }
}
