#include "cli/terminal/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return !term || !*term || strcmp(term, "dumb") == 0;
}

static bool set_to(const char *variable, const char *value)
{
    const char *text = getenv(variable);
    return text && strcmp(text, value) == 0;
}

/* no-color.org: set and not empty. */
static bool no_color_asked(void)
{
    const char *text = getenv("NO_COLOR");
    return text && *text;
}

static bool wants_color(const cli_common *common, bool person, bool dumb)
{
    if (common->no_color || strcmp(common->color, "never") == 0)
        return false;
    if (strcmp(common->color, "always") == 0)
        return true;
    return person && !dumb && !no_color_asked();
}

size_t cli_terminal_width(const cli_terminal *terminal)
{
    struct winsize size;
    if (terminal->person &&
        ioctl(fileno(terminal->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    if (columns) {
        char *end;
        unsigned long value = strtoul(columns, &end, 10);
        if (*end == '\0' && value > 0 && value <= 10000)
            return value;
    }
    return 80;
}

size_t cli_terminal_height(const cli_terminal *terminal)
{
    struct winsize size;
    if (terminal->person &&
        ioctl(fileno(terminal->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
        return size.ws_row;
    return 24;
}

size_t cli_terminal_room(const cli_terminal *terminal)
{
    size_t width = terminal->person ? cli_terminal_width(terminal) : 0;
    return width > 1 ? width - 1 : width;
}

cli_terminal cli_terminal_of(FILE *out, const cli_common *common)
{
    bool dumb = is_dumb();
    cli_terminal terminal = {.out = out, .person = isatty(fileno(out))};
    terminal.moves = terminal.person && !dumb;
    terminal.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (wants_color(common, terminal.person, dumb))
        terminal.color =
            set_to("COLORTERM", "truecolor") || set_to("COLORTERM", "24bit")
                ? CLI_COLOR_TRUE
                : CLI_COLOR_256;
    terminal.style = terminal.utf8 ? CLI_STYLE_HALF : CLI_STYLE_ASCII;
    terminal.width = cli_terminal_width(&terminal);
    return terminal;
}

void cli_terminal_bar(const cli_terminal *terminal, double fraction,
                      size_t cells)
{
    /* U+258F, one eighth, to U+2589, seven eighths; U+2588 is the whole. */
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    size_t units = terminal->utf8 ? 8 : 1;
    size_t filled = (size_t)(fraction * (double)(cells * units) + 0.5);
    if (filled > cells * units)
        filled = cells * units;
    if (filled > 0)
        fputs("  ", terminal->out);
    for (size_t i = 0; i < filled / units; i++)
        fputs(terminal->utf8 ? "█" : "#", terminal->out);
    if (terminal->utf8)
        fputs(parts[filled % units], terminal->out);
}
