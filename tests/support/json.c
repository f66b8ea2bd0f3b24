#include "support/json.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each function takes the text at a value and returns what is behind it, or
   NULL if it is not one. */
static const char *skip_value(const char *s);

static const char *skip_string(const char *s)
{
    if (*s++ != '"')
        return NULL;
    for (; *s != '"'; s++) {
        if ((unsigned char)*s < 0x20)
            return NULL;
        if (*s == '\\' && *++s == 'u') {
            for (int i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*++s))
                    return NULL;
        } else if (s[-1] == '\\' && !(*s && strchr("\"\\/bfnrt", *s))) {
            return NULL;
        }
    }
    return s + 1;
}

static const char *skip_digits(const char *s)
{
    const char *end = s + strspn(s, "0123456789");
    return end > s ? end : NULL;
}

static const char *skip_number(const char *s)
{
    s += *s == '-';
    if (s[0] == '0' && isdigit((unsigned char)s[1]))
        return NULL;
    s = skip_digits(s);
    if (s && *s == '.')
        s = skip_digits(s + 1);
    if (s && (*s == 'e' || *s == 'E'))
        s = skip_digits(s + 1 + (s[1] == '-' || s[1] == '+'));
    return s;
}

/* An object or an array, whose members may hold others. */
static const char *skip_members(const char *s, char end)
{
    if (*++s == end)
        return s + 1;
    for (;;) {
        if (end == '}') {
            s = skip_string(s);
            if (!s || *s++ != ':')
                return NULL;
        }
        s = skip_value(s);
        if (!s || (*s != ',' && *s != end))
            return NULL;
        if (*s++ == end)
            return s;
    }
}

static const char *skip_value(const char *s)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++)
        if (strncmp(s, words[i], strlen(words[i])) == 0)
            return s + strlen(words[i]);
    return *s == '{'   ? skip_members(s, '}')
           : *s == '[' ? skip_members(s, ']')
           : *s == '"' ? skip_string(s)
                       : skip_number(s);
}

bool json_lines_are_valid(const char *text)
{
    while (text && *text) {
        text = *text == '{' ? skip_value(text) : NULL;
        if (!text || *text++ != '\n')
            return false;
    }
    return true;
}

double json_number(const char *text, const char *key)
{
    char quoted[64];
    char *end;
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(text, quoted);
    if (!at)
        fail_msg("no %s in %s", quoted, text);
    at += strlen(quoted);
    double value = strtod(at, &end);
    assert_ptr_not_equal(end, at);
    return value;
}
