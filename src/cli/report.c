#include "cli/report.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Length of the UTF-8 sequence at `s`, or 0 if it is not well-formed.
   Source: The Unicode Standard, table 3-7. */
static size_t utf8_length(const unsigned char *s)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t length;
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return length;
}

size_t cli_character(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0))
        return 0;
    return utf8_length(s);
}

char *cli_quote(char out[CLI_QUOTE_MAX], const char *text)
{
    size_t used = 0, read = 0;
    while (read < 64 && text[read]) {
        size_t length = cli_character(text + read);
        if (length > 0)
            memcpy(out + used, text + read, length);
        else
            snprintf(out + used, 5, "\\x%02x", (unsigned char)text[read]);
        used += length > 0 ? length : 4;
        read += length > 0 ? length : 1;
    }
    snprintf(out + used, 4, "%s", text[read] ? "..." : "");
    if (out[0] == '\0')
        snprintf(out, 3, "''");
    return out;
}

void cli_print_name(FILE *out, const char *name)
{
    while (*name) {
        size_t length = cli_character(name);
        if (length > 0)
            fprintf(out, "%.*s", (int)length, name);
        else
            fprintf(out, "\\x%02x", (unsigned char)*name);
        name += length > 0 ? length : 1;
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

void cli_report_evaluation(FILE *out, const char *prefix,
                           const mnist_evaluation *figures)
{
    fprintf(out, "%sloss %.4f +- %.4f\n", prefix, figures->loss,
            figures->loss_error);
    fprintf(out, "%saccuracy %.4f +- %.4f  %zu/%zu\n", prefix,
            figures->accuracy, figures->accuracy_error, figures->correct,
            figures->count);
}
