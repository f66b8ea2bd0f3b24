#include "cli/terminal/live.h"

#include "cli/terminal/signals.h"

#include <mnist.h>

#include <stdarg.h>
#include <string.h>

/* From ECMA-48: EL and ED erase from the cursor to the end of the line and of
   the window, CUU and CUD move it up and down, IL inserts lines. */
#define ERASE_LINE "\x1b[K"
#define ERASE_REST "\x1b[J"
#define UP         "\x1b[%zuA"
#define DOWN       "\x1b[%zuB"
#define INSERT     "\x1b[%zuL"

static const char clearing[] = "\r" ERASE_REST;

void cli_live_open(cli_live *live, const cli_terminal *terminal)
{
    live->terminal = terminal;
    live->lines = 0;
    live->page =
        terminal->moves ? fmemopen(live->text, sizeof live->text, "w") : NULL;
}

void cli_live_close(cli_live *live)
{
    cli_live_clear(live);
    if (live->page)
        fclose(live->page);
    live->page = NULL;
}

FILE *cli_live_begin(cli_live *live)
{
    if (!live->page)
        return NULL;
    rewind(live->page);
    return live->page;
}

/* What is sent, put together: it is one write, and stderr has no buffer. */
typedef struct message {
    char *text;
    size_t room, length;
} message;

static message compose(cli_live *live)
{
    return (message){live->sent, sizeof live->sent, 0};
}

static void add(message *m, const char *format, ...) MNIST_PRINTF(2, 3);

static void add(message *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length =
        vsnprintf(m->text + m->length, m->room - m->length, format, args);
    va_end(args);
    if (length > 0)
        m->length += (size_t)length;
    if (m->length >= m->room)
        m->length = m->room - 1;
}

/* Lines over others: what is left of each is erased behind it. */
static void add_lines(message *m, const char *text, size_t length)
{
    for (const char *end = text + length; text < end;) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        size_t bytes = (size_t)((line ? line : end) - text);
        add(m, "%.*s" ERASE_LINE "%s", (int)bytes, text, line ? "\n" : "");
        text += bytes + 1;
    }
}

static void send(const cli_live *live, const message *m)
{
    fwrite(m->text, 1, m->length, live->terminal->out);
    fflush(live->terminal->out);
}

static size_t count_lines(const char *text, size_t length)
{
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Bytes of the page; 0 if there was no room for all. */
static size_t end_page(cli_live *live)
{
    bool whole = fflush(live->page) == 0 && !ferror(live->page);
    long length = ftell(live->page);
    clearerr(live->page);
    /* Some libraries leave out what is too much without a word. */
    whole = whole && length < (long)sizeof live->text - 1;
    return whole && length > 0 ? (size_t)length : 0;
}

/* The last line has no end, which would make the window scroll. */
void cli_live_draw(cli_live *live)
{
    message m = compose(live);
    size_t length = end_page(live);
    size_t lines = count_lines(live->text, length);
    if (lines == 0)
        return;
    add(&m, "\r");
    add_lines(&m, live->text, length - 1);
    add(&m, ERASE_REST);
    if (lines > 1)
        add(&m, UP, lines - 1);
    add(&m, "\r");
    cli_signals_last_words(clearing);
    send(live, &m);
    live->lines = lines;
}

/* Nothing stands any more. */
static void forget(cli_live *live)
{
    live->lines = 0;
    cli_signals_last_words(NULL);
}

void cli_live_keep(cli_live *live)
{
    message m = compose(live);
    size_t length = end_page(live);
    add(&m, "\r");
    add_lines(&m, live->text, length);
    add(&m, ERASE_REST);
    send(live, &m);
    forget(live);
}

/* A single line gives way to them, as all do where the window does not hold
   both. Otherwise what stands is moved down first, where room is made for
   it, so that it need not be drawn again. */
void cli_live_above(cli_live *live, const char *text)
{
    message m = compose(live);
    size_t more = count_lines(text, strlen(text));
    if (live->lines == 0) {
        add(&m, "%s", text);
    } else if (live->lines == 1 ||
               live->lines + more > cli_terminal_height(live->terminal)) {
        add(&m, "%s%s", clearing, text);
        forget(live);
    } else {
        add(&m, "\r" DOWN, live->lines - 1);
        for (size_t i = 0; i < more; i++)
            add(&m, "\n");
        add(&m, UP INSERT "%s", live->lines - 1 + more, more, text);
    }
    send(live, &m);
}

void cli_live_clear(cli_live *live)
{
    message m = compose(live);
    if (live->lines == 0)
        return;
    add(&m, "%s", clearing);
    send(live, &m);
    forget(live);
}
