/* Looking at the notes of a weights file. */
#ifndef CLI_NOTES_H
#define CLI_NOTES_H

#include <mnist.h>

#include <stdbool.h>

/* The value of the note with that key, or NULL. */
const char *cli_notes_find(const mnist_notes *notes, const char *key);

/* Whether the library made it for itself, as it does in checkpoints. */
bool cli_note_is_own(const mnist_note *note);

#endif
