/* What other programs call by another name, or do otherwise. */
#ifndef CLI_ELSEWHERE_H
#define CLI_ELSEWHERE_H

/*
 * What to do instead, for an option of that name (without its dashes) typed
 * after the command of that name; for a command where `command` is NULL.
 * Returns NULL for a name that nobody is known to bring along.
 */
const char *cli_elsewhere(const char *command, const char *name);

#endif
