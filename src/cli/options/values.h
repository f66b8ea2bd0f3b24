/* The values of options: from text to checked numbers, choices and ranges. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include "cli/options/options.h"

/* Reads an option's value into its field of args; NULL for a flag. The whole
   text must be what the option takes, and in its range. Returns CLI_GO, or
   CLI_USAGE after naming the option, the value and what was expected. */
int cli_value_set(const cli_option *option, void *args, const char *value);

/* The whole text as a whole number, or as a decimal number; otherwise false. */
bool cli_read_count(uint64_t *out, const char *text);
bool cli_read_real(double *out, const char *text);

/* Number i of what --kernel takes, "auto" first; NULL past the last. */
const char *cli_kernel_name(size_t i);

/* The images *first..*end-1 that a range means in a file of unknown count. */
void cli_range_bounds(const cli_range *range, size_t *first, size_t *end);

/*
 * The images that a range means in a file of `count`: first..first+*length-1.
 * A range that was not given means all. Returns CLI_GO, or CLI_USAGE after
 * saying how many there are.
 */
int cli_range_resolve(const cli_range *range, size_t count, size_t *first,
                      size_t *length);

#endif
