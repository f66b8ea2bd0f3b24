#include "cli/terminal/caret.h"

#include "cli/terminal/terminal.h"

#include <string.h>

enum { INDENT = 2 };

void cli_caret(FILE *out, const char *line, size_t column)
{
    static const cli_common plain = CLI_COMMON_DEFAULTS;
    cli_terminal terminal = cli_terminal_of(out, &plain);
    size_t length = strlen(line), first = 0, at = column - 1, room = length;
    if (terminal.person && terminal.width < INDENT + length + 2)
        room = terminal.width > INDENT + 2 ? terminal.width - INDENT - 2 : 1;
    /* As much before the caret as fits, but a third of the room behind it. */
    if (length > room && at > room - room / 3)
        first = at - (room - room / 3);
    if (length > room && first > length - room)
        first = length - room;
    fprintf(out, "%*s", INDENT, "");
    for (size_t i = first; i < length && i < first + room; i++)
        /* One column a byte, or the caret would miss. */
        fputc(line[i] >= 0x20 && line[i] < 0x7f ? line[i] : '?', out);
    fprintf(out, "\n%*s^\n", (int)(INDENT + at - first), "");
}
