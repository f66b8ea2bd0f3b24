#include "cli/files/notes.h"

#include <string.h>

const char *cli_notes_find(const mnist_notes *notes, const char *key)
{
    const mnist_note *note;
    for (size_t i = 0; (note = mnist_notes_get(notes, i)); i++)
        if (strcmp(note->key, key) == 0)
            return note->value;
    return NULL;
}

bool cli_note_is_own(const mnist_note *note)
{
    static const char begin[] = "checkpoint_";
    return strncmp(note->key, begin, sizeof begin - 1) == 0;
}
