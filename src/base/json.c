#include "base/json.h"

#include <string.h>

void mnist_json_start(mnist_json *json, const void *text, size_t length,
                      char *room)
{
    *json = (mnist_json){.text = text, .length = length, .room = room};
}

bool mnist_json_fail(mnist_json *json, size_t at, const char *expected)
{
    json->at = at;
    json->expected = expected;
    return false;
}

/* The next byte, or -1 at the end. */
static int peek(const mnist_json *json)
{
    return json->at < json->length ? json->text[json->at] : -1;
}

static void skip_white(mnist_json *json)
{
    int c = peek(json);

    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        json->at++;
        c = peek(json);
    }
}

static bool take(mnist_json *json, char c, const char *expected)
{
    skip_white(json);
    if (peek(json) != c)
        return mnist_json_fail(json, json->at, expected);
    json->at++;
    return true;
}

bool mnist_json_open(mnist_json *json, char bracket)
{
    json->first = true;
    return take(json, bracket, bracket == '{' ? "'{'" : "'['");
}

bool mnist_json_next(mnist_json *json, char closing, bool *more)
{
    bool first = json->first;

    json->first = false;
    skip_white(json);
    *more = peek(json) != closing;
    if (!*more) {
        json->at++;
        return true;
    }
    if (!first &&
        !take(json, ',', closing == '}' ? "',' or '}'" : "',' or ']'"))
        return false;
    skip_white(json);
    return true;
}

bool mnist_json_key(mnist_json *json, const char **out)
{
    return mnist_json_string(json, out) && take(json, ':', "':'");
}

/* Length of the UTF-8 sequence at s, or 0 if it is none: cut short, longer than
   need be, a surrogate, or above U+10FFFF. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    /* The second byte has a range of its own for these first bytes. */
    unsigned low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4 || length > left)
        return 0;
    if (length > 1 && (s[1] < low || s[1] > high))
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    }
    return length;
}

static void put_utf8(mnist_json *json, uint32_t code)
{
    if (code < 0x80) {
        *json->room++ = (char)code;
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    uint32_t mark = more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
    *json->room++ = (char)(unsigned char)(mark | code >> (6 * more));
    while (more-- > 0)
        *json->room++ =
            (char)(unsigned char)(0x80 | ((code >> (6 * more)) & 0x3f));
}

/* The four digits of \uXXXX, standing at the 'u'. */
static bool take_hex(mnist_json *json, uint32_t *code)
{
    size_t start = json->at - 1;

    json->at++;
    *code = 0;
    for (int i = 0; i < 4; i++, json->at++) {
        int c = peek(json);
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (uint32_t)((c | 32) - 'a' + 10);
        else
            return mnist_json_fail(json, start, "\\u with four digits");
        *code = *code << 4 | digit;
    }
    return true;
}

static bool take_unicode(mnist_json *json)
{
    size_t start = json->at - 1;
    uint32_t code, low = 0;

    if (!take_hex(json, &code))
        return false;
    if (code == 0)
        return mnist_json_fail(json, start, "text without NUL");
    if (code >= 0xd800 && code < 0xe000) {
        bool pair = code < 0xdc00 && peek(json) == '\\';
        json->at++;
        if (!pair || peek(json) != 'u')
            return mnist_json_fail(json, start, "a pair of surrogates");
        if (!take_hex(json, &low))
            return false;
        if (low < 0xdc00 || low >= 0xe000)
            return mnist_json_fail(json, start, "a pair of surrogates");
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
    }
    put_utf8(json, code);
    return true;
}

/* What follows a backslash. */
static bool take_escape(mnist_json *json)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    int c = peek(json);

    if (c == 'u')
        return take_unicode(json);
    const char *name = c > 0 ? strchr(names, c) : NULL;
    if (!name)
        return mnist_json_fail(json, json->at - 1, "an escape of JSON");
    *json->room++ = values[name - names];
    json->at++;
    return true;
}

bool mnist_json_string(mnist_json *json, const char **out)
{
    const char *start = json->room;

    if (!take(json, '"', "'\"'"))
        return false;
    for (int c = peek(json); c != '"'; c = peek(json)) {
        if (c < 0x20)
            return mnist_json_fail(json, json->at, "the '\"' of a string");
        if (c == '\\') {
            json->at++;
            if (!take_escape(json))
                return false;
            continue;
        }
        size_t bytes =
            utf8_length(json->text + json->at, json->length - json->at);
        if (bytes == 0)
            return mnist_json_fail(json, json->at, "UTF-8");
        memcpy(json->room, json->text + json->at, bytes);
        json->room += bytes;
        json->at += bytes;
    }
    json->at++;
    *json->room++ = '\0';
    *out = start;
    return true;
}

bool mnist_json_integer(mnist_json *json, uint64_t *out)
{
    static const char expected[] = "a whole number from 0 to 2^48-1";
    uint64_t value = 0;

    skip_white(json);
    size_t start = json->at;
    for (int c = peek(json); c >= '0' && c <= '9'; c = peek(json)) {
        value = value * 10 + (uint64_t)(c - '0');
        if (value >= MNIST_JSON_INTEGER_END)
            return mnist_json_fail(json, start, expected);
        json->at++;
    }
    size_t digits = json->at - start;
    if (digits == 0 || (digits > 1 && json->text[start] == '0'))
        return mnist_json_fail(json, start, expected);
    /* 1.0 and 1e2 would otherwise be told as a missing comma. */
    int c = peek(json);
    if (c == '.' || c == 'e' || c == 'E')
        return mnist_json_fail(json, start, expected);
    *out = value;
    return true;
}

/* How many digits stand there; they are taken. */
static size_t take_digits(mnist_json *json)
{
    size_t start = json->at;

    for (int c = peek(json); c >= '0' && c <= '9'; c = peek(json))
        json->at++;
    return json->at - start;
}

bool mnist_json_number(mnist_json *json, const char **out, size_t *length)
{
    static const char expected[] = "a number";

    skip_white(json);
    size_t start = json->at;
    if (peek(json) == '-')
        json->at++;
    size_t first = json->at, digits = take_digits(json);
    if (digits == 0 || (json->text[first] == '0' && digits > 1))
        return mnist_json_fail(json, start, expected);
    if (peek(json) == '.') {
        json->at++;
        if (take_digits(json) == 0)
            return mnist_json_fail(json, start, expected);
    }
    if (peek(json) == 'e' || peek(json) == 'E') {
        json->at++;
        if (peek(json) == '+' || peek(json) == '-')
            json->at++;
        if (take_digits(json) == 0)
            return mnist_json_fail(json, start, expected);
    }
    *out = (const char *)json->text + start;
    *length = json->at - start;
    return true;
}

static bool take_word(mnist_json *json, const char *word)
{
    size_t length = strlen(word);

    if (json->length - json->at < length ||
        memcmp(json->text + json->at, word, length) != 0)
        return false;
    json->at += length;
    return true;
}

bool mnist_json_null(mnist_json *json)
{
    skip_white(json);
    return take_word(json, "null");
}

/* A value without others in it. */
static bool skip_plain(mnist_json *json)
{
    const char *text;
    size_t length;

    if (peek(json) == '"')
        return mnist_json_string(json, &text);
    if (peek(json) == '-' || (peek(json) >= '0' && peek(json) <= '9'))
        return mnist_json_number(json, &text, &length);
    if (take_word(json, "true") || take_word(json, "false") ||
        take_word(json, "null"))
        return true;
    return mnist_json_fail(json, json->at, "a value");
}

/* Goes behind what ends at `at`, and behind each bracket that ends there, to
   the next value; *depth is then 0 if there is none. Bit d of `arrays` says
   what the bracket at depth d + 1 is. */
static bool skip_on(mnist_json *json, uint32_t arrays, unsigned *depth)
{
    const char *key;
    bool more;

    while (*depth > 0) {
        bool array = arrays >> (*depth - 1) & 1;
        if (!mnist_json_next(json, array ? ']' : '}', &more))
            return false;
        if (more)
            return array || mnist_json_key(json, &key);
        --*depth;
    }
    return true;
}

bool mnist_json_skip(mnist_json *json)
{
    uint32_t arrays = 0;
    unsigned depth = 0;
    char *room = json->room;

    do {
        skip_white(json);
        int c = peek(json);
        if (c != '{' && c != '[') {
            if (!skip_plain(json))
                return false;
        } else if (depth == MNIST_JSON_DEPTH) {
            return mnist_json_fail(json, json->at, "at most 32 levels");
        } else {
            arrays &= ~((uint32_t)1 << depth);
            arrays |= (uint32_t)(c == '[') << depth++;
            mnist_json_open(json, (char)c);
        }
        if (!skip_on(json, arrays, &depth))
            return false;
        json->room = room; /* no text of what is passed over is kept */
    } while (depth > 0);
    return true;
}

bool mnist_json_end(mnist_json *json)
{
    skip_white(json);
    if (json->at < json->length)
        return mnist_json_fail(json, json->at, "the end");
    return true;
}

char *mnist_json_quote(char *out, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *from = (const unsigned char *)text;
    size_t left = strlen(text);

    *out++ = '"';
    while (left > 0) {
        size_t bytes = utf8_length(from, left);
        if (bytes == 0) {
            memcpy(out, "\xef\xbf\xbd", 3);
            out += 3;
            bytes = 1;
        } else if (*from < 0x20) {
            memcpy(out, "\\u00", 4);
            out[4] = hex[*from >> 4];
            out[5] = hex[*from & 15];
            out += 6;
        } else {
            if (*from == '"' || *from == '\\')
                *out++ = '\\';
            memcpy(out, from, bytes);
            out += bytes;
        }
        from += bytes;
        left -= bytes;
    }
    *out++ = '"';
    return out;
}
