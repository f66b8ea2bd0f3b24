#include <mnist/runs.h>

#include "base/json.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

/* The version of the lines; later ones may mean something else. */
enum { VERSION = 1 };

/* ---- What may be compared ---- */

/* The numbers that are looked for: members of the line itself (group NULL), or
   of an object in it. */
typedef enum figure {
    LOSS,
    CROSS_ENTROPY,
    ACCURACY,
    SECONDS,
    TEST_LOSS,
    TEST_CROSS_ENTROPY,
    TEST_ACCURACY,
    KEPT_LOSS,
    KEPT_CROSS_ENTROPY,
    KEPT_ACCURACY,
    KEPT_VAL_LOSS,
    KEPT_VAL_CROSS_ENTROPY,
    KEPT_VAL_ACCURACY,
    FIGURES /* their number; also: none of them */
} figure;

static const struct {
    const char *group, *key;
} figures[FIGURES] = {
    [LOSS] = {NULL, "loss"},
    [CROSS_ENTROPY] = {NULL, "cross_entropy"},
    [ACCURACY] = {NULL, "accuracy"},
    [SECONDS] = {NULL, "seconds"},
    [TEST_LOSS] = {"test", "loss"},
    [TEST_CROSS_ENTROPY] = {"test", "cross_entropy"},
    [TEST_ACCURACY] = {"test", "accuracy"},
    [KEPT_LOSS] = {"kept", "loss"},
    [KEPT_CROSS_ENTROPY] = {"kept", "cross_entropy"},
    [KEPT_ACCURACY] = {"kept", "accuracy"},
    [KEPT_VAL_LOSS] = {"kept", "val_loss"},
    [KEPT_VAL_CROSS_ENTROPY] = {"kept", "val_cross_entropy"},
    [KEPT_VAL_ACCURACY] = {"kept", "val_accuracy"},
};

/* Where a metric stands in the last line of a training, and in an evaluation's.
   Training and validation figures are those of the epoch whose weights were
   kept. */
static const struct {
    mnist_metric told;
    figure trained, evaluated;
} metrics[] = {
    {{"test_accuracy", 1, "points"}, TEST_ACCURACY, ACCURACY},
    {{"test_loss", 0, ""}, TEST_LOSS, LOSS},
    {{"test_cross_entropy", 0, ""}, TEST_CROSS_ENTROPY, CROSS_ENTROPY},
    {{"val_accuracy", 1, "points"}, KEPT_VAL_ACCURACY, FIGURES},
    {{"val_loss", 0, ""}, KEPT_VAL_LOSS, FIGURES},
    {{"val_cross_entropy", 0, ""}, KEPT_VAL_CROSS_ENTROPY, FIGURES},
    {{"train_accuracy", 1, "points"}, KEPT_ACCURACY, FIGURES},
    {{"train_loss", 0, ""}, KEPT_LOSS, FIGURES},
    {{"train_cross_entropy", 0, ""}, KEPT_CROSS_ENTROPY, FIGURES},
    {{"seconds", 0, "s"}, SECONDS, SECONDS},
};

enum { METRICS = sizeof metrics / sizeof *metrics };

const mnist_metric *mnist_metric_get(size_t i)
{
    return i < METRICS ? &metrics[i].told : NULL;
}

/* ---- One line ---- */

/* The members of a line that have a meaning here; seen bit by bit. */
typedef struct facts {
    const char *command, *event; /* NULL if not there */
    uint64_t version, seed;
    bool has_version, has_seed, resumed;
    double value[FIGURES];
    uint32_t seen, is_number; /* bit f: of figure f; what is not is null */
} facts;

static bool fail_twice(mnist_json *json, size_t at)
{
    return mnist_json_fail(json, at, "each member only once");
}

/* A number up to 2^64 - 1. */
static bool read_count(mnist_json *json, uint64_t *out)
{
    const char *text;
    size_t length;
    if (!mnist_json_number(json, &text, &length))
        return false;
    if (!mnist_text_u64(out, text, length))
        return mnist_json_fail(json, json->at - length, "a whole number");
    return true;
}

static bool read_figure(mnist_json *json, facts *f, figure which)
{
    const char *text;
    size_t length;
    if (f->seen >> which & 1)
        return fail_twice(json, json->at);
    f->seen |= (uint32_t)1 << which;
    if (mnist_json_null(json))
        return true;
    if (!mnist_json_number(json, &text, &length))
        return false;
    f->is_number |= (uint32_t)1 << which;
    if (!mnist_text_real(&f->value[which], text, length))
        return mnist_json_fail(json, json->at - length,
                               "a number that a double holds");
    return true;
}

static figure find_figure(const char *group, const char *key)
{
    size_t i = 0;
    while (i < FIGURES && (!group != !figures[i].group ||
                           (group && strcmp(group, figures[i].group) != 0) ||
                           strcmp(key, figures[i].key) != 0))
        i++;
    return (figure)i;
}

/* The figures of a group; null has none. */
static bool read_group(mnist_json *json, facts *f, const char *group)
{
    bool more;
    if (mnist_json_null(json))
        return true;
    if (!mnist_json_open(json, '{'))
        return false;
    while (mnist_json_next(json, '}', &more)) {
        const char *key;
        if (!more)
            return true;
        if (!mnist_json_key(json, &key))
            return false;
        figure which = find_figure(group, key);
        if (!(which < FIGURES ? read_figure(json, f, which)
                              : mnist_json_skip(json)))
            return false;
    }
    return false;
}

static bool read_text(mnist_json *json, const char **out)
{
    return *out ? fail_twice(json, json->at) : mnist_json_string(json, out);
}

static bool read_once(mnist_json *json, uint64_t *out, bool *has)
{
    if (*has)
        return fail_twice(json, json->at);
    *has = true;
    return read_count(json, out);
}

static bool read_member(mnist_json *json, facts *f, const char *key)
{
    figure which = find_figure(NULL, key);
    if (which < FIGURES)
        return read_figure(json, f, which);
    if (strcmp(key, "test") == 0 || strcmp(key, "kept") == 0)
        return read_group(json, f, key);
    if (strcmp(key, "command") == 0)
        return read_text(json, &f->command);
    if (strcmp(key, "event") == 0)
        return read_text(json, &f->event);
    if (strcmp(key, "version") == 0)
        return read_once(json, &f->version, &f->has_version);
    if (strcmp(key, "seed") == 0)
        return read_once(json, &f->seed, &f->has_seed);
    f->resumed |= strcmp(key, "resumed") == 0;
    return mnist_json_skip(json);
}

static bool read_members(mnist_json *json, facts *f)
{
    bool more;
    if (!mnist_json_open(json, '{'))
        return false;
    while (mnist_json_next(json, '}', &more)) {
        const char *key;
        if (!more)
            return mnist_json_end(json);
        if (!mnist_json_key(json, &key) || !read_member(json, f, key))
            return false;
    }
    return false;
}

/* ---- A file ---- */

typedef struct reader {
    mnist_lines lines;
    char *room; /* for the strings of a line */
    size_t room_size;
    size_t metric;   /* its number */
    mnist_runs runs; /* so far */
    size_t most;     /* runs that there is memory for */
    bool begun;      /* a training that did not end yet */
    mnist_error *err;
} reader;

static mnist_status out_of_memory(const reader *r)
{
    return mnist_fail(r->err, MNIST_ERROR_MEMORY, "%s: out of memory",
                      r->lines.source.name);
}

static mnist_status fail_json(const reader *r, const mnist_json *json)
{
    char found[MNIST_QUOTE_MAX] = "the end of the line";
    size_t left = json->length - json->at;
    if (left > 0)
        mnist_quote(found, json->text + json->at, left < 24 ? left : 24);
    return mnist_fail(r->err, MNIST_ERROR_DATA,
                      "%s: line %zu, byte %zu: found %s, expected %s; give "
                      "the output of mnist train --json or mnist eval --json",
                      r->lines.source.name, r->lines.number, json->at, found,
                      json->expected);
}

static mnist_status fail_line(const reader *r, const char *found)
{
    char quoted[MNIST_QUOTE_MAX];
    return mnist_fail(r->err, MNIST_ERROR_DATA,
                      "%s: line %zu is of %s, expected lines of mnist train "
                      "--json or mnist eval --json",
                      r->lines.source.name, r->lines.number,
                      mnist_quote(quoted, found, strlen(found)));
}

static mnist_status add_run(reader *r, mnist_run run)
{
    if (r->runs.count == r->most) {
        size_t most = r->most ? 2 * r->most : 64;
        mnist_run *larger = mnist_alloc(most, sizeof *larger);
        if (!larger)
            return out_of_memory(r);
        if (r->runs.count)
            memcpy(larger, r->runs.run, r->runs.count * sizeof *larger);
        mnist_free(r->runs.run);
        r->runs.run = larger;
        r->most = most;
    }
    r->runs.run[r->runs.count++] = run;
    return MNIST_OK;
}

/* The run that a line tells the end of. */
static mnist_status take_run(reader *r, const facts *f, figure which)
{
    const char *metric = metrics[r->metric].told.name;
    const char *why = which == FIGURES               ? "an evaluation has none"
                      : !(f->seen >> which & 1)      ? "it is not there"
                      : !(f->is_number >> which & 1) ? "it is null"
                                                     : NULL;
    if (why)
        return mnist_fail(r->err, MNIST_ERROR_DATA,
                          "%s: line %zu: this run has no %s (%s); choose "
                          "another --metric",
                          r->lines.source.name, r->lines.number, metric, why);
    return add_run(r, (mnist_run){.value = f->value[which],
                                  .seed = f->seed,
                                  .has_seed = f->has_seed,
                                  .line = r->lines.number});
}

static mnist_status take_training(reader *r, const facts *f)
{
    const char *event = f->event ? f->event : "";
    if (strcmp(event, "start") == 0) {
        r->runs.unfinished += r->begun && !f->resumed;
        r->begun = true;
    } else if (strcmp(event, "done") == 0) {
        r->begun = false;
        return take_run(r, f, metrics[r->metric].trained);
    }
    return MNIST_OK;
}

static mnist_status take_line(reader *r, const char *line, size_t length)
{
    facts f = {0};
    mnist_json json;
    mnist_json_start(&json, line, length, r->room);
    if (mnist_json_end(&json)) /* an empty line */
        return MNIST_OK;
    mnist_json_start(&json, line, length, r->room);
    if (!read_members(&json, &f))
        return fail_json(r, &json);
    if (!f.command || !f.has_version)
        return fail_line(r, "another program (it has no version or command)");
    if (f.version != VERSION)
        return fail_line(r, "a later version of mnist than this one");
    if (strcmp(f.command, "train") == 0)
        return take_training(r, &f);
    if (strcmp(f.command, "eval") == 0)
        return take_run(r, &f, metrics[r->metric].evaluated);
    return fail_line(r, f.command);
}

static mnist_status read_lines(reader *r)
{
    for (;;) {
        const char *line;
        size_t length;
        mnist_status status =
            mnist_lines_next(&r->lines, &line, &length, r->err);
        if (status || !line)
            return status;
        if (length > r->room_size) {
            mnist_free(r->room);
            r->room_size = length;
            r->room = mnist_alloc(length, 1);
            if (!r->room)
                return out_of_memory(r);
        }
        status = take_line(r, line, length);
        if (status)
            return status;
    }
}

static mnist_status read_file(reader *r)
{
    mnist_status status = read_lines(r);
    if (status)
        return status;
    r->runs.unfinished += r->begun;
    if (r->runs.count == 0)
        return mnist_fail(r->err, MNIST_ERROR_DATA,
                          "%s: no run ends in it%s; give the output of mnist "
                          "train --json or mnist eval --json",
                          r->lines.source.name,
                          r->lines.number ? "" : ", it is empty");
    return MNIST_OK;
}

mnist_status mnist_runs_read(mnist_runs *out, const char *path,
                             const char *metric, mnist_error *err)
{
    reader r = {.err = err};
    while (r.metric < METRICS &&
           strcmp(metrics[r.metric].told.name, metric) != 0)
        r.metric++;
    if (r.metric == METRICS) {
        char quoted[MNIST_QUOTE_MAX];
        return mnist_fail(err, MNIST_ERROR_ARGUMENT, "no metric is called %s",
                          mnist_quote(quoted, metric, strlen(metric)));
    }
    mnist_status status =
        mnist_lines_open(&r.lines, path, MNIST_RUNS_MAX_LINE, err);
    if (status)
        return status;
    status = read_file(&r);
    if (status)
        mnist_runs_free(&r.runs);
    else
        *out = r.runs;
    mnist_free(r.room);
    mnist_lines_close(&r.lines);
    return status;
}

void mnist_runs_free(mnist_runs *runs)
{
    mnist_free(runs->run);
}
