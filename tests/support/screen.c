#include "support/screen.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* A character of UTF-8, or "" for a cell that nothing was written into. */
typedef struct cell {
    char text[5];
} cell;

struct screen {
    size_t columns, lines;
    cell *cells;     /* lines x columns, those that have scrolled out first */
    size_t scrolled; /* out of the window, at the top */
    size_t line, column; /* in the window; column `columns` is beyond the last,
                            where the next character breaks the line */
    size_t wraps;
    bool colored;
    char *text;
};

static cell *row_of(const screen *s, size_t line)
{
    return s->cells + (s->scrolled + line) * s->columns;
}

/* Room for one line more, blank. */
static void grow(screen *s)
{
    size_t rows = s->scrolled + s->lines;
    s->cells = realloc(s->cells, (rows + 1) * s->columns * sizeof *s->cells);
    assert_non_null(s->cells);
    memset(s->cells + rows * s->columns, 0, s->columns * sizeof *s->cells);
}

screen *screen_new(size_t columns, size_t lines)
{
    screen *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->columns = columns;
    for (; s->lines < lines; s->lines++)
        grow(s);
    return s;
}

void screen_free(screen *s)
{
    free(s->cells);
    free(s->text);
    free(s);
}

static void next_line(screen *s)
{
    s->column = 0;
    if (++s->line < s->lines)
        return;
    grow(s);
    s->scrolled++;
    s->line--;
}

static void put(screen *s, const char *character, size_t length)
{
    if (s->column == s->columns) {
        next_line(s);
        s->wraps++;
    }
    cell *c = &row_of(s, s->line)[s->column++];
    memcpy(c->text, character, length);
    c->text[length] = '\0';
}

static void erase(screen *s, size_t line, size_t column)
{
    memset(row_of(s, line) + column, 0,
           (s->columns - column) * sizeof *s->cells);
}

static void insert_lines(screen *s, size_t count)
{
    for (size_t line = s->lines; line-- > s->line + count;)
        memcpy(row_of(s, line), row_of(s, line - count),
               s->columns * sizeof *s->cells);
    for (size_t i = 0; i < count && s->line + i < s->lines; i++)
        erase(s, s->line + i, 0);
}

/* "[3A" and the like, behind ESC; returns its length. */
static size_t control(screen *s, const char *bytes, size_t length)
{
    size_t end = 1, count;
    while (end < length &&
           (bytes[end] == ';' || (bytes[end] >= '0' && bytes[end] <= '9')))
        end++;
    if (length < 2 || bytes[0] != '[' || end == length)
        fail_msg("a control sequence is torn or unknown: ESC %.*s", (int)length,
                 bytes);
    count = strtoul(bytes + 1, NULL, 10);
    count = count ? count : 1;
    /* At the last column, what was written there would go. */
    if (bytes[end] == 'K' || bytes[end] == 'J')
        assert_true(s->column < s->columns);
    switch (bytes[end]) {
    case 'A':
        s->line -= count < s->line ? count : s->line;
        break;
    case 'B':
        s->line = s->line + count < s->lines ? s->line + count : s->lines - 1;
        break;
    case 'J':
        for (size_t line = s->line + 1; line < s->lines; line++)
            erase(s, line, 0);
        erase(s, s->line, s->column);
        break;
    case 'K':
        erase(s, s->line, s->column);
        break;
    case 'L':
        assert_int_equal(s->column, 0);
        insert_lines(s, count);
        break;
    case 'm':
        s->colored = bytes[1] != '0' || end != 2;
        break;
    default:
        fail_msg("unknown control sequence: ESC %.*s", (int)end + 1, bytes);
    }
    return end + 1;
}

static size_t character_length(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

void screen_write(screen *s, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t size = character_length(bytes[i]);
        if (bytes[i] == '\x1b') {
            size = 1 + control(s, bytes + i + 1, length - i - 1);
        } else if (bytes[i] == '\n') {
            next_line(s);
        } else if (bytes[i] == '\r') {
            s->column = 0;
        } else {
            assert_true((unsigned char)bytes[i] >= ' ');
            assert_true(i + size <= length);
            put(s, bytes + i, size);
        }
        i += size;
    }
}

const char *screen_text(screen *s)
{
    size_t rows = s->scrolled + s->lines, used = 0;
    free(s->text);
    s->text = malloc(rows * (4 * s->columns + 1) + 1);
    assert_non_null(s->text);
    for (size_t row = 0; row < rows; row++) {
        size_t inked = used;
        for (size_t x = 0; x < s->columns; x++) {
            const char *text = s->cells[row * s->columns + x].text;
            size_t length = *text ? strlen(text) : 1;
            memcpy(s->text + used, *text ? text : " ", length);
            used += length;
            if (*text && *text != ' ')
                inked = used;
        }
        used = inked;
        s->text[used++] = '\n';
    }
    while (used > 1 && s->text[used - 2] == '\n')
        used--;
    s->text[used] = '\0';
    return s->text;
}

size_t screen_column(const screen *s)
{
    return s->column;
}

size_t screen_line(const screen *s)
{
    return s->line;
}

size_t screen_wraps(const screen *s)
{
    return s->wraps;
}

bool screen_colored(const screen *s)
{
    return s->colored;
}
