/* Characters of text that is not ours, a file's name or a word of the command
   line: what of it a terminal may be shown. */
#ifndef CLI_CHARACTERS_H
#define CLI_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the UTF-8 sequence at `text`, or 0 if it is not well-formed. */
size_t cli_character_length(const char *text);

/* Whether the well-formed sequence at `text` is a control character: one byte
   below 0x20 or 0x7f, or U+0080 to U+009f, which are two. */
bool cli_character_controls(const char *text);

/* Puts a '?' in the place of every byte that is not printable ASCII: so that a
   column is a byte. Returns `text`. */
char *cli_characters_plain(char *text);

#endif
