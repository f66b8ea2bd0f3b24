/* A look into the JSON that the program prints. */
#ifndef SUPPORT_JSON_H
#define SUPPORT_JSON_H

#include <stdbool.h>

/* Whether each line of the text is one JSON object, by RFC 8259. */
bool json_lines_are_valid(const char *text);

/* The number after the first "key": in the text; fails the test without. */
double json_number(const char *text, const char *key);

#endif
