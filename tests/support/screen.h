/*
 * A terminal's screen, as what a program wrote leaves it: the characters of
 * UTF-8, each one column wide, and of the control sequences those that this
 * program uses. Any other fails the test.
 */
#ifndef SUPPORT_SCREEN_H
#define SUPPORT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct screen screen;

screen *screen_new(size_t columns, size_t lines);
void screen_free(screen *s);

/* Takes bytes as they come from a program that writes "\n" for the end of a
   line, or from a terminal, which has made "\r\n" of it. */
void screen_write(screen *s, const char *bytes, size_t length);

/* All lines from the first that scrolled out to the last that is not blank,
   each ended, blanks at their ends and colours left out. Lent until the next
   call. */
const char *screen_text(screen *s);

/* Where the cursor is, counted from 0. */
size_t screen_column(const screen *s);
size_t screen_line(const screen *s);

/* How many lines were broken for being too long; whether colours are on. */
size_t screen_wraps(const screen *s);
bool screen_colored(const screen *s);

#endif
