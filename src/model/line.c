#include "model/line.h"

#include "base/text.h"

#include <string.h>

/* More than there are kinds of layers. */
enum { KINDS_MAX = 32 };

/* The keywords that may begin a layer, for messages. */
static size_t list_keywords(const char *keyword[KINDS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < KINDS_MAX; i++) {
        const mnist_layer_kind *kind = mnist_layer_kind_at(i);
        if (kind && !kind->activation)
            keyword[count++] = kind->keyword;
    }
    return count;
}

char *mnist_line_shown(char out[MNIST_LINE_SHOWN], const char *line)
{
    size_t i = 0;
    for (; line[i] && i + 1 < MNIST_LINE_SHOWN; i++)
        out[i] = (char)(line[i] >= 0x20 && line[i] < 0x7f ? line[i] : '?');
    out[i] = '\0';
    return out;
}

static mnist_status fail_unknown(const char *line, mnist_field keyword,
                                 mnist_error *err)
{
    const char *known[KINDS_MAX];
    char quoted[MNIST_QUOTE_MAX], shown[MNIST_LINE_SHOWN];
    size_t count = list_keywords(known);
    mnist_quote(quoted, keyword.text, keyword.length);
    const char *near = mnist_nearest(quoted, known, count);
    size_t column = (size_t)(keyword.text - line) + 1;
    mnist_fail(err, MNIST_ERROR_ARGUMENT,
               "network \"%s\", column %zu: \"%.64s\" is no layer; %s%s, "
               "for instance dense:512:relu",
               mnist_line_shown(shown, line), column, quoted,
               near ? "did you mean " : "layers begin with ",
               near ? near : known[0]);
    return mnist_line_blame(column, err);
}

/* Cuts text at the next ':' or at `end`; *text moves behind it, or to NULL. */
static mnist_field next_field(const char **text, const char *end)
{
    const char *start = *text;
    const char *stop = memchr(start, ':', (size_t)(end - start));
    *text = stop ? stop + 1 : NULL;
    return (mnist_field){start, (size_t)((stop ? stop : end) - start)};
}

mnist_status mnist_line_blame(size_t column, mnist_error *err)
{
    if (err && err->column == 0)
        err->column = column;
    return MNIST_ERROR_ARGUMENT;
}

mnist_status mnist_line_next(const char *line, const char **cursor,
                             mnist_line_layer *out, mnist_error *err)
{
    const char *text = *cursor, *end = text + strcspn(text, ",");
    mnist_line_layer layer = {.keyword = next_field(&text, end)};
    layer.fields.line = line;
    layer.fields.end = end;
    layer.kind = mnist_layer_find(layer.keyword.text, layer.keyword.length);
    if (!layer.kind || layer.kind->activation)
        return fail_unknown(line, layer.keyword, err);
    while (text) {
        if (layer.fields.count == MNIST_FIELDS_MAX) {
            char shown[MNIST_LINE_SHOWN];
            size_t column = (size_t)(text - line) + 1;
            mnist_fail(err, MNIST_ERROR_ARGUMENT,
                       "network \"%s\", column %zu: more than %d fields; "
                       "expected %s",
                       mnist_line_shown(shown, line), column, MNIST_FIELDS_MAX,
                       layer.kind->grammar);
            return mnist_line_blame(column, err);
        }
        layer.fields.field[layer.fields.count++] = next_field(&text, end);
    }
    *cursor = *end ? end + 1 : NULL;
    *out = layer;
    return MNIST_OK;
}
