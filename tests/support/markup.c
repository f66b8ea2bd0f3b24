#include "support/markup.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 32, NAME = 24 };

static void fail_at(const char *at, const char *what)
{
    fail_msg("%s: %.60s", what, at);
}

static bool begins(const char *at, const char *text)
{
    return strncmp(at, text, strlen(text)) == 0;
}

/* Up to `end`: nothing that a parser would stumble over. */
static const char *check_text(const char *at, char end)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;",
                                           "&#39;"};
    for (; *at && *at != end; at++) {
        bool known = *at != '&';
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            known |= begins(at, entities[i]);
        if (!known || *at == '<' || ((unsigned char)*at < 32 && *at != '\n'))
            fail_at(at, "it should be escaped");
    }
    return at;
}

/* A link to a part of the page, or a picture in it. */
static void check_address(const char *page, const char *name, const char *value,
                          size_t length)
{
    char id[64];
    if (strcmp(name, "src") == 0 &&
        (length > 4000000 || !begins(value, "data:image/png;base64,")))
        fail_at(value, "a picture from elsewhere");
    if (strcmp(name, "href") == 0) {
        snprintf(id, sizeof id, " id=\"%.*s\"", (int)length - 1, value + 1);
        if (value[0] != '#' || !strstr(page, id))
            fail_at(value, "a link that leads nowhere");
    }
    if (strcmp(name, "id") == 0) {
        snprintf(id, sizeof id, " id=\"%.*s\"", (int)length, value);
        if (count_text(page, id) != 1)
            fail_at(value, "an id that is there twice");
    }
    if (begins(name, "on"))
        fail_at(value, "a script");
}

/* From behind the name to behind the '>'; *closed: it ends with "/>". */
static const char *check_attributes(const char *page, const char *at,
                                    bool *closed)
{
    char name[NAME];
    while (*at == ' ') {
        size_t length = strcspn(++at, "= >");
        if (length >= NAME || !begins(at + length, "=\""))
            fail_at(at, "an attribute without quotes");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        const char *value = at + length + 2;
        at = check_text(value, '"');
        check_address(page, name, value, (size_t)(at - value));
        at += *at == '"';
    }
    *closed = *at == '/';
    at += *closed;
    if (*at != '>')
        fail_at(at, "a tag does not end");
    return at + 1;
}

static void check_name(const char *at, const char *name)
{
    static const char *const banned[] = {
        "script", "link", "iframe", "object", "embed", "foreignObject", "base"};
    for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
        if (strcmp(name, banned[i]) == 0)
            fail_at(at, "an element that runs or loads something");
}

void assert_whole_page(const char *page)
{
    char open[DEPTH][NAME];
    size_t depth = 0;
    const char *at = page;
    assert_true(begins(page, "<!DOCTYPE html>\n"));
    for (at = strchr(page, '\n'); *(at = check_text(at, '<'));) {
        bool closes = at[1] == '/', closed = false;
        const char *name = at + 1 + closes;
        size_t length = strcspn(name, " />");
        assert_true(length > 0 && length < NAME);
        if (closes) {
            if (depth == 0 || strlen(open[depth - 1]) != length ||
                !begins(name, open[depth - 1]) || name[length] != '>')
                fail_at(at, "it closes what is not open");
            depth--;
            at = name + length + 1;
            continue;
        }
        assert_true(depth < DEPTH);
        snprintf(open[depth], NAME, "%.*s", (int)length, name);
        check_name(at, open[depth]);
        at = check_attributes(page, name + length, &closed);
        /* In a style, '>' and '&' mean something else. */
        if (strcmp(open[depth], "style") == 0)
            at = strstr(at, "</style>");
        depth += !closed;
    }
    assert_int_equal(depth, 0);
    assert_int_equal(count_text(page, "://") + count_text(page, "@import") +
                         count_text(page, "url("),
                     0);
}

double markup_figure(const char *page, const char *name)
{
    char start[80];
    snprintf(start, sizeof start, "<data class=\"%s\" value=\"", name);
    const char *at = strstr(page, start);
    if (!at)
        fail_msg("the page has no figure %s", name);
    return strtod(at + strlen(start), NULL);
}

size_t count_text(const char *page, const char *text)
{
    size_t count = 0;
    while ((page = strstr(page, text))) {
        page += strlen(text);
        count++;
    }
    return count;
}
