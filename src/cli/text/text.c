#include "cli/text/text.h"

#include "cli/text/characters.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The next character of *text, as it is or each byte as \xNN; *text moves
   behind it. Returns the bytes written, at most 8 and a NUL. */
static size_t escape(char out[9], const char **text)
{
    size_t length = cli_character_length(*text), used = 0;
    if (length && !cli_character_controls(*text)) {
        memcpy(out, *text, length);
        used = length;
    } else {
        length = length ? length : 1;
        for (size_t i = 0; i < length; i++)
            used += (size_t)snprintf(out + used, 5, "\\x%02x",
                                     (unsigned)(unsigned char)(*text)[i]);
    }
    out[used] = '\0';
    *text += length;
    return used;
}

char *cli_quote(char out[CLI_QUOTE_MAX], const char *text)
{
    const char *at = text;
    size_t used = 0;
    while (*at && at - text < 64)
        used += escape(out + used, &at);
    snprintf(out + used, 4, "%s", *at ? "..." : "");
    if (out[0] == '\0')
        snprintf(out, 3, "''");
    return out;
}

void cli_print_name(FILE *out, const char *name)
{
    char character[9];
    while (*name) {
        escape(character, &name);
        fputs(character, out);
    }
}

/* Bytes that no shell gives a meaning to. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("_-./:,=@%+", *text))
            return false;
    return true;
}

void cli_print_argument(FILE *out, const char *text)
{
    if (*text && is_plain(text)) {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (; *text; text++) {
        char one[2] = {*text, '\0'};
        if (*text == '\'')
            fputs("'\\''", out);
        else
            cli_print_name(out, one);
    }
    fputc('\'', out);
}

char *cli_float_text(char out[CLI_NUMBER_MAX], float value)
{
    char text[CLI_NUMBER_MAX];
    /* 9 digits tell every float from its neighbours; 6 give back whatever was
       written with 6 or fewer. */
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return memcpy(out, text, sizeof text);
}

char *cli_real_text(char out[CLI_NUMBER_MAX], double value)
{
    char text[CLI_NUMBER_MAX];
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return memcpy(out, text, sizeof text);
}

char *cli_grouped(char out[CLI_NUMBER_MAX], size_t value)
{
    char digits[CLI_NUMBER_MAX];
    int length = snprintf(digits, sizeof digits, "%zu", value);
    char *to = out;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

char *cli_duration(char out[CLI_NUMBER_MAX], double seconds)
{
    if (seconds < 59.95) {
        snprintf(out, CLI_NUMBER_MAX, "%.1f s", seconds);
        return out;
    }
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole < 3600)
        snprintf(out, CLI_NUMBER_MAX, "%lu:%02lu", whole / 60, whole % 60);
    else
        snprintf(out, CLI_NUMBER_MAX, "%lu:%02lu:%02lu", whole / 3600,
                 whole / 60 % 60, whole % 60);
    return out;
}

double cli_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
