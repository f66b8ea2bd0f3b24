#include "cli/text/flow.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 2, PART = 512 };

static void append(cli_flow *f, const char *text)
{
    size_t length = strlen(text), room = sizeof f->text - 1 - f->used;
    if (length > room)
        length = room;
    memcpy(f->text + f->used, text, length);
    f->used += length;
    f->text[f->used] = '\0';
    f->column += length;
}

static bool fits(const cli_flow *f, unsigned blanks, const char *text)
{
    return f->width == 0 || f->column == 0 ||
           f->column + blanks + strlen(text) <= f->width;
}

static void add(cli_flow *f, unsigned blanks, const char *text)
{
    bool same = fits(f, blanks, text);
    if (!same)
        cli_flow_end_line(f);
    for (unsigned i = same ? blanks : INDENT; i > 0; i--)
        append(f, " ");
    append(f, text);
}

void cli_flow_add(cli_flow *f, unsigned blanks, const char *format, ...)
{
    char text[PART];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add(f, blanks, text);
}

void cli_flow_add_if(cli_flow *f, unsigned blanks, const char *text)
{
    if (fits(f, blanks, text))
        add(f, blanks, text);
}

void cli_flow_add_list(cli_flow *f, const char *text, char mark)
{
    while (*text) {
        const char *end = strchr(text, mark);
        size_t length = end ? (size_t)(end - text) + 1 : strlen(text);
        cli_flow_add(f, 0, "%.*s", (int)length, text);
        text += length;
    }
}

void cli_flow_end_line(cli_flow *f)
{
    append(f, "\n");
    f->column = 0;
}
