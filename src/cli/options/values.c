#include "cli/options/values.h"

#include "cli/options/command.h"
#include "cli/options/nearest.h"
#include "cli/text/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The whole text as digits, without sign or blanks. */
static bool digits_to_count(uint64_t *out, const char *text, const char *end)
{
    uint64_t value = 0;
    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        unsigned digit = (unsigned)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool cli_read_count(uint64_t *out, const char *text)
{
    return digits_to_count(out, text, text + strlen(text));
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* The whole text as a decimal number. strtod alone would also take blanks,
   "nan", "inf" and "0x10". */
bool cli_read_real(double *out, const char *text)
{
    const char *start = text + (*text == '-');
    const char *end = skip_digits(start);
    size_t digits = (size_t)(end - start);
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        digits += (size_t)(end - fraction);
    }
    if (digits == 0)
        return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+');
        end = skip_digits(exponent);
        if (end == exponent)
            return false;
    }
    if (*end != '\0')
        return false;
    *out = strtod(text, NULL);
    return isfinite(*out);
}

/* "7", "2:5", ":5", "2:" or ":". */
static bool read_range(cli_range *out, const char *text)
{
    cli_range range = {.given = true};
    const char *colon = strchr(text, ':');
    const char *end = text + strlen(text);
    if (!colon) {
        if (!digits_to_count(&range.first, text, end) ||
            range.first == UINT64_MAX)
            return false;
        range.end = range.first + 1;
        range.has_first = range.has_end = true;
    } else {
        range.has_first = colon > text;
        range.has_end = colon + 1 < end;
        if (range.has_first && !digits_to_count(&range.first, text, colon))
            return false;
        if (range.has_end && !digits_to_count(&range.end, colon + 1, end))
            return false;
    }
    *out = range;
    return true;
}

void cli_range_bounds(const cli_range *range, size_t *first, size_t *end)
{
    *first =
        range->has_first && range->first < SIZE_MAX ? (size_t)range->first : 0;
    *end =
        range->has_end && range->end < SIZE_MAX ? (size_t)range->end : SIZE_MAX;
}

int cli_range_resolve(const cli_range *range, size_t count, size_t *first,
                      size_t *length)
{
    uint64_t from = range->has_first ? range->first : 0;
    uint64_t to = range->has_end ? range->end : count;
    if (from >= count || to > count)
        return cli_usage("--index: the file holds %zu image%s, numbered from "
                         "0 to %zu",
                         count, count == 1 ? "" : "s", count - 1);
    if (from >= to)
        return cli_usage("--index %" PRIu64 ":%" PRIu64 " is empty: the end is "
                         "not part of a range, so it must be above the start",
                         from, to);
    *first = (size_t)from;
    *length = (size_t)(to - from);
    return CLI_GO;
}

static int bad_count(const cli_option *option, const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    return cli_usage(
        "--%s %s: expected a whole number from %" PRIu64 " to %" PRIu64,
        option->name, cli_quote(quoted, value), option->least, option->most);
}

static int bad_real(const cli_option *option, const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    return cli_usage("--%s %s: expected a number %s %g and %s %g", option->name,
                     cli_quote(quoted, value),
                     option->above ? "above" : "of at least", option->low,
                     option->below ? "below" : "at most", option->high);
}

static int set_count(const cli_option *option, uint64_t *field,
                     const char *value)
{
    uint64_t number;
    if (!cli_read_count(&number, value) || number < option->least ||
        number > option->most)
        return bad_count(option, value);
    *field = number;
    return CLI_GO;
}

static int set_real(const cli_option *option, double *field, const char *value)
{
    double number;
    if (!cli_read_real(&number, value) || number < option->low ||
        number > option->high || (option->above && number == option->low) ||
        (option->below && number == option->high))
        return bad_real(option, value);
    *field = number;
    return CLI_GO;
}

static int set_choice(const cli_option *option, const char **field,
                      const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    cli_nearest search = cli_nearest_to(value);
    for (const char *const *choice = option->choices; *choice; choice++) {
        if (strcmp(*choice, value) == 0) {
            *field = *choice;
            return CLI_GO;
        }
        cli_nearest_offer(&search, *choice);
    }
    cli_quote(quoted, value);
    if (search.best)
        return cli_usage("--%s %s: did you mean %s?", option->name, quoted,
                         search.best);
    return cli_usage("--%s %s: expected %s", option->name, quoted,
                     option->help);
}

static int set_range(const cli_option *option, cli_range *field,
                     const char *value)
{
    char quoted[CLI_QUOTE_MAX];
    if (read_range(field, value))
        return CLI_GO;
    return cli_usage("--%s %s: expected one number, counted from 0, or a range "
                     "like 0:10, :10 or 50: (the end is not part of it)",
                     option->name, cli_quote(quoted, value));
}

const char *cli_kernel_name(size_t i)
{
    return i == 0 ? "auto" : mnist_cpu_list(i - 1, NULL);
}

int cli_value_set(const cli_option *option, void *args, const char *value)
{
    void *field = (char *)args + option->at;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return CLI_GO;
    case CLI_COUNT:
        return set_count(option, field, value);
    case CLI_REAL:
        return set_real(option, field, value);
    case CLI_TEXT:
        if (*value == '\0')
            return cli_usage("--%s: the value is empty, expected %s",
                             option->name, option->value);
        *(const char **)field = value;
        return CLI_GO;
    case CLI_CHOICE:
        return set_choice(option, field, value);
    case CLI_RANGE:
        return set_range(option, field, value);
    }
    return CLI_GO;
}
